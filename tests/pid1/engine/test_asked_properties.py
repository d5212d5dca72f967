"""Requests at the control socket, in the middle of anything: their laws hold over random histories."""

from __future__ import annotations

import os
from itertools import count
from typing import TYPE_CHECKING

import pytest

from sigroute.pid1.engine import events as ev
from sigroute.pid1.engine.requests import REQUESTS, Requested
from tests.pid1 import histories, many_histories
from tests.pid1.endings import MANY, all_end
from tests.pid1.histories import History, live_through
from tests.pid1.laws import Watch
from tests.pid1.laws.requests import Requests
from tests.pid1.many_histories import ManyHistory
from tests.pid1.world import World

if TYPE_CHECKING:
    from tests.pid1.histories import Chooser

HISTORIES = int(os.environ.get("SIGROUTE_HISTORIES", "20000")) // 4
SHARDS = 2


class Asking:
    """What happens in such a history: now and then somebody asks for something."""

    def __init__(self, history: History, pick: Chooser) -> None:
        self.history, self.pick, self.numbers = history, pick, count()

    def play(self, length: int) -> None:
        self.history.play(0)
        for _ in range(length):
            if self.pick.choice(range(4)) == 3 and self.history.world.code is None:
                self.ask()
            else:
                self.history.play_on(1)

    def ask(self) -> None:
        world = self.history.world
        several = range(len(world.plan.children))
        children = {self.pick.choice(several) for _ in range(self.pick.choice((1, 1, 2)))}
        what, signal = self.pick.choice(REQUESTS), self.pick.choice((1, 10, 15))
        world.feed(Requested(number=next(self.numbers), what=what, signal=signal, children=tuple(sorted(children))))


def live(pick: Chooser) -> None:
    """Live through one history, and let it end."""
    many = pick.choice((True, False))
    made = many_histories.plan(pick) if many else histories.plan(pick)
    world = World(made, proc=pick.choice((True, True, True, False)))
    watch = Watch(world, (Requests,))
    Asking((ManyHistory if many else History)(world, pick), pick).play(pick.choice((5, 20, 60)))
    if world.code is None:
        world.feed(ev.Signal(signal=15, sender="outside"))
        end(world, watch)


def end(world: World, watch: Watch) -> None:
    """Let everything end. Where children that are down were the last, it takes a stop that nobody can drop any more."""
    for _ in range(MANY):
        if world.living():
            world.die(world.living()[0])
        world.reap()
        if world.code is not None or (not world.processes and not world.tick()):
            break
    if world.code is None:
        assert any(child.asked == "stop" for child in world.state.children)
        world.feed(ev.Signal(signal=15, sender="outside"))
    all_end(world, watch)


@pytest.mark.parametrize("shard", range(SHARDS))
def test_the_laws_of_requests_hold_over_random_histories(shard: int) -> None:
    number = HISTORIES // SHARDS
    live_through(number, live, after=shard * number)
