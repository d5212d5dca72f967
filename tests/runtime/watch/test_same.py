"""The watch does what the loop of Python alone does: each history twice, with what others see and the log compared."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.pid1.histories import live_through
from tests.runtime.watch.worlds import live

if TYPE_CHECKING:
    import random

    from tests.runtime.watch.runs import Watch

SHARDS = 2
HISTORIES = int(os.environ.get("SIGROUTE_HISTORIES", "2000"))


@pytest.mark.parametrize(("shard", "breaks"), [*[(number, False) for number in range(SHARDS)], (SHARDS, True)])
def test_the_watch_is_the_loop(watch: Watch, shard: int, *, breaks: bool) -> None:
    """Python is brought up when the watch hands over, or before that, at any call of the watch.

    If the engine fails, its fallback does the same by both, too.
    """

    def lived(pick: random.Random) -> None:
        loop, below = live(watch, pick, breaks=breaks)
        assert below.done == loop.done
        assert below.log.splitlines() == loop.log.splitlines()
        assert below.code == loop.code

    number = HISTORIES // SHARDS
    live_through(number, lived, after=shard * number)
