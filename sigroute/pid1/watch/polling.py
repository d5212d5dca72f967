"""The form of kernel/polling.py in the static executable: the watch makes the system call."""

from __future__ import annotations

from sigroute.pid1.watch.core import poll as ready
from sigroute.pid1.watch.core import readable


def load() -> None:
    """Do nothing: it is linked in."""


__all__ = ["load", "readable", "ready"]
