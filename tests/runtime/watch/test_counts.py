"""What is counted with the watch below is what the loop of Python alone counts: nothing that it answers is lost."""

from __future__ import annotations

import ctypes
import os
from typing import TYPE_CHECKING

import pytest

from sigroute.pid1.control.counts import Counts
from sigroute.pid1.log.observer import Narrator
from tests.pid1.histories import live_through
from tests.runtime.watch import runs
from tests.runtime.watch.worlds import live

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator

    from sigroute.pid1.engine.effects import Effect
    from sigroute.pid1.engine.events import Event
    from sigroute.pid1.engine.state import State
    from sigroute.pid1.plan import Plan
    from tests.runtime.watch.runs import Watch

HISTORIES = int(os.environ.get("SIGROUTE_HISTORIES", "2000")) // 2


class Made:
    """The counts that were made, and the last state of each."""

    def __init__(self) -> None:
        self.counts: list[Counts] = []

    def narrator(self, make: Callable[[Plan], Counts]) -> type[Narrator]:
        """Return a Narrator that counts as well: it is an observer that every run has."""
        made = self.counts

        class Counting(Narrator):
            def __init__(self, plan: Plan, *rest: object) -> None:
                super().__init__(plan, *rest)  # type: ignore[arg-type] # as it is called
                self.counts = make(plan)
                made.append(self.counts)

            def observe(self, now: int, before: State, event: Event, effects: list[Effect], after: State) -> None:
                super().observe(now, before, event, effects, after)
                self.counts.observe(now, before, event, effects, after)

        return Counting


@pytest.fixture(name="counting")
def _counting(watch: Watch) -> Iterator[ctypes.Array[ctypes.c_int]]:
    """As where there is a control socket."""
    control = (ctypes.c_int * 4).in_dll(watch.shared, "control")
    control[0] = 0
    yield control
    control[0] = -1


@pytest.fixture(name="made")
def _made(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> Made:
    from sigroute.pid1.watch import supervise  # noqa: PLC0415 - they import its module in C
    from sigroute.pid1.watch.counts import WatchCounts  # noqa: PLC0415 - as above

    made = Made()

    def below(plan: Plan) -> Counts:
        told = watch.core.before()[3]
        return WatchCounts(plan, started=told)

    monkeypatch.setattr(runs, "Narrator", made.narrator(Counts))
    monkeypatch.setattr(supervise, "Narrator", made.narrator(below))
    return made


def test_both_count_the_same(watch: Watch, made: Made, counting: ctypes.Array[ctypes.c_int]) -> None:
    assert counting[0] == 0
    compared = 0

    def lived(pick: random.Random) -> None:
        nonlocal compared
        made.counts.clear()
        watch.core.counted()
        live(watch, pick)
        loop, *above = made.counts
        if above:  # else Python was not brought up
            compared += bool(loop.totals)
            assert above[0].totals == loop.totals
            assert above[0].stops == loop.stops

    live_through(HISTORIES, lived)
    assert compared > HISTORIES // 2


def test_nothing_is_counted_where_nobody_can_ask(watch: Watch) -> None:
    counted = (ctypes.c_uint64 * (3 * 65 + 1)).in_dll(watch.shared, "counted")
    watch.core.counted()

    def lived(pick: random.Random) -> None:
        live(watch, pick)
        assert not any(counted)

    live_through(HISTORIES // 20, lived)
