"""The signals of this process: every one is blocked, and caught in name."""

from __future__ import annotations

from sigroute.pid1.kernel.refusals import optional, twice

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal as _signal
    from collections.abc import Iterable
else:
    import _signal  # signal itself imports enum: 3 ms and 1 MB

#: Every signal that can be received: 32 and 33 belong to the libc (signal(7); musl takes 34 too).
RECEIVABLE = frozenset(_signal.valid_signals()) - {_signal.SIGKILL, _signal.SIGSTOP}

#: What the kernel sends for timers and limits of our own: the timer that ends a wait, and what our parent may have set,
#: as exec keeps it (alarm(2), getitimer(2), RLIMIT_CPU in getrlimit(2)). They are not the children's.
TIMED: frozenset[int] = frozenset((_signal.SIGALRM, _signal.SIGVTALRM, _signal.SIGPROF, _signal.SIGXCPU))

#: CPython ignores these itself, so nobody can tell whether its parent did; and what is ignored stays so over exec.
OF_PYTHON = {_signal.SIGPIPE, _signal.SIGXFSZ}


def block(unhandled: frozenset[int] = frozenset(), spared: frozenset[int] = frozenset()) -> None:
    """Block every signal, and catch every one in name.

    What is blocked is kept for us, even as PID 1 without a handler (sig_ignored() in the kernel:
    "blocked signals are never ignored"). The handlers never run. They are there as some runtimes
    read SigCgt of PID 1 to decide whether a TERM is worth sending, and as an ignored CHLD would
    make children vanish without a status (waitpid(2), NOTES). exec turns them to the default.

    :param unhandled: signals that are neither blocked nor caught.
    :param spared: signals that stay ignored where they are, for the children; blocked, they arrive all the same.
    """
    twice(_signal.pthread_sigmask, _signal.SIG_SETMASK, RECEIVABLE - unhandled)
    for number in RECEIVABLE - unhandled - ignored(spared):
        optional(_signal.signal, number, _caught)


def _caught(_number: int, _frame: object) -> None:
    """Never called: the signals stay blocked."""


def ignored(among: Iterable[int]) -> frozenset[int]:
    """Return those of these signals that were ignored when this process was started."""
    return frozenset([each for each in among if each not in OF_PYTHON and _signal.getsignal(each) == _signal.SIG_IGN])


def restore(blocked: frozenset[int] = frozenset(), spared: frozenset[int] = frozenset()) -> None:
    """Be as a program expects it: every signal at its default but the spared ones, none blocked but these."""
    for number in RECEIVABLE - spared:
        _signal.signal(number, _signal.SIG_DFL)  # before the mask: nothing may fall between
    _signal.pthread_sigmask(_signal.SIG_SETMASK, blocked)


def description(number: int) -> str:
    """Return the C library's words for a signal (strsignal(3))."""
    return _signal.strsignal(number) or ""
