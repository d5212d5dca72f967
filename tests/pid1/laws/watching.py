"""The laws of watches: a change arrives once, when it is over, and never where nobody is to be told.

What a child knows, and when a change is over, is worked out here once more, from the answers to the looks alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigroute.pid1.engine import effects as fx
from sigroute.pid1.engine import events as ev
from sigroute.pid1.engine.life import LINGERING, RUNNING, STARTING

if TYPE_CHECKING:
    from tests.pid1.laws.moment import Moment

QUIET, UNREST, ABSENT = 1_000, 10_000, 0


class Seen:
    """What is known of one path in one life."""

    def __init__(self) -> None:
        self.known: int | None = None
        #: The looks since the change, with their times; none: what is there is known.
        self.looks: list[tuple[int, int]] = []
        self.held = False
        self.asked: int | None = None

    def look(self, now: int, seen: int) -> None:
        if self.known is None:
            self.known = seen
        elif seen in {self.known, ABSENT}:
            self.looks, self.held = [], False
        else:
            self.looks.append((now, seen))

    def is_over(self) -> bool:
        """Tell whether the change is over, or has been going on for too long."""
        if self.held:
            return True
        if len(self.looks) < 2:
            return False
        (first, _), (at, before), (now, seen) = self.looks[0], self.looks[-2], self.looks[-1]
        assert now - at >= QUIET or now - first >= UNREST, "looked at again too early"
        return seen == before or now - first >= UNREST


class Watching:
    """Remembers what was seen."""

    def __init__(self) -> None:
        self.seen: dict[tuple[int, int, int], Seen] = {}

    def _of(self, child: int, which: int, generation: int) -> Seen:
        return self.seen.setdefault((child, which, generation), Seen())

    def a_change_arrives_once_when_it_is_over(self, now: Moment) -> None:
        due: dict[int, list[int]] = {}
        if isinstance(now.event, ev.Looked) and now.event.seen is not None:
            path = self._of(now.event.child, now.event.which, now.event.generation)
            path.look(now.now, now.event.seen)
        for (index, which, generation), path in self.seen.items():
            before, after = now.before.children[index], now.after.children[index]
            if generation != after.generation or not path.looks or not before.watched:
                continue
            path.held = path.held or (path.is_over() and before.phase == after.phase == STARTING)
            if path.is_over() and after.watched and after.phase in {RUNNING, LINGERING}:
                due.setdefault(index, []).append(which)
                path.known, path.looks, path.held = path.looks[-1][1], [], False
        for index, child in enumerate(now.plan.children):
            said = [each for each in now.effects if isinstance(each, fx.Say) and each.what == "changed"]
            told = [each.text for each in said if each.child == index]
            assert told == [child.watch[which].path.decode() for which in due.get(index, ())]

    def none_in_a_stop_and_none_too_often(self, now: Moment) -> None:
        for effect in now.effects:
            if isinstance(effect, fx.Look):
                path = self._of(effect.child, effect.which, effect.generation)
                assert now.before.stop is None, "looked at in a stop"
                assert path.asked is None or now.now - path.asked >= QUIET, "too often"
                path.asked = now.now
