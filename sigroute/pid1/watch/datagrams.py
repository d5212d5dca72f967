"""The form of kernel/datagrams.py in the static executable: the watch makes the system calls."""

from __future__ import annotations

from sigroute.pid1.watch.core import datagram_opened as opened
from sigroute.pid1.watch.core import datagram_taken as taken


def load() -> None:
    """Do nothing: it is linked in."""


__all__ = ["load", "opened", "taken"]
