"""Journals of random runs: the real observer writes what a simulated world does."""

from __future__ import annotations

import os
import random
from typing import TYPE_CHECKING

from sigroute.pid1.journal.observer import Journal
from sigroute.pid1.log.log import Log
from tests.pid1 import histories, many_histories
from tests.pid1.histories import History
from tests.pid1.many_histories import ManyHistory
from tests.pid1.world import World

if TYPE_CHECKING:
    from pathlib import Path

    from sigroute.pid1.engine.effects import Effect
    from sigroute.pid1.engine.events import Event
    from sigroute.pid1.engine.state import State


def observed(world: World, path: Path, log: Log | None = None) -> Journal:
    """Have the journal of a world written from now on."""
    journal = Journal(world.plan.but(journal=bytes(path)), log or Log("text", "quiet"))

    def watch(before: State, event: Event, after: State, effects: list[Effect]) -> None:
        journal.observe(world.now, before, event, effects, after)

    world.watchers.append(watch)
    return journal


def journal_of(seed: int, path: Path, length: int = 30) -> World:
    """Let a random plan live through a random history; write its journal."""
    pick = random.Random(seed)
    many = pick.choice((True, False))
    world = World((many_histories if many else histories).plan(pick))
    journal = observed(world, path)
    (ManyHistory if many else History)(world, pick).play(length)
    os.close(journal.file.fd)
    return world
