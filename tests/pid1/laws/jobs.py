"""Children that are stopped, and sigroute with them."""

from __future__ import annotations

from sigroute.pid1.engine import effects as fx
from sigroute.pid1.engine import events as ev
from sigroute.pid1.engine.life import STARTING
from tests.pid1.laws.moment import RUNS, Moment
from tests.pid1.world import CONT

TSTP, TTIN, TTOU = 20, 21, 22


class Jobs:
    """A terminal's signals stop a child; then sigroute follows, and both go on."""

    def it_stops_with_what_it_was_started_for(self, now: Moment) -> None:
        """The child whose terminal it is, or all that run; but not with one that a stop wakes at once.

        Of one that Ctrl-Z has stopped alone, it looks whether anybody could continue it.
        """
        asked = [each for each in now.effects if isinstance(each, fx.Suspend)]
        if not isinstance(now.event, ev.Stopped):
            assert not asked
            return
        owner = now.before.owners.get(now.event.pid)
        if owner is None or owner.run:
            assert not asked
            return
        index = owner.child
        asks = now.event.signal in (TTIN, TTOU)
        may = now.plan.children[index].terminal or now.before.children[index].phase == STARTING
        running = [child for child in now.after.children if child.phase in RUNS]
        woken = any(isinstance(each, fx.Kill) for each in now.effects)
        follows = not woken and not now.over and (asks or may or all(child.stopped for child in running))
        looks = follows or (now.event.signal == TSTP and not woken and not now.over)
        expected = [(index, asks and may, follows)] if looks else []
        assert [(each.child, each.asks, each.follows) for each in asked] == expected
        assert ("not-lent" in now.said(index)) == (asks and not may and not woken and not now.over)

    def who_was_stopped_goes_on(self, now: Moment) -> None:
        """Whatever has stopped meanwhile, each with its process group."""
        if not isinstance(now.event, ev.Resumed):
            return
        assert all(isinstance(each, fx.Kill) and each.group and each.signal == CONT for each in now.effects)
        going = {each.child for each in now.effects if isinstance(each, fx.Kill)}
        stopped = {
            index
            for index, child in enumerate(now.before.children)
            if child.phase in RUNS and (child.stopped or index == now.event.child)
        }
        assert going == stopped
