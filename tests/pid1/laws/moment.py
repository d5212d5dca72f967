"""What one event did, with the world it happened to: what every law is told."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

from sigroute.pid1.engine import effects as fx
from sigroute.pid1.engine import events as ev
from sigroute.pid1.engine.life import LINGERING, RUNNING
from sigroute.pid1.engine.requests import Requested
from sigroute.pid1.engine.state import Arrival
from tests.pid1.laws.memory import Hold
from tests.pid1.laws.rules import DUPLICATE, RUNS, burst
from tests.pid1.laws.views import commands_of, under_way_of
from tests.pid1.world import CONT, KILL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sigroute.pid1.engine.effects import Effect
    from sigroute.pid1.engine.events import Event
    from sigroute.pid1.engine.state import Child, State
    from sigroute.pid1.plan import Action
    from tests.pid1.laws.memory import Memory
    from tests.pid1.laws.rules import Sent, Steps
    from tests.pid1.laws.views import UnderWay
    from tests.pid1.world import World

#: What is told of a repeat.
REPEATS = {"duplicate", "next", "replaced", "once-more", "ignored"}


class Moment:
    """One event, with the world it happened to."""

    def __init__(  # noqa: PLR0913, PLR0917 - what a watcher is told, with whom it watches and what was before
        self, world: World, memory: Memory, before: State, event: Event, after: State, effects: list[Effect]
    ) -> None:
        self.plan, self.now, self.memory = world.plan, world.now, memory
        self.before, self.event, self.after, self.effects = before, event, after, effects
        #: By child.
        self.under_way_before = [under_way_of(each) for each in before.children]
        self.under_way_after = [under_way_of(each) for each in after.children]
        #: By number.
        self.commands_before = commands_of(before, self.under_way_before)
        self.commands_after = commands_of(after, self.under_way_after)
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

    def repeats_of(self, index: int, each: UnderWay) -> list[tuple[int, str]]:
        """Return the signals that have repeated an action under way, and what is told of each."""
        stops = {one.signal: self.plan.is_stop(one) for one in self.coming(index)}
        origin = self.plan.actions[each.action].origin
        return [
            (one.signal, one.what)
            for one in self.effects
            if isinstance(one, fx.Say) and (one.child, one.origin) == (index, origin) and one.what in REPEATS
            if stops.get(one.signal, each.is_stop) == each.is_stop
        ]

    def is_duplicate(self, index: int, each: UnderWay, signal: int) -> bool:
        """Tell whether a signal is one for an action under way: the same has come just before."""
        came = self.memory.came[index, each.id].get(signal)
        return came is not None and self.now - came < DUPLICATE

    def told_of(self, index: int, each: UnderWay) -> set[str]:
        """Return what is told of its repeats."""
        return {what for _, what in self.repeats_of(index, each)}

    def coming(self, index: int) -> list[Arrival]:
        """Return what may come to act on a child now: what has arrived, waits for a look, or is held."""
        child = self.before.children[index]
        found = [*child.inbox, *self.held_before(index)]
        if isinstance(self.event, ev.Signal):
            found.append(Arrival(signal=self.event.signal, sender=self.event.sender, value=self.event.value))
        if isinstance(self.event, Requested) and self.event.what == "send" and index in self.event.children:
            found.append(Arrival(signal=self.event.signal, sender="sigroute"))
        if self.before.stop is None and self.after.stop is not None and not self.after.stop.asked:
            found.append(self.after.stop.arrival)
        said = [each for each in self.effects if isinstance(each, fx.Say) and each.child == index]
        return found + [Arrival(signal=each.signal, sender="sigroute") for each in said if each.what == "changed"]

    def held_before(self, index: int) -> list[Arrival]:
        """Return what was held for a child."""
        return [each.arrival for each in self.before.children[index].held]

    def held_after(self, index: int) -> list[Arrival]:
        """Return what is held for it now."""
        return [each.arrival for each in self.after.children[index].held]

    def hold(self, origin: str) -> Hold:
        """Return what begins when a signal is told to be held, by this entry."""
        number = next(number for number, each in enumerate(self.plan.actions) if each.origin == origin)
        bound = self.plan.actions[number].hold
        return Hold(action=number, until=None if bound is None else self.now + bound)

    def is_on_time(self, due: int | None) -> bool:
        """Tell whether the clock had its way: no tick comes later than what is due, unless time has gone by anyhow."""
        return due is None or not isinstance(self.event, ev.Tick) or self.now <= max(due, self.memory.last)

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
                waits = any(each.asked for each in self.under_way_before[index])  # it may be sent now, too
                if len(old.inbox) == 1 and not old.held and not new.inbox and not waits:
                    yield index, old.inbox[0], self.seen(index)
            elif (old.phase, old.inbox, old.held, new.inbox) == (RUNNING, (), (), ()):
                if isinstance(self.event, ev.Signal):
                    event = self.event
                    yield index, Arrival(signal=event.signal, sender=event.sender, value=event.value), None
                elif isinstance(self.event, ev.Listed) and self.under_way_before[index]:
                    continue  # what waited for the list goes on now, too
                elif self.before.stop is None and self.after.stop is not None and not self.after.stop.asked:
                    yield index, self.after.stop.arrival, None

    def origin(self, each: UnderWay) -> str:
        """Return the entry of the rules that an action under way is."""
        return self.plan.actions[each.action].origin

    def repeated(self, index: int, number: int, *, stop: bool) -> UnderWay | None:
        """Return the action that a signal repeats: a stop the stop action, any other its own."""
        for each in self.under_way_before[index]:
            if each.is_stop == stop and (stop or each.action == number):
                return each
        return None

    def lookup(self, index: int, arrival: Arrival) -> int:
        """Return the action that the plan has for this."""
        child = self.plan.children[index]
        phases = {state.children[index].phase for state in (self.before, self.after)}
        ready = bool(phases & {RUNNING, LINGERING}) or not child.program
        return self.plan.tables[child.running if ready else child.starting][arrival.sender][arrival.signal]

    def at_once(self, index: int, steps: Steps, arrival: Arrival, action: Action) -> list[Sent]:
        """Return what the child itself gets at once: a stop's KILL waits for the list where it is for a whole tree."""
        sent = burst(steps, arrival, group=self.loses_value(index, action))
        awaited = not (self.after.no_proc or isinstance(self.event, ev.Listed))
        if self.plan.is_stop(arrival) and self.plan.children[index].tree and awaited:
            return sent[: next((number for number, each in enumerate(sent) if each[0] == KILL), None)]
        return sent
