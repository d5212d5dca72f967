"""A request of the control socket that takes a while."""

from __future__ import annotations

from sigroute.pid1.record import Record


class Pending(Record):
    """A request that is to be answered once it is done."""

    number: int
    what: str
    """``stop``, ``start`` or ``restart``."""
    lives: dict[int, int]
    """By child: the number of lives that it has begun when it does what is asked for; more is better."""
