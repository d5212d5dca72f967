"""The controlling terminal: which process group is in its foreground, and how a child gets there.

engine/jobs.py has the theory. All signals are blocked here, TTOU among them: so tcsetpgrp(3) stops neither sigroute nor
a child that is not in the foreground yet.
"""

from __future__ import annotations

import posix

from sigroute.pid1.kernel.abi import EBADF, ENOTTY, ENXIO
from sigroute.pid1.kernel.refusals import optional
from sigroute.pid1.kernel.start import NONE
from sigroute.pid1.kernel.surroundings import leads_session

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal as _signal
    from collections.abc import Callable
else:
    import _signal  # signal itself imports enum: 3 ms and 1 MB

STDIN = 0

#: In place of a descriptor: none is needed, as the child stays in sigroute's process group.
SHARE = -2

STANDARD_DESCRIPTORS = (NONE, 0, 1, 2)

#: The foreground group gets these when the session's leader loses the terminal (tty_ioctl(4), TIOCNOTTY).
HUNG_UP: frozenset[int] = frozenset((_signal.SIGHUP, _signal.SIGCONT))

TIOCSCTTY, TIOCNOTTY = 0x540E, 0x5422


def controlling() -> int:
    """Return a descriptor of sigroute's controlling terminal; NONE if there is no such terminal."""
    try:
        return opened()
    except OSError:  # there is no terminal, or no /dev/tty in the container
        return next((each for each in (0, 1, 2) if foreground(each)), NONE)


def opened() -> int:
    """Open sigroute's controlling terminal; never as 0, 1 or 2, even if one of them was closed.

    :raises OSError: there is no terminal, or no /dev/tty.
    """
    fd = posix.open("/dev/tty", posix.O_RDWR | posix.O_NOCTTY | posix.O_CLOEXEC)
    if fd not in STANDARD_DESCRIPTORS:
        return fd
    try:
        return opened()
    finally:
        optional(posix.close, fd)


def foreground(fd: int) -> int:
    """Return the foreground process group of a terminal; 0 if the descriptor is not sigroute's controlling terminal."""
    try:
        return posix.tcgetpgrp(fd) if fd != NONE else 0
    except OSError:
        return 0


def close(fd: int) -> None:
    """Close a descriptor that ``controlling`` has opened."""
    if fd not in STANDARD_DESCRIPTORS:
        posix.closerange(fd, fd + 1)  # unlike close(), it ignores errors


class Way:
    """How a child gets the terminal: ``find`` returns the terminal, ``take`` runs in the child before its program."""

    def __init__(self, find: Callable[[], int], take: Callable[[int], None]) -> None:
        self.find = find
        self.take = take


def find_ours() -> int:
    """Return the controlling terminal if sigroute is in its foreground: else sigroute may not give it away.

    SHARE if sigroute is not alone in its process group: the other members of a pipeline or a script must stay in the
    foreground, too.
    """
    fd = controlling()
    if fd != NONE and not is_alone():
        close(fd)
        return SHARE
    if foreground(fd) == posix.getpgrp():
        return fd
    close(fd)
    return NONE


def is_alone() -> bool:
    """Tell whether no other process is in sigroute's process group, as far as /proc shows."""
    own, me = posix.getpgrp(), posix.getpid()
    try:
        pids = [int(name) for name in posix.listdir("/proc") if name.isdigit()]
    except OSError:
        pids = []
    return own == me and not any(group_of(pid) == own for pid in pids if pid != me)


def group_of(pid: int) -> int:
    """Return the process group of a process; 0 if the process has ended."""
    try:
        return posix.getpgid(pid)
    except OSError:
        return 0


def find_on_stdin() -> int:
    """Return standard input if it is the controlling terminal, whichever group is in its foreground.

    :raises OSError: tcgetpgrp(3) has failed in another way: for example, standard input is closed.
    """
    return _unless(STDIN, ENOTTY, ENXIO)


def find_anywhere() -> int:
    """Return the controlling terminal, or standard input if that is one.

    :raises OSError: tcgetpgrp(3) has failed for another reason than that there is no terminal.
    """
    try:
        return opened()
    except OSError:
        return _unless(STDIN, ENOTTY, ENXIO, EBADF)


def _unless(fd: int, *fine: int) -> int:
    """Return a terminal; NONE where tcgetpgrp(3) has one of these errors: no terminal, or another session's.

    An lx-branded zone says ENXIO for that.

    :raises OSError: there is another error.
    """
    try:
        posix.tcgetpgrp(fd)
    except OSError as error:
        if error.errno in fine:
            return NONE
        raise
    return fd


def find_any() -> int:
    """Return standard input if it is any terminal."""
    return STDIN if posix.isatty(STDIN) else NONE


def take_foreground(fd: int) -> None:
    """Put the calling process's group into the foreground.

    :raises OSError: the kernel refuses it.
    """
    posix.tcsetpgrp(fd, posix.getpgrp())


def take_if_possible(fd: int) -> None:
    """Put the calling process's group into the foreground if the kernel permits it: the terminal may be hung up."""
    try:
        take_foreground(fd)
    except OSError:
        return


def take_as_leader(fd: int) -> None:
    """Make it the controlling terminal of the calling process's session, unless it belongs to another session."""
    import fcntl  # noqa: PLC0415 - only on a terminal

    try:
        fcntl.ioctl(fd, TIOCSCTTY, 0)
    except OSError:
        return


#: By ``StartOptions.terminal``.
WAYS = {
    "none": Way(lambda: NONE, take_foreground),
    "foreground": Way(find_ours, take_if_possible),
    "stdin": Way(find_on_stdin, take_foreground),
    "anywhere": Way(find_anywhere, take_foreground),
    "session": Way(find_any, take_as_leader),
}


def detach() -> str:
    """Give up the controlling terminal if it is standard input, so that a child's session can have it.

    If a session's leader gives it up, the kernel sends HUP and CONT to the foreground (tty_ioctl(4), TIOCNOTTY). These
    two are discarded, as no process has sent them.

    :returns: the error's number and text; empty: the terminal was given up.
    """
    import fcntl  # noqa: PLC0415 - only on a terminal

    try:
        fcntl.ioctl(STDIN, TIOCNOTTY)
    except OSError as error:
        return f"errno={error.errno} {posix.strerror(error.errno or 0)}"
    if leads_session():
        for number in (_signal.SIGHUP, _signal.SIGCONT):
            _signal.sigtimedwait({number}, 0)
    return ""
