"""The engine's guarantees, each a property of every history: what random worlds do to random plans.

20,000 in every run from seeds, which is fast, and some from hypothesis, which finds the shortest that breaks one.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.pid1 import histories
from tests.pid1.endings import all_end, nobody_listens
from tests.pid1.histories import History, live_through
from tests.pid1.laws import Watch
from tests.pid1.world import World

if TYPE_CHECKING:
    from tests.pid1.histories import Chooser

SHARDS = 4
HISTORIES = int(os.environ.get("SIGROUTE_HISTORIES", "20000"))


def live(pick: Chooser) -> None:
    """Live through one history and one ending of it."""
    world = World(histories.plan(pick), proc=pick.choice((True, True, True, False)))
    world.terminal, world.shell = pick.choice(((False, False), (True, False), (True, True)))
    world.took = pick.choice((0, 0, 0, 40))
    world.adopts = pick.choice((True, True, True, False))
    watch = Watch(world)
    history = History(world, pick)
    history.play(pick.choice((3, 10, 30)))
    world.fails = lambda _effect: None
    if world.code is None:
        pick.choice((all_end, it_rests, nothing_dies))(world, watch)


def it_rests(world: World, watch: Watch) -> None:
    """Nobody listens, and without ``grace`` there is no hidden timer either."""
    nobody_listens(world, watch)
    watch.has_ended_or_rests()


def nothing_dies(world: World, watch: Watch) -> None:
    """Not even KILL ends anything: at the end of ``grace``, and of some rounds more, sigroute ends."""
    world.mortal = False
    it_rests(world, watch)


@pytest.mark.parametrize("shard", range(SHARDS))
def test_the_guarantees_hold_over_random_histories(shard: int) -> None:
    number = HISTORIES // SHARDS
    live_through(number, live, after=shard * number)


class Drawn:
    """A chooser whose choices hypothesis makes, and shrinks."""

    def __init__(self, data: st.DataObject) -> None:
        self.data = data

    def choice(self, options: Any) -> Any:
        return self.data.draw(st.sampled_from(list(options)))


@settings(max_examples=200, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_the_guarantees_hold_over_the_shortest_histories(data: st.DataObject) -> None:
    live(Drawn(data))
