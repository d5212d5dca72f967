"""The form of kernel/netlink.py in the static executable: the watch makes the system call."""

from __future__ import annotations

from sigroute.pid1.watch.core import netlink as opened


def load() -> None:
    """Do nothing: it is linked in."""


__all__ = ["load", "opened"]
