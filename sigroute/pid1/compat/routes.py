"""What a stand-in does with each signal."""

from __future__ import annotations

from sigroute.pid1.record import Record


class Routes(Record):
    """Every signal is forwarded each time it arrives, with these exceptions."""

    scope: str = "process"
    """The receiver: the child's ``process``, or its ``process-group``."""
    sent: dict[int, int] = {}  # noqa: RUF012 - a default, never changed
    """By signal: the one that is sent instead; 0: none."""
    stops_self: frozenset[int] = frozenset()
    """After these sigroute stops itself."""
    codes: dict[int, int] = {}  # noqa: RUF012 - as above
    """By exit code of the child: sigroute's, where that is another."""
    farewell: int = 0
    """What the rest of the child's process group gets when the child has exited; 0: nothing."""
    ends: frozenset[int] = frozenset()
    """There is no child, and these end it, well."""
