"""The controlling terminal: who has its foreground, and how a child gets it.

What is typed reaches the foreground process group, and who reads or writes from another one is stopped
(tty_ioctl(4), credentials(7), setpgid(2)). All signals are blocked here, TTOU among them: so tcsetpgrp(3) stops
neither us nor a child that has not run its program yet.
"""

from __future__ import annotations

import posix

from sigroute.pid1.kernel.refusals import optional

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal as _signal
    from collections.abc import Callable
else:
    import _signal  # signal itself imports enum: 3 ms and 1 MB

STDIN = 0

#: No descriptor; none, as the child is to share our process group and with it the terminal.
NONE, SHARE = -1, -2

STANDARD_DESCRIPTORS = (NONE, 0, 1, 2)

#: What tcgetpgrp(3) says where there is no terminal, or another session's; an lx-branded zone says ENXIO.
ENXIO, EBADF, ENOTTY = 6, 9, 25

#: What a foreground group gets when the terminal is gone and the session's leader with it (tty_ioctl(4), TIOCNOTTY).
HUNG_UP: frozenset[int] = frozenset((_signal.SIGHUP, _signal.SIGCONT))

TIOCSCTTY, TIOCNOTTY = 0x540E, 0x5422


def controlling() -> int:
    """Return a descriptor of our controlling terminal, whatever the standard ones are; NONE where there is none."""
    try:
        return opened()
    except OSError:  # none, or a container without /dev/tty
        return next((each for each in (0, 1, 2) if foreground(each)), NONE)


def opened() -> int:
    """Open our controlling terminal; not as a standard descriptor that was closed, as it would be taken for that.

    :raises OSError: there is none, or no /dev/tty.
    """
    fd = posix.open("/dev/tty", posix.O_RDWR | posix.O_NOCTTY | posix.O_CLOEXEC)
    if fd not in STANDARD_DESCRIPTORS:
        return fd
    try:
        return opened()
    finally:
        optional(posix.close, fd)


def foreground(fd: int) -> int:
    """Return the foreground process group of our controlling terminal; 0 where this is none or not ours."""
    try:
        return posix.tcgetpgrp(fd) if fd != NONE else 0
    except OSError:
        return 0


def close(fd: int) -> None:
    """Close what ``controlling`` has opened."""
    if fd not in STANDARD_DESCRIPTORS:
        posix.closerange(fd, fd + 1)  # which does not mind one that can't be closed


class Way:
    """How a child gets the terminal: what finds it, and what the child does about it before its program runs."""

    def __init__(self, find: Callable[[], int], take: Callable[[int], None]) -> None:
        self.find = find
        self.take = take


def find_ours() -> int:
    """Return the terminal if we are in its foreground, as it is not ours to give otherwise.

    Where we are not alone in our process group, nobody's place is changed: the others of a pipeline, or of a script,
    are to hear what is typed, too.
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
    """Tell whether nobody else is in our process group, as far as /proc shows."""
    own, me = posix.getpgrp(), posix.getpid()
    try:
        pids = [int(name) for name in posix.listdir("/proc") if name.isdigit()]
    except OSError:
        pids = []
    return own == me and not any(group_of(pid) == own for pid in pids if pid != me)


def group_of(pid: int) -> int:
    """Return the process group of a process; 0 where it has gone."""
    try:
        return posix.getpgid(pid)
    except OSError:
        return 0


def find_on_stdin() -> int:
    """Return standard input if it is the controlling terminal, whoever is in its foreground.

    :raises OSError: it is closed, for one.
    """
    return _unless(STDIN, ENOTTY, ENXIO)


def find_anywhere() -> int:
    """Return the controlling terminal, or standard input if that is one.

    :raises OSError: it can't be asked.
    """
    try:
        return opened()
    except OSError:
        return _unless(STDIN, ENOTTY, ENXIO, EBADF)


def _unless(fd: int, *fine: int) -> int:
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
    """Put our own process group into the foreground.

    :raises OSError: that is not possible.
    """
    posix.tcsetpgrp(fd, posix.getpgrp())


def take_if_possible(fd: int) -> None:
    """Do the same, or go without: it may have been hung up meanwhile."""
    try:
        take_foreground(fd)
    except OSError:
        return


def take_as_leader(fd: int) -> None:
    """Make it the controlling terminal of the session that we lead, if it is no other's."""
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
    """Give up the controlling terminal, if standard input is it, so that a child's session can have it.

    From a session's leader the kernel takes it with a HUP and a CONT to the foreground (tty_ioctl(4), TIOCNOTTY):
    these are swallowed, as nobody has sent them.

    :returns: the error number and its words, empty if it is given up.
    """
    import fcntl  # noqa: PLC0415 - only on a terminal

    try:
        fcntl.ioctl(STDIN, TIOCNOTTY)
    except OSError as error:
        return f"errno={error.errno} {posix.strerror(error.errno or 0)}"
    if posix.getsid(0) == posix.getpid():
        for number in (_signal.SIGHUP, _signal.SIGCONT):
            _signal.sigtimedwait({number}, 0)
    return ""
