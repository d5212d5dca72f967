"""The clocks."""

from __future__ import annotations

import time


def ticks() -> int:
    """Return nanoseconds of a clock that never goes back (CLOCK_MONOTONIC, clock_gettime(2))."""
    return time.monotonic_ns()


def milliseconds() -> int:
    """Return the same in milliseconds."""
    return ticks() // 1_000_000


def wall() -> int:
    """Return the time of day in milliseconds since 1970."""
    return time.time_ns() // 1_000_000


def stamp(age: int = 0) -> str:
    """Return the time of day in UTC, to the millisecond (RFC 3339): now, or so many milliseconds ago."""
    seconds, milliseconds = divmod(wall() - age, 1000)
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{milliseconds:03d}Z"
