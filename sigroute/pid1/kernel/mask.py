"""The signals of this process: every one is blocked, and caught in name."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal as _signal
else:
    import _signal  # signal itself imports enum: 3 ms and 1 MB

#: Every signal that can be received: 32 and 33 belong to the libc (signal(7); musl takes 34 too).
RECEIVABLE = frozenset(_signal.valid_signals()) - {_signal.SIGKILL, _signal.SIGSTOP}


def block() -> None:
    """Block every signal, and catch every one in name.

    What is blocked is kept for us, even as PID 1 without a handler (sig_ignored() in the kernel:
    "blocked signals are never ignored"). The handlers never run. They are there as some runtimes
    read SigCgt of PID 1 to decide whether a TERM is worth sending, and as an ignored CHLD would
    make children vanish without a status (waitpid(2), NOTES). exec turns them to the default.
    """
    _signal.pthread_sigmask(_signal.SIG_BLOCK, RECEIVABLE)
    for number in RECEIVABLE:
        _signal.signal(number, _caught)


def _caught(_number: int, _frame: object) -> None:
    """Never called: the signals stay blocked."""


def unblock_all() -> None:
    """Be as clean as a program expects it: every signal at its default, none blocked."""
    for number in RECEIVABLE:
        _signal.signal(number, _signal.SIG_DFL)  # before the mask: nothing may fall between
    _signal.pthread_sigmask(_signal.SIG_SETMASK, ())
