"""The engine with modelled children: a run as it will be, as the lines of its log.

The lines come from the engine's own steps, through the code that writes the log. So they are what the log has when the
children behave as their models do.
"""

from __future__ import annotations

import heapq
from functools import cached_property
from typing import TYPE_CHECKING

import attrs

from sigroute.pid1.engine import effects as fx
from sigroute.pid1.engine import events as ev
from sigroute.pid1.engine.life import BACKING_OFF, EXITED, LINGERING, RUNNING
from sigroute.pid1.engine.step import wake
from sigroute.pid1.kernel.conditions import holds, is_path
from sigroute.pid1.kernel.variables import environment
from sigroute.pid1.log import narrate
from sigroute.pid1.names import STANDARD
from sigroute.simulate.model import names_of, never_up
from sigroute.simulate.processes import FIRST_PID, ME
from sigroute.simulate.world import World

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sigroute.pid1.engine.effects import Effect
    from sigroute.pid1.engine.events import Event
    from sigroute.pid1.engine.state import State
    from sigroute.pid1.plan import Plan
    from sigroute.simulate.model import Model
    from sigroute.simulate.processes import Process
    from sigroute.timeline import Line

TERM = STANDARD["TERM"]

#: Signals that ask no process to exit: KILL does not ask, CONT and STOP only have it go on or wait.
NO_REQUESTS = frozenset(STANDARD[name] for name in ("KILL", "CONT", "STOP"))

#: The senders that a signal may have, that of most first.
SENDERS = ("outside", "inside", "tty")

#: A run is not followed longer than so many milliseconds after its last signal, nor for more steps: it may never end.
HORIZON = 366 * 24 * 3_600_000
MOST_STEPS = 50_000

#: The limit while neither a stop nor an action is under way: a child may crash again and again.
FOLLOWED = 10 * 60_000


@attrs.frozen
class Arrival:
    """A signal that is to arrive."""

    signal: int
    sender: str
    at: int | None = None
    """Milliseconds after the start, or, if ``later``, after the signal before it. None: once the start is over."""
    later: bool = False


class Play(World):
    """A run with modelled children, and the lines of its log so far."""

    def __init__(self, plan: Plan, models: Sequence[Model], environ: dict[bytes, bytes]) -> None:
        super().__init__(plan)
        self.last_pid = FIRST_PID + 1_000 + 10 * len(plan.children)
        self.models = models
        self.environ = environ
        self.lines: list[Line] = []
        self.watchers.append(self._note)
        self.steps = 0
        #: It was not followed to the end of what happens.
        self.unfollowed = False
        #: What the children will do by themselves: when, a number that keeps the order, and what.
        self._agenda: list[tuple[int, int, Callable[[], None]]] = []
        self._number = 0
        #: The processes that have been asked to exit, and daemons with their models, by their unique start.
        self._asked: set[int] = set()
        self._daemons: dict[int, Model] = {}
        #: By a child's process: the rest of its tree, which outlives it.
        self._trees: dict[int, Process] = {}
        #: By child: when its connections are busy no more; None: never.
        self._idle_at: dict[int, int | None] = {}

    def start(self) -> None:
        """Start, and go on until the start is over."""
        self.feed(ev.Begin())
        self.go_on(self.now + HORIZON, lambda: not self.is_up())

    def run(self, arrivals: Sequence[Arrival]) -> None:
        """Start, let the signals arrive, and go on until the end, or until nothing more will happen."""
        self.feed(ev.Begin())
        for arrival in arrivals:
            if arrival.at is None:
                self.go_on(self.now + HORIZON, lambda: not self.is_up())
            else:
                self.go_on(arrival.at + (self.now if arrival.later else 0))
            if self.code is None:
                inside = arrival.sender == "inside"
                self.feed(ev.Signal(signal=arrival.signal, sender=arrival.sender, pid=ME if inside else 0))
        self.go_on(self.now + HORIZON, lambda: self.state.stop is not None or self._is_under_way() or not self.is_up())
        if self.state.stop is None:
            self.go_on(self.now + FOLLOWED, lambda: bool(self._agenda) or self._comes_back())
            self.go_on(self.now + HORIZON, lambda: self.state.stop is not None)

    def go_on(self, until: int, more: Callable[[], bool] | None = None) -> None:
        """Let time pass up to a moment.

        :param more: whether to go on; None: go on up to that moment. Whatever is due in this millisecond is done
            first.
        """
        limit = self.steps + MOST_STEPS
        while self.code is None:
            if self.steps >= limit:
                self.unfollowed = True
                return
            if any(process.state == "Z" for process in self.processes.values()):
                self.reap()
                continue
            due = wake(self.state)
            times = [each for each in (due, self._agenda[0][0] if self._agenda else None) if each is not None]
            if not times or min(times) > until:
                break
            if more is not None and min(times) > self.now and not more():
                break
            self.now = max(self.now, min(times))
            self.steps += 1
            if self._agenda and self._agenda[0][0] <= self.now:
                heapq.heappop(self._agenda)[2]()
            else:
                self.feed(ev.Tick())
        if self.code is None and more is None:
            self.now = max(self.now, until)

    def is_up(self) -> bool:
        """Tell whether the start is over: nobody waits to be started, to become its program or to be ready."""
        return self.state.next_untried >= len(self.plan.children) and not any(
            self._is_coming(index) for index in range(len(self.plan.children))
        )

    def _is_coming(self, index: int) -> bool:
        child, rules = self.state.children[index], self.plan.children[index]
        if child.phase in (EXITED, LINGERING) or index in self._never_up or (rules.task is not None and child.done):
            return False
        if rules.task is not None:
            return not rules.task.at_end
        process = self.processes.get(child.pid)
        if process is None or (rules.needed and rules.ready is None and child.phase != RUNNING):
            return True
        becomes = bool(rules.program) and self.models[index].starting is not None
        waits = becomes and not set(process.names) & set(names_of(rules.program))
        return waits or ((rules.ready is not None or rules.needed) and not child.ready)

    @cached_property
    def _never_up(self) -> frozenset[int]:
        """The children that will never be up, and so those that need them."""
        found = {index for index, each in enumerate(self.models) if never_up(each, self.plan.children[index])}
        while True:
            more = {index for index, each in enumerate(self.plan.children) if found & set(each.needs)} - found
            if not more:
                return frozenset(found)
            found |= more

    def _comes_back(self) -> bool:
        return any(child.phase == BACKING_OFF for child in self.state.children)

    def _is_under_way(self) -> bool:
        return any(child.progress or child.held for child in self.state.children)

    def _note(self, before: State, event: Event, after: State, effects: list[Effect]) -> None:
        if after.stop is not None and after.stop.tell_at is not None:  # what is still there is seen without that
            self.state = after.but(stop=after.stop.but(tell_at=None))
        told = [narrate.of_event(self.plan, before, event), *(narrate.of_effect(self.plan, each) for each in effects)]
        self.lines += [(self.now, name, fields) for each in told if each is not None for _, name, fields in [each]]

    def _later(self, after: int | None, do: Callable[[], None]) -> None:
        if after is not None:
            self._number += 1
            heapq.heappush(self._agenda, (self.now + after, self._number, do))

    def _end(self, process: Process, after: int | None, code: int, *, in_stop: bool = True) -> None:
        """Have a process exit after so many milliseconds."""

        def end() -> None:
            if self._lives(process) and (in_stop or self.state.stop is None):
                self.die(process, code)

        self._later(after, end)

    def spawn(self, effect: fx.Spawn | fx.Run | fx.Decide) -> Event:
        """Start a child or a command, and have it do what its model says."""
        answer = super().spawn(effect)
        if isinstance(answer, ev.Spawned):
            self._live(self.processes[answer.pid], answer.child)
        elif isinstance(answer, ev.RunStarted):
            after, code = self._run_of(effect)
            self._end(self.processes[answer.pid], after, code)
        return answer

    def _live(self, process: Process, index: int) -> None:
        """Begin the life of a child."""
        model, rules = self.models[index], self.plan.children[index]
        if rules.program:
            self._later(model.starting, lambda: setattr(process, "names", names_of(rules.program)))
            if model.starting == 0:
                process.names = names_of(rules.program)
        if rules.ready is not None and rules.ready.listen:
            listen = rules.ready.listen
            self._later(model.ready, lambda: self.listening.add(listen))
        if rules.ready is not None and rules.ready.is_told():
            self._later(model.ready, lambda: self._say_ready(process, index))
        self._end(process, model.ends, model.end_code, in_stop=model.ends_in_stop)
        if rules.tree and model.tree != 0:
            member = self.fork(process, alone=False)
            if member is not None:
                self._trees[process.start] = member
        if model.leaves:
            daemon = self.new(ME)
            if daemon is not None:
                self._daemons[daemon.start] = model

    def _lives(self, process: Process) -> bool:
        return self.processes.get(process.pid) is process and process.state != "Z"

    def _say_ready(self, process: Process, index: int) -> None:
        if self._lives(process):
            sender = ev.Sender(pid=process.pid, line=(process.row(),))
            self.feed(ev.Notified(child=index, pid=process.pid, sender=sender, ready=True))

    def _run_of(self, effect: fx.Spawn | fx.Run | fx.Decide) -> tuple[int | None, int]:
        """Return how long a command, a probe or a look at conditions takes, and its exit code."""
        model, rules = self.models[effect.child], self.plan.children[effect.child]
        if isinstance(effect, fx.Decide):
            made = environment(rules.world.but(env_files=()), self.environ, {})
            fail = [not is_path(each) and not holds(each, made.get(each.what, b"")) for each in rules.only_if]
            return 0, fail.index(True) + 1 if True in fail else 0
        if isinstance(effect, fx.Run) and (effect.probe or effect.file):
            child = self.state.children[effect.child]
            lived = self.now - (child.started_at or 0)
            is_ready = child.ready or (model.ready is not None and lived >= model.ready)
            return 0, 0 if is_ready else 1
        return model.run, model.run_code

    def probed(self, effect: fx.Probe) -> Event:
        """Tell whether something listens, or whether no connection is busy any more."""
        busy = self.models[effect.child].busy
        if effect.progress and busy != 0:
            idle_at = self._idle_at.setdefault(effect.child, None if busy is None else self.now + busy)
            well = idle_at is not None and idle_at <= self.now
            return ev.Probed(child=effect.child, well=well, progress=effect.progress)
        return super().probed(effect)

    def die(self, process: Process, status: int = 0, signal: int = 0) -> None:
        """End a process: nobody listens for it any more."""
        super().die(process, status, signal)
        member = self._trees.pop(process.start, None)
        if member is not None and process.child is not None:
            self._end(member, self.models[process.child].tree, 0)
        rules = None if process.child is None else self.plan.children[process.child].ready
        if rules is not None:
            self.listening.discard(rules.listen)

    def kill_own(self, effect: fx.Kill) -> None:
        """Send a signal to a child, which does what its model says."""
        super().kill_own(effect)
        self._take(self.processes.get(effect.pid), effect)

    def kill_other(self, effect: fx.KillOther) -> None:
        """Send a signal to a process of the list, which does the same."""
        super().kill_other(effect)
        self._take(self.processes.get(effect.pid), effect)

    def _take(self, target: Process | None, effect: fx.Kill | fx.KillOther) -> None:
        if target is None or target.state == "Z" or effect.signal in NO_REQUESTS or target.start in self._asked:
            return
        if target.start in self._daemons:
            if effect.signal == TERM:
                self._end(target, self._daemons[target.start].left, 0)
        elif target.child is not None and self._is_request(target.child, effect):
            self._asked.add(target.start)
            self._end(target, self.models[target.child].exits, self.models[target.child].code)

    def _is_request(self, index: int, effect: fx.Kill | fx.KillOther) -> bool:
        """Tell whether a child takes a signal for a request to exit: its stop has sent it, or it is of class stop."""
        model = self.models[index]
        if effect.signal in model.ignores:
            return False
        own = [
            each
            for each in self.state.children[index].progress
            if self.plan.actions[each.action].origin == effect.origin
        ]
        stops = effect.signal in self.plan.stop_signals or any(each.is_stop for each in own)
        return stops and not (model.at_last and any(each.steps for each in own))
