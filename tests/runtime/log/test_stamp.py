"""The log's stamp, which reads no file of the image (utc.c), is what the C library makes of the same time."""

from __future__ import annotations

import ctypes
from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sigroute.pid1.kernel import clock
from sigroute.pid1.log.log import STAMP
from tests.runtime.log.last_stage import Clock

SECOND = 1_000_000_000

#: 2200-01-01: int64 has room for nanoseconds until 2262.
END = int(datetime(2200, 1, 1, tzinfo=UTC).timestamp()) * SECOND


def both(runtime: ctypes.CDLL, nanoseconds: int) -> tuple[str, str]:
    """Return the stamp of C, and that of Python."""
    room = ctypes.create_string_buffer(b"|" * (STAMP + 1))
    with pytest.MonkeyPatch.context() as patch:
        made = Clock(runtime)
        patch.setattr(clock, "time", made)
        made.real = nanoseconds
        made.sleep(0)
        runtime.stamp_write(room)
        assert room.value[STAMP:] == b"|", "it wrote further"
        return room.value[:STAMP].decode(), clock.stamp()


def test_every_day_from_1970_to_2200(runtime: ctypes.CDLL) -> None:
    for day in range(END // SECOND // 86400):
        ours, theirs = both(runtime, (day * 86400 + day % 86400) * SECOND + day % SECOND)
        assert ours == theirs


@settings(max_examples=2000, deadline=None, derandomize=True)
@given(nanoseconds=st.integers(0, END))
@example(nanoseconds=0)
@example(nanoseconds=SECOND - 1)
@example(nanoseconds=951_782_400 * SECOND - 1)  # before the leap day of a year that 400 divides
@example(nanoseconds=4_107_542_400 * SECOND)  # 2100 has none
def test_any_time(runtime: ctypes.CDLL, nanoseconds: int) -> None:
    ours, theirs = both(runtime, nanoseconds)
    assert ours == theirs


def test_ticks_are_nanoseconds(runtime: ctypes.CDLL) -> None:
    runtime.stamp_ticks.restype = ctypes.c_int64
    made = Clock(runtime)
    made.sleep(12_345_678_901_234)
    assert runtime.stamp_ticks() == made.mono
