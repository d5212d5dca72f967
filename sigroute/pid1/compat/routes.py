"""What a stand-in does with each signal, in a few words of data."""

from __future__ import annotations

from sigroute.pid1.record import Record


class Routes(Record):
    """Every signal is forwarded, repeats too, but for what is said here."""

    scope: str = "process"
    """Who gets them: the child's ``process``, or its ``process-group``."""
    sent: dict[int, int] = {}  # noqa: RUF012 - a default, never changed
    """By signal: what is sent instead of it; 0: nothing."""
    stops_self: frozenset[int] = frozenset()
    """After these sigroute stops itself."""
    codes: dict[int, int] = {}  # noqa: RUF012 - as above
    """By exit code of the child: sigroute's, where that is another."""
    farewell: int = 0
    """What the rest of the child's process group gets when the child has exited; 0: nothing."""
    ends: frozenset[int] = frozenset()
    """There is no child, and these end it, well."""
