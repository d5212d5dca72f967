"""A simulated kernel: it performs the engine's effects on simulated processes, and its clock is a number.

A start or a signal may fail, /proc may be missing, and there may be a terminal with a shell.
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

from sigroute.pid1.engine import effects as fx
from sigroute.pid1.engine import events as ev
from sigroute.pid1.engine.state import CONDITION, initial
from sigroute.pid1.engine.step import step, wake
from sigroute.simulate.processes import ME, OTHER, ForbiddenError, Processes

if TYPE_CHECKING:
    from collections.abc import Callable

    from sigroute.pid1.engine.effects import Effect
    from sigroute.pid1.engine.events import Event
    from sigroute.pid1.engine.state import State
    from sigroute.pid1.plan import Plan
    from sigroute.simulate.processes import Process


class World(Processes):
    """The processes, the clock, the engine's state, and all effects so far."""

    def __init__(self, plan: Plan, *, proc: bool = True) -> None:
        super().__init__()
        self.plan = plan
        #: There is a /proc.
        self.proc = proc
        self.state: State = initial(plan)
        #: Every effect, with the time of it.
        self.done: list[tuple[int, Effect]] = []
        self.code: int | None = None
        self.ended_at = 0
        #: Returns an event if an effect (a spawn, a command, a signal) fails this time, else None.
        self.fails: Callable[[Effect], Event | None] = lambda _effect: None
        #: There is a terminal, and a shell that can continue sigroute.
        self.terminal = self.shell = False
        #: Which group has the foreground at each inspection, and whether sigroute can give it to a child.
        self.foreground, self.lends = ev.OURS, True
        #: A child that was stopped by STOP has sent that itself.
        self.by_itself = True
        #: ``hears`` and ``missed`` of a child that may use the terminal; None: it is in a process group of its own.
        self.hears: frozenset[int] | None = None
        self.missed: frozenset[int] = frozenset()
        #: The addresses at which something listens.
        self.listening: set[bytes] = set()
        #: By path: a number for what is there; and whether something may have changed since a look.
        self.contents: dict[bytes, int] = {}
        self.uneasy = False
        #: A look at a path has no answer.
        self.hangs = False
        #: The addresses to which a connection is busy; and whether sock_diag(7) is refused.
        self.busy: set[bytes] = set()
        self.refuses_diag = False
        #: The milliseconds that a list of the processes takes.
        self.took = 0
        #: Called after each step with the state before, the event, the state after and the effects.
        self.watchers: list[Callable[[State, Event, State, list[Effect]], None]] = []
        #: Called when an event, and all answers to its effects, are dealt with.
        self.at_rest: Callable[[], None] = lambda: None

    def feed(self, event: Event) -> None:
        """Feed an event to the engine, and the answers to its effects."""
        queue = [event]
        while queue and self.code is None:
            event, before = queue.pop(0), self.state
            self.now += event.took if isinstance(event, ev.Listed) else 0
            self.state, effects = self.step(event)
            answers = [answer for effect in effects if (answer := self.perform(effect)) is not None]
            queue[:0] = answers
            for watch in self.watchers:
                watch(before, event, self.state, effects)
        self.at_rest()

    def step(self, event: Event) -> tuple[State, list[Effect]]:
        """Return the state after an event, and its effects."""
        return step(self.plan, self.state, event, self.now)

    def begin(self) -> None:
        """Begin, and go on until sigroute has tried to start every child."""
        self.feed(ev.Begin())
        while self.code is None and (due := wake(self.state)) is not None and due <= self.now:
            self.feed(ev.Tick())

    def tick(self) -> bool:
        """Let time pass until the next deadline; tell whether there is one."""
        due = wake(self.state)
        if due is None or self.code is not None:
            return False
        self.now = max(self.now, due)
        self.feed(ev.Tick())
        return True

    def until(self, moment: int) -> None:
        """Let time pass up to this moment."""
        while self.code is None and (due := wake(self.state)) is not None and due <= moment:
            self.tick()
        self.now = max(self.now, moment)

    def reap(self) -> None:
        """Reap all zombies and feed their exits to the engine, as the loop does after every wake-up."""
        for process in list(self.processes.values()):
            if process.state == "Z" and process.parent == ME and self.processes.get(process.pid) is process:
                del self.processes[process.pid]
                self.feed(self.fate(process))
        if not any(process.parent == ME for process in self.processes.values()):
            self.feed(ev.Childless())

    def fate(self, process: Process) -> Event:
        """Return the event that the kernel seam would make of the end of a process."""
        if process.never_ran is not None and process.child is not None:
            return ev.NotSpawned(child=process.child, status=process.never_ran, reason="late", pid=process.pid)
        if process.never_ran is not None and process.run is not None:
            run = self.state.runs[process.run]
            if run.progress == CONDITION:
                return ev.NotSpawned(child=run.child, status=process.never_ran, reason="late", pid=process.pid)
            return ev.RunNotStarted(run=process.run, reason="late", pid=process.pid)
        return ev.Exited(pid=process.pid, status=process.status, signal=process.signal)

    def fail(self, process: Process, status: int) -> None:
        """Let the late exec of a child or a command fail."""
        process.never_ran = status
        self.die(process)

    def perform(self, effect: Effect) -> Event | None:
        """Perform an effect; return the event that answers it, or None."""
        self.done.append((self.now, effect))
        failure = self.fails(effect)
        if failure is not None:
            return failure
        match effect:
            case fx.Spawn() | fx.Run() | fx.Decide():
                return self.spawn(effect)
            case fx.Kill():
                self.kill_own(effect)
            case fx.KillOther():
                self.kill_other(effect)
            case fx.Inspect() | fx.Probe() | fx.Look():
                return self.inspect(effect)
            case fx.List():
                me = ev.Process(pid=ME, parent=0, group=1, session=1, state="S", start=0)
                rows = (me, me.but(pid=OTHER, group=OTHER), *(process.row() for process in self.processes.values()))
                return ev.Listed(processes=rows if self.proc else None, me=ME, took=self.took)
            case fx.InspectJob() | fx.Lend() | fx.StopSelf():
                return self.job(effect)
            case fx.Exit():
                self.code, self.ended_at = effect.code, self.now
        return None

    def job(self, effect: fx.InspectJob | fx.Lend | fx.StopSelf) -> Event | None:
        """Perform an effect of job control."""
        ours = ev.Job(terminal=self.terminal, foreground=self.foreground, shell=self.shell)
        match effect:
            case fx.InspectJob():
                return ev.JobInspected(child=effect.child, signal=effect.signal, job=ours, by_itself=self.by_itself)
            case fx.Lend() if effect.signal:
                lent = ours.but(foreground=ev.CHILDS if self.lends else ev.OTHERS)
                return ev.JobInspected(child=effect.child, signal=effect.signal, job=lent)
            case fx.StopSelf() if effect.child != fx.NOBODY:
                shares = self.state.children[effect.child].shares
                return ev.Resumed(child=effect.child, job=ours, shares=shares)
        return None

    def spawn(self, effect: fx.Spawn | fx.Run | fx.Decide) -> Event:
        """Start a child or a command."""
        process = self.new(ME)
        if isinstance(effect, fx.Spawn):
            if process is None:
                return ev.NotSpawned(child=effect.child, status=0, reason="no pid is left")
            process.child = effect.child
            if self.hears is None or not self.plan.children[effect.child].terminal:
                return ev.Spawned(child=effect.child, pid=process.pid)
            return ev.Spawned(
                child=effect.child, pid=process.pid, shares=True, hears=self.hears, missed=self.missed & self.hears
            )
        if process is None and isinstance(effect, fx.Decide):
            return ev.NotSpawned(child=effect.child, status=0, reason="no pid is left")
        if process is None:
            return ev.RunNotStarted(run=effect.run, reason="no pid is left")
        process.run = effect.run
        return ev.RunStarted(run=effect.run, pid=process.pid)

    def probed(self, effect: fx.Probe) -> Event:
        """Tell whether something listens, or whether no connection is busy."""
        if not effect.progress:
            return ev.Probed(child=effect.child, well=effect.listen in self.listening)
        refused = "" if effect.no_diag or not self.refuses_diag else "refused"
        well = effect.listen not in self.busy
        return ev.Probed(child=effect.child, well=well, progress=effect.progress, refused=refused)

    def inspect(self, effect: fx.Inspect | fx.Probe | fx.Look) -> Event | None:
        """Inspect a child, or tell whether something listens, or what is at a path."""
        if isinstance(effect, fx.Look):
            return None if self.hangs else self.looked(effect)
        if isinstance(effect, fx.Probe):
            return self.probed(effect)
        target = self.processes.get(effect.pid)
        if effect.left and self.proc:
            left = [self.processes[pid] for pid in effect.left]
            masks = [each.handled for each in left]
            handled = None if None in masks else reduce(int.__and__, [each for each in masks if each is not None])
            ignored = reduce(int.__or__, [each.ignored & (each.handled or 0) for each in left])
            return ev.Inspected(child=effect.child, names=(), handled=handled, ignored=ignored)
        if target is None or not self.proc:
            return ev.Inspected(child=effect.child, names=None if effect.names else (), handled=None)
        names, ignored = target.names if effect.names else (), target.ignored & (target.handled or 0)
        if target.late and effect.names:
            return ev.Inspected(child=effect.child, names=(), handled=target.handled, ignored=ignored, late=True)
        below = () if set(names) & set(effect.programs) else tuple(self.below(target.pid, effect.programs))
        return ev.Inspected(child=effect.child, names=names, handled=target.handled, ignored=ignored, below=below)

    def looked(self, effect: fx.Look) -> Event:
        """Return what is at a path."""
        seen, life = self.contents.get(effect.path, 0), effect.generation
        return ev.Looked(child=effect.child, which=effect.which, generation=life, seen=seen, again=self.uneasy)

    def kill_own(self, effect: fx.Kill) -> None:
        """Send a signal to a child or a command, or to its group; it must not have been reaped (guarantee 3)."""
        target = self.processes.get(effect.pid)
        if target is None:
            message = f"{effect}: it has been reaped"
            raise ForbiddenError(message)
        if target.run is None and target.child != effect.child:
            message = f"{effect}: another process has its pid by now"
            raise ForbiddenError(message)
        group = [each for each in self.processes.values() if each.group == effect.pid] if effect.group else [target]
        for each in group:
            self.hit(each, effect.signal)

    def kill_other(self, effect: fx.KillOther) -> None:
        """Send a signal to a process by its pid and start time, or by its pid alone if sigroute is its parent."""
        target = self.processes.get(effect.pid)
        same = target is not None and target.start == effect.process.start
        if effect.ours and not (same and target is not None and target.parent == ME):
            message = f"{effect}: it has been reaped, or sigroute is not its parent"
            raise ForbiddenError(message)
        if target is not None and same:
            self.hit(target, effect.signal)
