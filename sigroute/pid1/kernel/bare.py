"""The least of an init, where the rest can't be loaded once the child runs: signals are forwarded, zombies reaped."""

from __future__ import annotations

import posix
import time

from sigroute.pid1.kernel.mask import RECEIVABLE, TIMED
from sigroute.pid1.kernel.refusals import optional
from sigroute.pid1.kernel.spawn import NOT_RUN, Start

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal as _signal
    from collections.abc import Callable
    from typing import NoReturn

    from sigroute.pid1.kernel.execute import CannotRunError
    from sigroute.pid1.kernel.manner import Manner
else:
    import _signal  # signal itself imports enum: 3 ms and 1 MB

STDERR = 2

#: Seconds after an error, as the next may be the same.
PAUSE = 0.1


def guarded(begun: Start | CannotRunError | None, manner: Manner, rest: Callable[[], NoReturn]) -> NoReturn:
    """Do the rest, which never returns; should it fail (no memory, for one), be an init for the child without."""
    try:
        rest()
    except Exception as error:  # noqa: BLE001 - whatever it is, the child runs
        reason = repr(error)
    tell(f"sigroute: error: it can't be loaded ({reason}): signals are forwarded as they are, by no rules\n")
    if not isinstance(begun, Start):
        posix._exit(NOT_RUN)  # noqa: SLF001 - its public name; the underscore is exit(2)'s
    awaited = RECEIVABLE - manner.deaf
    while True:
        try:
            turn(begun.pid, awaited)
        except Exception:  # noqa: BLE001 - the next signal is to be forwarded all the same
            optional(time.sleep, PAUSE)


def turn(child: int, awaited: frozenset[int]) -> None:
    """Reap all that have exited, end with the child, and forward the next signal."""
    pid = -1
    while pid:
        pid, status = posix.waitpid(-1, posix.WNOHANG)
        if pid == child:
            ended = posix.WEXITSTATUS(status) if posix.WIFEXITED(status) else 128 + posix.WTERMSIG(status)
            posix._exit(ended)  # noqa: SLF001 - as above
    info = _signal.sigwaitinfo(awaited)
    if info.si_signo != _signal.SIGCHLD and info.si_signo not in TIMED:
        posix.kill(child, info.si_signo)


def tell(text: str) -> bool:
    """Write a line without waiting: opened anew, as O_NONBLOCK would be the children's, too; tell if that was possible.

    It is not with a socket, nor without /proc.
    """
    flags = posix.O_WRONLY | posix.O_APPEND | posix.O_NONBLOCK | posix.O_NOCTTY | posix.O_CLOEXEC
    try:
        fd = posix.open(f"/proc/self/fd/{STDERR}", flags)
    except OSError:
        return False
    optional(posix.write, fd, text.encode("utf-8", "replace"))  # a pipe that nobody reads may be full
    optional(posix.close, fd)
    return True
