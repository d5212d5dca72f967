"""The fallback takes over if the engine fails: it sends each action's first signal, keeps to ``grace``, and reaps.

A suspended child (state T) gets CONT after each signal of a stop, as the engine sends it (engine/delivery.py).

It is kept apart from the engine, whose state may be broken. It knows pids and tables only, and signals a process group
where the rules mean a tree. No error ends it: it ends when no child is left.
"""

from __future__ import annotations

from sigroute.pid1.engine.delivery import CONT, NO_CONT
from sigroute.pid1.engine.effects import Exit, Inspect, Kill, KillOther, List
from sigroute.pid1.engine.events import (
    Childless,
    Continued,
    Exited,
    Inspected,
    Listed,
    NotSpawned,
    Signal,
    Spawned,
    Stopped,
)
from sigroute.pid1.engine.life import ALIVE
from sigroute.pid1.engine.routing import UNSEEN, is_term, survives
from sigroute.pid1.engine.state import SENDING, Arrival
from sigroute.pid1.exit_codes import BY_SIGNAL, FAILURE
from sigroute.pid1.kernel.refusals import pause
from sigroute.pid1.names import STANDARD
from sigroute.pid1.plan import FORWARD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sigroute.pid1.engine.effects import Effect
    from sigroute.pid1.engine.events import Below, Event
    from sigroute.pid1.engine.state import State
    from sigroute.pid1.kernel.seam import Kernel
    from sigroute.pid1.plan import Action, Plan

KILL, TERM = STANDARD["KILL"], STANDARD["TERM"]

#: These scopes mean the process group here.
WIDE = ("process-group", "tree")


def fall_back(plan: Plan, state: State, effects: Iterable[Effect], pending: list[Event], kernel: Kernel) -> int:
    """Forward signals and reap until no child is left; return the exit code.

    :param effects: the engine's last effects, as far as they are not performed yet.
    :param pending: the events that the engine has not dealt with.
    """
    rest = Rest(plan, state, kernel)
    guarded(rest.finish, effects)
    guarded(rest.take_up, state)
    guarded(rest.deal_with, pending)
    while not rest.over:
        guarded(rest.turn)
    code = rest.code()
    guarded(rest.finish, [Exit(code=code)])
    return code


def guarded(part: Callable[..., None], *arguments: object) -> None:
    """Do one part of the fallback's work; an error in it must not keep the next part from being done."""
    try:
        part(*arguments)
    except Exception:  # noqa: BLE001 - the cause may be the same that has made the engine fail
        pause()


class Rest:
    """The little that the fallback remembers: pids, exit codes, the stop."""

    def __init__(self, plan: Plan, state: State, kernel: Kernel) -> None:
        self.plan = plan
        self.kernel = kernel
        #: By process group: the child that leads or has led it. No process gets this pid while the group has members.
        self.leaders = {child.pid: index for index, child in enumerate(state.children)}
        self.pids = {child.pid: index for index, child in enumerate(state.children) if child.phase in ALIVE}
        if kernel.begun:
            self.pids[kernel.begun] = self.leaders[kernel.begun] = 0  # the engine has failed before it knew this child
        #: The pids of suspended children; by pid, the CONT to send if a child turns out to be suspended.
        self.stopped = {child.pid for child in state.children if child.stopped}
        self.owed: dict[int, Kill] = {}
        self.statuses = {index: child.status for index, child in enumerate(state.children)}
        #: The tree of some child may be waited for, even if its first process has ended.
        self.trees = any(child.tree for child in plan.children)
        self.childless = False
        #: The signal of the stop, if one is under way; whether a signal asked for it; when its ``grace`` is over.
        self.stop = None if state.stop is None else state.stop.arrival
        self.asked = state.stop is not None and state.stop.asked
        self.due = None if state.stop is None else state.stop.due
        self.ended: int | None = None
        #: What a terminal sends to a child as well, as that is in sigroute's process group, and what it has missed.
        self.hears = {number for child in state.children for number in child.hears}
        self.missed = {child.pid: child.missed for child in state.children}

    @property
    def over(self) -> bool:
        """Whether no child is left."""
        return self.ended is not None or self.childless or not (self.pids or self.trees)

    def code(self) -> int:
        """Return sigroute's exit code by the rules, as far as they name one child for it."""
        plan = self.plan
        if self.ended is not None:
            return self.ended
        when = plan.when[0] if isinstance(plan.when, tuple) else plan.command
        status = self.statuses.get((when if plan.code is None else plan.code) or 0)
        if status is None:
            return FAILURE if self.stop is None else BY_SIGNAL + self.stop.signal
        return plan.exit_code(status, asked=self.asked)

    def turn(self) -> None:
        """Deal with the end of ``grace`` or the next event."""
        if self.due is not None and self.due <= self.kernel.now():
            self.due = None
            self.trees = False
            for pid, index in self.pids.items():
                self.kernel.perform(Kill(child=index, pid=pid, signal=KILL, group=True, origin="grace"))
            return  # if no child is left, this is the end
        happened = self.kernel.reap() or self.kernel.wait(self.due)
        if happened is not None:
            self.deal_with([happened])

    def finish(self, effects: Iterable[Effect]) -> None:
        """Perform the engine's last effects."""
        for effect in effects:
            if isinstance(effect, Exit):
                self.ended = effect.code
            answer = self.kernel.perform(effect)
            if answer is not None:
                self.deal_with([answer])

    def take_up(self, state: State) -> None:
        """Send the signals that wait in the engine's state: for a time, an answer, a command or a child's exit."""
        for pid, index in [*self.pids.items(), *self.left()]:
            child = state.children[index]
            for each in child.progress:
                action = self.plan.actions[each.action]
                if each.cont_pending:
                    group = action.scope in WIDE
                    self.owed[pid] = Kill(child=index, pid=pid, signal=CONT, group=group, origin="fallback")
                if each.awaits_answer or each.stage != SENDING or each.steps == action.steps:
                    self.send_first(pid, index, action, each.arrival)
            for arrival in (*[each.arrival for each in child.held], *child.inbox):
                self.route(pid, index, arrival)

    def deal_with(self, events: list[Event]) -> None:
        """Note what becomes of processes, and route signals."""
        for event in events:
            if isinstance(event, Spawned):
                self.take_on(event)
            elif isinstance(event, (Exited, NotSpawned)) and event.pid in self.pids:
                self.statuses[self.pids.pop(event.pid)] = event.status
                self.stopped.discard(event.pid)
                self.owed.pop(event.pid, None)
            elif isinstance(event, Stopped):
                self.stopped.add(event.pid)
                self.wake(event.pid)
            elif isinstance(event, Continued):
                self.stopped.discard(event.pid)
            elif isinstance(event, Childless):
                self.childless = True
            elif isinstance(event, Signal) and not self.is_heard(event):
                self.pass_on(event)

    def take_on(self, event: Spawned) -> None:
        """Note a child that has started. In a stop it gets the stop's signal."""
        self.pids[event.pid] = self.leaders[event.pid] = event.child
        self.hears |= event.hears
        self.missed[event.pid] = event.missed
        if self.stop is not None:
            self.route(event.pid, event.child, self.stop)

    def pass_on(self, event: Signal) -> None:
        """Route a signal for every child, and for what exited ones have left."""
        arrival = Arrival(signal=event.signal, sender=event.sender, value=event.value)
        for pid, index in [*self.pids.items(), *self.left()]:
            guarded(self.route, pid, index, arrival)
        if not self.pids and self.plan.is_stop(arrival):
            self.begin_stop(arrival)

    def is_heard(self, event: Signal) -> bool:
        """Tell whether the terminal has sent it to a child, too; pass it on to a child that has missed it (jobs.py)."""
        typed = event.sender == "tty" and event.signal in self.hears
        for pid, missed in self.missed.items():
            if event.signal in missed:
                self.missed[pid] = missed - {event.signal}
                if typed and pid in self.pids:
                    self.kernel.perform(Kill(child=self.pids[pid], pid=pid, signal=event.signal, origin="terminal"))
        return typed

    def left(self) -> list[tuple[int, int]]:
        """Return what sigroute has adopted from exited children that count by their tree: pids, each with its child."""
        living = self.pids.values()
        gone = [index for index, status in self.statuses.items() if status is not None and index not in living]
        trees = [index for index in gone if self.plan.children[index].tree]
        listed = self.kernel.perform(List()) if trees else None
        if not isinstance(listed, Listed):
            return []
        if listed.processes is None and not listed.reason:
            self.trees = False  # without /proc, a tree counts as exited when its first process has
        own = [each for each in listed.processes or () if each.parent == listed.me and each.pid not in self.pids]
        return [(each.pid, index) for each in own if (index := self.leaders.get(each.group, trees[0])) in trees]

    def begin_stop(self, arrival: Arrival) -> None:
        """Note that a signal has asked for a stop, and when its ``grace`` is over."""
        if self.stop is None:
            self.stop, self.asked = arrival, True
            if self.plan.grace is not None:
                self.due = self.kernel.now() + self.plan.grace

    def route(self, pid: int, index: int, arrival: Arrival) -> None:
        """Send a child the first signal of the action that applies while it runs its program."""
        action = self.plan.actions[self.plan.tables[self.plan.children[index].running][arrival.sender][arrival.signal]]
        if action.do != "drop" and self.plan.is_stop(arrival):
            self.begin_stop(arrival)
        self.send_first(pid, index, action, arrival)

    def send_first(self, pid: int, index: int, action: Action, arrival: Arrival) -> None:
        """Send a child, or its program below it, the first signal of an action."""
        below, seen = self.look(pid, index, action)
        number = self.chosen(action, arrival, seen)
        wakes = self.plan.is_stop(arrival) and number not in NO_CONT
        for each in below if number else ():
            other = KillOther(child=index, process=each.process, signal=number, origin="fallback")
            self.kernel.perform(other)
            if wakes and each.process.state in "Tt":
                self.kernel.perform(other.but(signal=CONT))
        if number and not below:
            value = arrival.value if action.steps[0].signal == FORWARD and number == arrival.signal else None
            group = action.scope in WIDE
            own = Kill(child=index, pid=pid, signal=number, value=value, group=group, origin="fallback")
            self.kernel.perform(own)
            if wakes:
                self.owed[pid] = own.but(signal=CONT, value=None)
                self.wake(pid)

    def wake(self, pid: int) -> None:
        """Send CONT to a child that is stopped, once for each signal of a stop: it could not act on that otherwise."""
        if pid in self.stopped and pid in self.owed:
            self.kernel.perform(self.owed.pop(pid))

    def chosen(self, action: Action, arrival: Arrival, seen: Inspected | Below) -> int:
        """Return the signal to send; 0 if the default protects the child from it."""
        number = (action.steps[0].signal or arrival.signal) if action.steps else 0
        if action.guard and self.plan.is_stop(arrival):
            return TERM if is_term(seen, number) else number
        return number if not action.guard or survives(seen, number) else 0

    def look(self, pid: int, index: int, action: Action) -> tuple[tuple[Below, ...], Inspected | Below]:
        """Return the processes of a child's program, if they get the signal, and what is read of the receiver."""
        program, holds = self.plan.children[index].program, self.plan.children[index].holds
        programs = () if holds or action.scope != "program" else program
        seen = self.kernel.perform(Inspect(child=index, pid=pid, names=bool(programs), programs=programs))
        seen = seen if isinstance(seen, Inspected) else UNSEEN
        return seen.below, seen.below[0] if seen.below else seen
