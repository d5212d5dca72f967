"""Signal numbers and names, which are the same on Linux for amd64 and arm64 (signal(7), "Standard signals").

Real-time signals are counted from 34, as glibc and the container runtimes do: ``RTMIN+3`` is 37
with every libc, although musl's own ``SIGRTMIN`` is 35.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

STANDARD = {
    "HUP": 1, "INT": 2, "QUIT": 3, "ILL": 4, "TRAP": 5, "ABRT": 6, "BUS": 7, "FPE": 8,
    "KILL": 9, "USR1": 10, "SEGV": 11, "USR2": 12, "PIPE": 13, "ALRM": 14, "TERM": 15,
    "STKFLT": 16, "CHLD": 17, "CONT": 18, "STOP": 19, "TSTP": 20, "TTIN": 21, "TTOU": 22,
    "URG": 23, "XCPU": 24, "XFSZ": 25, "VTALRM": 26, "PROF": 27, "WINCH": 28, "IO": 29,
    "PWR": 30, "SYS": 31,
}  # fmt: skip

#: The kernel sends these to a process that has made a mistake; by default they dump its core (core(5)).
FAULTS = frozenset(STANDARD[name] for name in ("ILL", "TRAP", "ABRT", "BUS", "FPE", "SEGV", "SYS"))

RTMIN = 34
RTMAX = 64

_BY_NUMBER = {number: name for name, number in STANDARD.items()}


def name_of(number: int) -> str:
    """Return the name of a signal without ``SIG``: ``TERM``, ``RTMIN+3``, ``RTMAX-1``."""
    if number in _BY_NUMBER:
        return _BY_NUMBER[number]
    above, below = number - RTMIN, RTMAX - number
    if above < 0 or below < 0:
        return str(number)
    # As kill -l counts: the lower half from RTMIN up, the upper half from RTMAX down.
    if above <= 15:  # noqa: PLR2004 - bash's and procps' kill -l change over after RTMIN+15
        return f"RTMIN+{above}" if above else "RTMIN"
    return f"RTMAX-{below}" if below else "RTMAX"


def number_of(name: str) -> int:
    """Return the number of a signal by the name that ``name_of`` gives it; 0 if there is none."""
    return next((number for number in range(1, RTMAX + 1) if name_of(number) == name), 0)


def mask_of(signals: Iterable[int]) -> int:
    """Return signals as the kernel has them: bit n-1 for signal n."""
    return sum([1 << number - 1 for number in signals])
