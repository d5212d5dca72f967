"""What PID 1 counts for ``sigroute metrics``: an observer, which is there only if there is a control socket.

metrics.py says what the numbers mean, in the process that serves the socket. This has loops where comprehensions would
be shorter: each of these is a code object of its own, and PID 1 keeps them all.
"""

from __future__ import annotations

from sigroute.pid1.engine.effects import Kill, KillOther, Say
from sigroute.pid1.engine.events import Exited, NotSent, NotSpawned, Signal, Spawned
from sigroute.pid1.engine.life import ALIVE, LINGERING
from sigroute.pid1.engine.state import AFTER
from sigroute.pid1.names import STANDARD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from sigroute.pid1.engine.effects import Effect
    from sigroute.pid1.engine.events import Event
    from sigroute.pid1.engine.state import State
    from sigroute.pid1.plan import Plan

    Key = tuple[Any, ...]

KILL = STANDARD["KILL"]

#: By kind of event or effect: the fields that tell apart what is counted.
FIELDS: dict[type, tuple[str, ...]] = {
    Signal: ("signal", "sender"),
    Spawned: ("child",),
    NotSpawned: ("child",),
    NotSent: ("child", "signal"),
    Kill: ("child", "signal"),
    KillOther: ("child", "signal"),
    Say: ("what", "child", "signal"),
}

#: The decisions that are counted.
SAID = ("dropped", "protected", "too-early", "duplicate", "ignored", "held", "held-already", "comes-back")

#: The KILL of these is the last resort.
ENDS = ("grace", "drain")


class Counts:
    """Counts by keys."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.totals: dict[Key, int] = {}
        #: By child: since when its stop action is under way, and since when that waits for other children.
        self.stops: dict[int, int] = {}
        self.waits: dict[int, int] = {}
        #: By child and origin: the action that has sent a signal last, and had steps left.
        self.sent: dict[tuple[int, str], int] = {}

    def gather(self, state: State) -> None:
        """Count what the watch has done in this state (watch/counts.py)."""

    def observe(self, now: int, before: State, event: Event, effects: list[Effect], after: State) -> None:
        """Count a step."""
        self.gather(before)
        self.count((event, *effects))
        if isinstance(event, Exited):
            owner = before.owners.get(event.pid)
            self.add(("Exited", owner and owner[2] > 0))
        self.chain(before, effects, after)
        if before.children is not after.children:
            for index in after.busy.union(self.stops):
                if before.children[index] is not after.children[index]:
                    self.follow(now, index, after)

    def add(self, key: Key, number: int = 1) -> None:
        """Count something."""
        self.totals[key] = self.totals.get(key, 0) + number

    def count(self, happened: Iterable[Event | Effect], number: int = 1) -> None:
        """Count events and effects that have happened so often."""
        for each in happened:
            names = FIELDS.get(type(each))
            if names and (not isinstance(each, Say) or each.what in SAID):
                self.add((type(each).__name__, *map(each.__getattribute__, names)), number)

    def chain(self, before: State, effects: list[Effect], after: State) -> None:
        """Count the signals of an action that has sent one before, and the KILL of the end."""
        sent = {}
        for each in effects:
            if isinstance(each, (Kill, KillOther)):
                later = each.signal == KILL and each.origin in ENDS
                if each.child >= 0:
                    place = each.child, each.origin
                    for progress in before.children[each.child].progress:
                        if progress.id == self.sent.get(place):
                            arrived = progress.arrival.instead or progress.arrival.signal
                            for step in progress.steps:  # a CONT beside them is none of them
                                later = later or each.signal == (step.signal or arrived)
                    for progress in after.children[each.child].progress:
                        if progress.steps and self.plan.actions[progress.action].origin == each.origin:
                            sent[place] = progress.id
                if later:
                    self.add(("later", each.child, each.signal))
        self.sent.update(sent)

    def follow(self, now: int, index: int, state: State) -> None:
        """Measure the stop of a child, and its wait for others."""
        child = state.children[index]
        stops = waits = False
        if child.phase in ALIVE or (child.phase == LINGERING and self.plan.children[index].tree):
            stops = index in self.stops
            for each in child.progress:
                stops = stops or each.is_stop
                waits = waits or (each.is_stop and each.stage == AFTER)
        for what, lasts, since in (("stop", stops, self.stops), ("wait", waits, self.waits)):
            if lasts:
                since.setdefault(index, now)
            elif index in since:
                self.add((what, index))
                self.add((what, index, "ms"), now - since.pop(index))
