"""Waiting for several pipes at once (poll(2)): the module for it is no part of a bare Python.

The static executable has another form of this file (watch/polling.py).
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def load() -> None:
    """Load that module while files can still be read.

    :raises ImportError: this Python has none.
    """
    import select  # noqa: F401, PLC0415 - where output goes through a helper only


def readable(fds: Iterable[int], wait: int) -> list[int]:
    """Return which of these can be read without waiting; their other ends may be closed.

    :param wait: milliseconds to wait for the first; -1: as long as it takes.
    """
    return ready(fds, (), wait)[0]


def ready(readers: Iterable[int], writers: Iterable[int], wait: int) -> tuple[list[int], list[int]]:
    """Return which of these can be read without waiting, and which of those can be written to.

    A descriptor whose other end is closed is in both: to read or to write tells it.

    :param wait: milliseconds to wait for the first; -1: as long as it takes.
    """
    from select import POLLIN, POLLOUT, poll  # noqa: PLC0415 - as above

    asked = poll()
    reads, writes = dict.fromkeys(readers), dict.fromkeys(writers)  # in their order
    for fd in reads | writes:
        asked.register(fd, POLLIN * (fd in reads) | POLLOUT * (fd in writes))
    found = asked.poll(wait)
    return (
        [fd for fd, events in found if fd in reads and events & ~POLLOUT],
        [fd for fd, events in found if fd in writes and events & ~POLLIN],
    )
