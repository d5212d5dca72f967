"""Decoding wait statuses."""

from __future__ import annotations

import posix

from sigroute.pid1.engine.events import Continued, Exited, Stopped
from sigroute.pid1.exit_codes import BY_SIGNAL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sigroute.pid1.engine.events import Event


def decode_status(pid: int, status: int) -> Event:
    """Return the event that a wait status means (waitpid(2))."""
    if posix.WIFEXITED(status):
        return Exited(pid=pid, status=posix.WEXITSTATUS(status))
    if posix.WIFSTOPPED(status):
        return Stopped(pid=pid, signal=posix.WSTOPSIG(status))
    if posix.WIFCONTINUED(status):
        return Continued(pid=pid)
    number = posix.WTERMSIG(status)
    return Exited(pid=pid, status=BY_SIGNAL + number, signal=number)
