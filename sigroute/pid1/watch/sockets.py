"""The form of kernel/sockets.py in the static executable: the watch makes the system calls."""

from __future__ import annotations

from sigroute.pid1.watch.core import socket_accepted as accepted
from sigroute.pid1.watch.core import socket_connected as connected
from sigroute.pid1.watch.core import socket_listening as listening


def load() -> None:
    """Do nothing: it is linked in."""


__all__ = ["accepted", "connected", "listening", "load"]
