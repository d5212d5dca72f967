"""The form of kernel/limits.py in the static executable: the watch makes the system call."""

from __future__ import annotations

from sigroute.pid1.watch.core import set_limit

__all__ = ["load", "set_limit"]


def load() -> None:
    """Do nothing: there is nothing to load."""
