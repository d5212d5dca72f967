"""Where moments are: in order, to scale, and with a long quiet time drawn short."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigroute.timeline.scale import MOST_TICKS, SHORT, Scale, tick
from tests.timeline.lines import timeline

DAY = 86_400_000


def run(up: int, stop: int, end: int) -> Scale:
    return Scale(timeline(f"0 needs b text=a\n0 started a\n{up} is-ready a\n{up} started b\n{stop} stop\n{end} exit"))


def test_a_day_before_a_stop_is_drawn_short() -> None:
    scale = run(2_000, DAY, DAY + 8_000)
    assert scale.cut == (2_000, DAY)
    assert scale.place(0) == 0
    assert scale.place(2_000) == pytest.approx((1 - SHORT) * 0.2)
    assert scale.place(DAY) == pytest.approx((1 - SHORT) * 0.2 + SHORT)
    assert scale.place(DAY + 8_000) == 1
    assert list(scale.ticks()) == [(0, False), (2_000, False), *((DAY + at, True) for at in range(0, 8_001, 2_000))]


def test_what_is_not_quiet_is_to_scale() -> None:
    assert run(2_000, 3_000, 10_000).cut is None
    assert run(2_000, 3_000, 10_000).place(2_500) == pytest.approx(0.25)
    assert Scale(timeline("0 started a")).cut is None
    assert run(1_000, DAY, DAY).cut is None  # a stop that takes no time
    assert run(2_000, 6_000, 10_000).cut is None
    assert run(2_000, 6_100, 10_000).cut == (2_000, 6_100)


@given(st.integers(0, 10**6), st.integers(0, 10**9), st.integers(0, 10**6), st.lists(st.integers(0, 10**9), max_size=9))
def test_the_order_stays(up: int, quiet: int, took: int, moments: list[int]) -> None:
    end = up + quiet + took
    scale = run(up, up + quiet, end)
    places = [scale.place(min(at, end)) for at in sorted(moments)]
    assert all(before <= after for before, after in pairwise(places))
    assert all(0 <= place <= 1 for place in places)
    ticks = [at for at, _ in scale.ticks()]
    assert len(ticks) <= MOST_TICKS + 3
    assert ticks == sorted(ticks)


@given(st.integers(1, 10**10))
def test_an_axis_has_few_ticks(end: int) -> None:
    assert 1 <= end / tick(end) <= MOST_TICKS or tick(end) == 1
