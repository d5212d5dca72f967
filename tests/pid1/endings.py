"""How a random history ends: with the end of every process, or with nobody who listens to anything but KILL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigroute.pid1.engine.stop import KILL_ROUND, KILL_ROUNDS

if TYPE_CHECKING:
    from tests.pid1.laws import Watch
    from tests.pid1.world import World

#: More ticks than any plan of a history has deadlines: steps, holds, retries, probes, rounds of killing.
MANY = 600


def all_end(world: World, _watch: Watch) -> None:
    """When every process ends, sigroute reaps them all and ends: nothing is waited for in vain."""
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
    """Only KILL ends anything: with ``grace`` sigroute ends by then all the same."""
    for _ in range(MANY):
        world.reap()
        if not world.tick():
            break
    if watch.memory.stop_began is not None and world.plan.grace is not None:
        assert world.code is not None
        assert world.ended_at <= watch.memory.stop_began + world.plan.grace + KILL_ROUND * KILL_ROUNDS
