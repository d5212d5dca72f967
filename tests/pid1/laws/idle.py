"""The laws of idle waits: each ends at the first look that finds nothing busy, and never later than is written.

When it began is remembered here, from its first look.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigroute.pid1.engine import effects as fx
from sigroute.pid1.engine import events as ev
from sigroute.pid1.engine.idle import LOOK
from sigroute.pid1.engine.life import ALIVE

if TYPE_CHECKING:
    from sigroute.pid1.engine.state import State
    from tests.pid1.laws.moment import Moment

    Wait = tuple[int, int, int]
    """The child, the id of the action, and how many steps are left."""

#: What is told of what ends a wait before its time.
CHANGES = {"next", "replaced", "cancelled"}


class Idle:
    """Remembers when the waits under way have begun, and were looked at last."""

    def __init__(self) -> None:
        self.began: dict[Wait, int] = {}
        self.looked: dict[Wait, int] = {}

    def an_idle_wait_ends_when_nothing_is_busy_or_its_time_is_over(self, now: Moment) -> None:
        before, after = waiting(now.before), waiting(now.after)
        for wait, longest in before.items():
            index, id_, _ = wait
            seen = isinstance(now.event, ev.Probed) and (now.event.child, now.event.progress) == (index, id_)
            found = seen and isinstance(now.event, ev.Probed) and now.event.well
            ends = self.began[wait] + longest
            late = ends <= now.now
            assert now.is_on_time(ends), "it comes too late"
            if wait in after:
                assert not found, "nothing is busy, and it goes on"
                assert not late or not isinstance(now.event, ev.Tick), "its time is over, and it goes on"
            else:
                lives = now.before.children[index].phase in ALIVE and now.after.children[index].phase in ALIVE
                assert found or late or not lives or now.over or now.said(index) & CHANGES, "cut short"
        for wait in after.keys() - before.keys():
            self.began[wait] = now.now

    def connections_are_looked_at_now_and_then_while_it_matters(self, now: Moment) -> None:
        after = waiting(now.after)
        probes = [each for each in now.effects if isinstance(each, fx.Probe) and each.progress]
        fresh = after.keys() - waiting(now.before).keys()
        for effect in probes:
            wait = next((each for each in after if each[:2] == (effect.child, effect.progress)), None)
            if wait is None:
                assert now.over, "looked at although nobody waits"  # the wait began in the very moment of that
                continue
            assert wait in fresh or self.looked[wait] + LOOK <= now.now, "looked at too often"
            self.looked[wait] = now.now
        assert fresh <= {each for each in after if self.looked.get(each) == now.now}, "not looked at"


def waiting(state: State) -> dict[Wait, int]:
    """Return the idle waits under way, each with its longest time."""
    return {
        (index, each.id, len(each.steps)): each.steps[0].idle
        for index, child in enumerate(state.children)
        for each in child.progress
        if each.steps and each.steps[0].idle and not each.steps[0].wait and each.due is not None
    }
