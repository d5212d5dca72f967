"""What one event did, with the world it happened to: what every law is told."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

from sigroute.pid1.engine import effects as fx
from sigroute.pid1.engine import events as ev
from sigroute.pid1.engine.life import EXITED, LINGERING, RUNNING, STARTING
from sigroute.pid1.engine.state import Arrival
from tests.pid1.world import CONT, KILL

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sigroute.pid1.engine.effects import Effect
    from sigroute.pid1.engine.events import Event, Process
    from sigroute.pid1.engine.state import Child, Progress, State
    from sigroute.pid1.plan import Action, Plan, Step
    from tests.pid1.world import World

    Steps = Sequence[Step]
    Sent = tuple[int, int | None]
    """A signal and its value."""

TERM = 15
RUNS = (STARTING, RUNNING)


class Moment:
    """One event, with the world it happened to."""

    def __init__(self, world: World, before: State, event: Event, after: State, effects: list[Effect]) -> None:
        self.plan, self.now = world.plan, world.now
        self.before, self.event, self.after, self.effects = before, event, after, effects
        #: ``grace`` is over: nothing but its own laws holds.
        self.over = after.stop is not None and after.stop.over

    def living(self) -> Iterator[tuple[int, Child, Child]]:
        """Yield the children that run before and after."""
        for index, old in enumerate(self.before.children):
            new = self.after.children[index]
            if old.phase in RUNS and new.phase in RUNS:
                yield index, old, new

    def said(self, index: int) -> set[str]:
        """Return what was told of a child."""
        return {each.what for each in self.effects if isinstance(each, fx.Say) and each.child == index}

    def kills(self, index: int) -> list[fx.Kill]:
        """Return what a child, its group or its program below it gets for its actions, but the CONT that wakes it."""
        first = self.program(index)[0].process.pid if self.program(index) else 0
        found: list[fx.Kill] = []
        for each in self.effects:
            if isinstance(each, fx.KillOther) and each.child == index and each.pid == first:
                if each.signal == KILL:  # its wrapper gets that of a stop, too
                    found = [one for one in found if one.signal != KILL]
                found.append(fx.Kill(child=index, pid=each.pid, signal=each.signal, origin=each.origin))
            elif isinstance(each, fx.Kill) and each.child == index and each.origin not in ("run", "grace"):
                found.append(each)
        return [each for each in found if each.signal != CONT]

    def sent(self, index: int) -> list[Sent]:
        """Return these as signals, each with the value that goes with it."""
        return [(each.signal, each.value) for each in self.kills(index)]

    def program(self, index: int) -> tuple[ev.Below, ...]:
        """Return who stands for a child that is a wrapper."""
        below = self.after.children[index].program_below
        return self.event.below if below and isinstance(self.event, ev.Inspected) and self.event.child == index else ()

    def loses_value(self, index: int, action: Action) -> bool:
        """Tell whether what is sent has no value: it goes to a process group, or to a program below the child."""
        return action.scope == "process-group" or (action.scope == "program" and bool(self.program(index)))

    def seen(self, index: int) -> ev.Inspected | None:
        """Return what was read of a child or, where that is below it, of its program."""
        if not isinstance(self.event, ev.Inspected):
            return None
        handled, ignored = self.event.handled, self.event.ignored
        below = self.program(index)
        if below:
            masks = [each.handled for each in below]
            handled = None if None in masks else reduce(int.__and__, [each for each in masks if each is not None])
            ignored = reduce(int.__or__, [each.ignored for each in below])
        return self.event.but(handled=handled, ignored=ignored)

    def ran(self, index: int) -> bool:
        """Tell whether a command is run for a child."""
        return any(isinstance(each, fx.Run) and each.child == index for each in self.effects)

    def acted_on(self) -> Iterator[tuple[int, Arrival, ev.Inspected | None]]:
        """Yield each child for which exactly one signal comes to act, the signal, and what was read of the child."""
        for index, old, new in self.living():
            if isinstance(self.event, ev.Inspected) and self.event.child == index:
                waits = any(each.awaits_look for each in old.progress)  # it may be sent now, too
                if len(old.inbox) == 1 and not old.held and not new.inbox and not waits:
                    yield index, old.inbox[0], self.seen(index)
            elif (old.phase, old.inbox, old.held, new.inbox) == (RUNNING, (), (), ()):
                if isinstance(self.event, ev.Signal):
                    event = self.event
                    yield index, Arrival(signal=event.signal, sender=event.sender, value=event.value), None
                elif isinstance(self.event, ev.Listed) and old.progress:
                    continue  # what waited for the list goes on now, too
                elif self.before.stop is None and self.after.stop is not None and not self.after.stop.asked:
                    yield index, self.after.stop.arrival, None

    def origin(self, progress: Progress) -> str:
        """Return the entry of the rules that an action under way is."""
        return self.plan.actions[progress.action].origin

    def lookup(self, index: int, arrival: Arrival) -> int:
        """Return the action that the plan has for this."""
        child = self.plan.children[index]
        phases = {state.children[index].phase for state in (self.before, self.after)}
        ready = bool(phases & {RUNNING, LINGERING}) or not child.program
        return self.plan.tables[child.running if ready else child.starting][arrival.sender][arrival.signal]


def sends(step: Step, arrival: Arrival, *, group: bool = False) -> Sent:
    """Return what a step sends: what arrived keeps its value, but to a group, and what is written has none."""
    if step.signal or arrival.instead:
        return step.signal or arrival.instead, None
    return arrival.signal, None if group else arrival.value


def burst(steps: Steps, arrival: Arrival, *, group: bool = False) -> list[Sent]:
    """Return what is sent at once, at the beginning of a chain."""
    sent = []
    for each in steps:
        if each.wait:
            break
        sent.append(sends(each, arrival, group=group))
    return sent


def at_once(now: Moment, index: int, steps: Steps, arrival: Arrival, action: Action) -> list[Sent]:
    """Return what the child itself gets at once: a stop's KILL waits for the list where it is for a whole tree."""
    sent = burst(steps, arrival, group=now.loses_value(index, action))
    awaited = not (now.after.no_proc or isinstance(now.event, ev.Listed))
    if now.plan.is_stop(arrival) and now.plan.children[index].tree and awaited:
        return sent[: next((number for number, each in enumerate(sent) if each[0] == KILL), None)]
    return sent


def descendants(processes: Sequence[Process], root: int) -> list[Process]:
    """Return the living that descend from a process."""
    found, parents = [], {root}
    for _ in processes:
        new = [each for each in processes if each.parent in parents and each.pid not in parents]
        if not new:
            break
        parents |= {each.pid for each in new}
        found += new
    return [each for each in found if each.state not in "ZX"]


def has_exited(plan: Plan, state: State, index: int) -> bool:
    """Tell whether a child has: its process, or all that it means."""
    phase = state.children[index].phase
    return phase == EXITED or (phase == LINGERING and not plan.children[index].tree)


def when_is_met(plan: Plan, state: State) -> bool:
    """Tell whether the container ends by itself."""
    exited = [has_exited(plan, state, index) for index in range(len(state.children))]
    return any(exited) if plan.when == "any" else all(exited) if plan.when == "all" else exited[int(plan.when)]


def under_way(child: Child, number: int, *, stop: bool) -> Progress | None:
    """Return the action that a signal repeats."""
    for each in child.progress:
        if each.is_stop == stop and (stop or each.action == number):
            return each
    return None
