"""Many children: the laws of order, readiness, health, restarts and tasks over random histories; each of those ends."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from sigroute.pid1.engine import events as ev
from tests.pid1 import many_histories
from tests.pid1.endings import all_end, nobody_listens
from tests.pid1.histories import live_through
from tests.pid1.laws import Watch
from tests.pid1.laws.health import Health
from tests.pid1.laws.idle import Idle
from tests.pid1.laws.many import Many
from tests.pid1.laws.notify import Notify
from tests.pid1.laws.watching import Watching
from tests.pid1.many_histories import ManyHistory
from tests.pid1.world import World

if TYPE_CHECKING:
    from tests.pid1.histories import Chooser

SHARDS = 2
HISTORIES = int(os.environ.get("SIGROUTE_HISTORIES", "20000")) // 2


def live(pick: Chooser) -> None:
    """Live through one history, and let it end."""
    world = World(many_histories.plan(pick), proc=pick.choice((True, True, True, False)))
    watch = Watch(world, (Many, Health, Notify, Watching, Idle))
    history = ManyHistory(world, pick)
    history.play(pick.choice((5, 20, 60)))
    if world.code is None:
        world.feed(ev.Signal(signal=15, sender="outside"))
        assert watch.memory.stop_began is not None
        pick.choice((all_end, nobody_listens))(world, watch)


@pytest.mark.parametrize("shard", range(SHARDS))
def test_the_laws_of_many_children_hold_over_random_histories(shard: int) -> None:
    number = HISTORIES // SHARDS
    live_through(number, live, after=shard * number)
