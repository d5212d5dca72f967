"""Having a descriptor tell PID 1 by a signal that something has happened (notices.py)."""

from __future__ import annotations

import fcntl
import posix

from sigroute.pid1.kernel.origin import NOTICE

#: What may be told of a directory: that its list changes; the contents, modes and times of its files, too.
NAMES = fcntl.DN_CREATE | fcntl.DN_DELETE | fcntl.DN_RENAME
ALL = NAMES | fcntl.DN_MODIFY | fcntl.DN_ATTRIB


def arm(fd: int) -> None:
    """Have a pipe or socket tell when there is something to read, or its other end is closed.

    :raises OSError: the kernel refuses that.
    """
    own(fd)
    fcntl.fcntl(fd, fcntl.F_SETFL, fcntl.fcntl(fd, fcntl.F_GETFL) | posix.O_ASYNC | posix.O_NONBLOCK)


def disarm(fd: int) -> None:
    """Have it tell nothing any more.

    :raises OSError: the kernel refuses that.
    """
    fcntl.fcntl(fd, fcntl.F_SETFL, fcntl.fcntl(fd, fcntl.F_GETFL) & ~posix.O_ASYNC)


def changes(fd: int, what: int) -> None:
    """Have a directory tell of the next change in it: once, so that a storm of changes is one signal.

    :param what: NAMES or ALL.
    :raises OSError: the kernel refuses that; EINVAL: it was built without CONFIG_DNOTIFY (F_NOTIFY, fcntl(2)).
    """
    own(fd)
    fcntl.fcntl(fd, fcntl.F_NOTIFY, what)


def own(fd: int) -> None:
    """Have a descriptor send us its signal.

    :raises OSError: the kernel refuses that.
    """
    fcntl.fcntl(fd, fcntl.F_SETOWN, posix.getpid())
    fcntl.fcntl(fd, fcntl.F_SETSIG, NOTICE)
