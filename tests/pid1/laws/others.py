"""What happens to one child, and the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigroute.pid1.engine import effects as fx
from sigroute.pid1.engine import events as ev
from sigroute.pid1.engine.step import step
from tests.pid1.laws.rules import RUNS
from tests.pid1.laws.views import alone

if TYPE_CHECKING:
    from sigroute.pid1.engine.effects import Effect
    from tests.pid1.laws.moment import Moment


class Others:
    """5: what happens to one child changes nothing for another, but what the rules say of both."""

    def __init__(self) -> None:
        self.turn = 0

    def an_event_of_one_leaves_the_others_alone(self, now: Moment) -> None:
        if now.after.stop != now.before.stop:
            return
        whose = self._whose(now)
        if whose is None:
            return
        for index, old in enumerate(now.before.children):
            if index != whose and not any(each.awaits_others for each in now.under_way_before[index]):
                assert now.after.children[index] == old, f"c{index}"
                assert all(getattr(each, "child", None) != index for each in now.effects), f"c{index}"

    def _whose(self, now: Moment) -> int | None:
        match now.event:
            case ev.Spawned() | ev.NotSpawned() | ev.Inspected() | ev.NotSent():
                return now.event.child
            case ev.RunStarted() | ev.RunNotStarted():
                return now.before.runs[now.event.run].child
            case ev.Exited() | ev.Stopped() | ev.Continued():
                roots = [index for index, each in enumerate(now.before.children) if now.event.pid in each.roots]
                known = now.before.owner(now.event.pid)
                return (roots[0] if roots else fx.NOBODY) if known is None else known.child
        return None

    def what_was_not_sent_changes_nothing(self, now: Moment) -> None:
        if isinstance(now.event, ev.NotSent):
            assert now.after == now.before
            assert not now.effects

    def each_gets_what_it_would_get_alone(self, now: Moment) -> None:
        """The same event, had all the others exited: one child in turn is compared."""
        if not isinstance(now.event, (ev.Signal, ev.Tick)) or len(now.before.children) == 1 or now.over:
            return
        self.turn += 1
        index = self.turn % len(now.before.children)
        child = now.before.children[index]
        waits = any(each.awaits_others for each in now.under_way_before[index])
        waits = waits or any(now.plan.actions[now.lookup(index, each)].after for each in now.coming(index))
        if child.phase not in RUNS or waits:
            return
        _, effects = step(now.plan.but(when="all"), alone(now.before, index), now.event, now.now)
        assert shown(effects, index) == shown(now.effects, index), f"c{index}"


def shown(effects: list[Effect], index: int) -> list[Effect]:
    """Return what a child gets and what is told of it; the numbers of commands depend on the others."""
    mine = [each for each in effects if getattr(each, "child", None) == index]
    return [each.but(run=0) if isinstance(each, fx.Run) else each for each in mine]
