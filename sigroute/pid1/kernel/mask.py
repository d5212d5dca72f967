"""The signal mask and the handlers of this process: every signal is blocked and has a handler that never runs."""

from __future__ import annotations

from sigroute.pid1.kernel.inherited import ignored
from sigroute.pid1.kernel.refusals import optional, twice

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal as _signal
else:
    import _signal  # signal itself imports enum: 3 ms and 1 MB

#: Every signal that can be received: 32 and 33 belong to the libc (signal(7); musl takes 34 too).
RECEIVABLE = frozenset(_signal.valid_signals()) - {_signal.SIGKILL, _signal.SIGSTOP}

#: Signals of this process's own timers and limits: the timer that ends a wait, and those that our parent may have set.
#: exec keeps them (alarm(2), getitimer(2), RLIMIT_CPU in getrlimit(2)). The children have no use for them.
TIMED: frozenset[int] = frozenset((_signal.SIGALRM, _signal.SIGVTALRM, _signal.SIGPROF, _signal.SIGXCPU))


def block(unhandled: frozenset[int] = frozenset(), spared: frozenset[int] = frozenset()) -> None:
    """Block every signal, and give each a handler.

    The kernel keeps a blocked signal pending, even for a PID 1 without a handler (sig_ignored(): "blocked signals are
    never ignored"). The handlers never run. They exist for two reasons: some runtimes read SigCgt of PID 1 before they
    send TERM, and with CHLD ignored, children would vanish without a status (waitpid(2), NOTES). exec resets handlers.

    :param unhandled: signals that are neither blocked nor get a handler.
    :param spared: signals that stay ignored if they are, because the children inherit that. Blocked, they still arrive.
    """
    twice(_signal.pthread_sigmask, _signal.SIG_SETMASK, RECEIVABLE - unhandled)
    for number in RECEIVABLE - unhandled - ignored(spared):
        optional(_signal.signal, number, caught)


def caught(_number: int, _frame: object) -> None:
    """Never called: the signals stay blocked."""


def description(number: int) -> str:
    """Return the C library's words for a signal (strsignal(3))."""
    return _signal.strsignal(number) or ""
