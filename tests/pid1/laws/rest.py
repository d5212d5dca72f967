"""What goes on while nothing happens: 9, with nothing to do, and nothing held, it does nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigroute.pid1.engine import effects as fx
from sigroute.pid1.engine import events as ev
from sigroute.pid1.engine.life import LINGERING
from sigroute.pid1.engine.step import wake
from tests.pid1.laws.views import under_way_of
from tests.pid1.world import OTHER

if TYPE_CHECKING:
    from tests.pid1.laws.moment import Moment
    from tests.pid1.world import World

#: So often what nobody tells of is looked at.
SECOND = 1000


class Rest:
    """9: no clock ticks for nothing."""

    def a_tick_does_something(self, now: Moment) -> None:
        """What is held, due or unread is looked at again, and a wrapper in a stop."""
        if not isinstance(now.event, ev.Tick):
            return
        assert now.after != now.before or now.effects
        for effect in now.effects:
            if isinstance(effect, fx.Inspect):
                old, new = now.before.children[effect.child], now.after.children[effect.child]
                looks = any(each.asked or each.told for each in now.under_way_after[effect.child])
                assert now.held_before(effect.child) or old.read_failures or (new.program_below and looks)


def nothing_is_forgotten(world: World) -> None:
    """1: when all that came of an event has been dealt with, what is kept is looked at again by itself."""
    if world.code is None:
        state = world.state
        listed = state.listing or state.relist_at is not None
        for child in state.children:
            looked_at = child.poll_at is not None or (child.phase == LINGERING and listed)
            assert not child.inbox or child.held or looked_at, "nothing will ever look at this inbox"
            assert not child.held or child.poll_at is not None, "nothing looks at what is held"


def it_has_ended_or_rests(world: World, unbounded: set[int]) -> None:
    """9: nothing ticks for ever, but while something is held without a bound, to tell what is left of a stop of several
    children, and once a second for two things.

    These are a tree that another has adopted and, in a stop, a program below a wrapper: nobody tells when those end.

    :param unbounded: the children for which something is held without a bound.
    """
    lingering = [child.members for child in world.state.children if child.phase == LINGERING]
    untold = any(each.parent == OTHER for members in lingering for each in members)
    told = any(each.told for child in world.state.children if child.program_below for each in under_way_of(child))
    telling = world.state.stop is not None and world.state.stop.tell_at is not None
    due = wake(world.state)
    if world.code is not None or unbounded or due is None or telling:
        return
    assert untold or told, "it ticks on with nothing to do"
    assert due >= world.now + SECOND, "it ticks too often"
