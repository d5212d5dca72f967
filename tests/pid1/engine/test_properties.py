"""The engine's guarantees, each a property of every history: what random worlds do to random plans.

20,000 in every run from seeds, which is fast, and some from hypothesis, which finds the shortest that breaks one.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sigroute.pid1.engine.stop import KILL_ROUND, KILL_ROUNDS
from tests.pid1 import histories
from tests.pid1.histories import History, live_through
from tests.pid1.laws import Watch
from tests.pid1.world import World

if TYPE_CHECKING:
    from tests.pid1.histories import Chooser

SHARDS = 4
HISTORIES = int(os.environ.get("SIGROUTE_HISTORIES", "20000"))
#: More ticks than any plan here has deadlines: 3 children, 3 steps each, holds, retries, rounds of killing.
MANY = 200


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
        pick.choice((all_end, nobody_listens, nothing_dies))(world, watch)


def all_end(world: World, _watch: Watch) -> None:
    """2, 7: when every process ends, sigroute reaps them all and ends: nothing is waited for in vain."""
    for _ in range(MANY):
        if world.code is not None:
            break
        if world.living():
            world.die(world.living()[0])
        world.reap()
        if not world.processes and not world.tick():
            break
    assert world.code is not None, "every process has ended, sigroute has not"


def nobody_listens(world: World, watch: Watch) -> None:
    """Only KILL ends anything: with ``grace`` sigroute ends by then all the same; without, it has no hidden timer."""
    for _ in range(MANY):
        world.reap()
        if not world.tick():
            break
    watch.has_ended_or_rests()
    if watch.memory.stop_began is not None and world.plan.grace is not None:
        assert world.code is not None
        assert world.ended_at <= watch.memory.stop_began + world.plan.grace + KILL_ROUND * KILL_ROUNDS


def nothing_dies(world: World, watch: Watch) -> None:
    """Not even KILL ends anything: at the end of ``grace``, and of some rounds more, sigroute ends."""
    world.mortal = False
    nobody_listens(world, watch)


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
