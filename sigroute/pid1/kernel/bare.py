"""A minimal init, in case the rest can't be loaded while the child runs already: it forwards signals and reaps."""

from __future__ import annotations

import posix

from sigroute.pid1.exit_codes import BY_SIGNAL, CANNOT_RUN
from sigroute.pid1.kernel.mask import RECEIVABLE, TIMED
from sigroute.pid1.kernel.output import end, warn
from sigroute.pid1.kernel.refusals import pause
from sigroute.pid1.kernel.start import Start

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal as _signal
    from collections.abc import Callable
    from typing import NoReturn

    from sigroute.pid1.kernel.start import CannotRunError
else:
    import _signal  # signal itself imports enum: 3 ms and 1 MB


def guarded(begun: Start | CannotRunError | None, unhandled: frozenset[int], rest: Callable[[], NoReturn]) -> NoReturn:
    """Call ``rest``, which never returns; if it fails (no memory, for example), be a minimal init for the child."""
    try:
        rest()
    except Exception as error:  # noqa: BLE001 - the child runs, and needs an init whatever has failed
        reason = repr(error)
    warn(f"sigroute: error: cannot load the rest of it ({reason}): signals are forwarded as they are, without rules\n")
    if not isinstance(begun, Start):
        end(CANNOT_RUN)
    awaited = RECEIVABLE - unhandled
    while True:
        try:
            turn(begun.pid, awaited)
        except Exception:  # noqa: BLE001 - the next signal must be forwarded all the same
            pause()


def turn(child: int, awaited: frozenset[int]) -> None:
    """Reap every zombie and forward the next signal. If the child has exited, end with its status."""
    pid = -1
    while pid:
        pid, status = posix.waitpid(-1, posix.WNOHANG)
        if pid == child:
            end(posix.WEXITSTATUS(status) if posix.WIFEXITED(status) else BY_SIGNAL + posix.WTERMSIG(status))
    info = _signal.sigwaitinfo(awaited)
    if info.si_signo != _signal.SIGCHLD and info.si_signo not in TIMED:
        posix.kill(child, info.si_signo)
