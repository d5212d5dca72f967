"""Setting a resource limit (setrlimit(2)): the module for it is no part of a bare Python.

The static executable has another form of this file (watch/limits.py).
"""

from __future__ import annotations

from sigroute.pid1.kernel.abi import EINVAL


def load() -> None:
    """Load that module once, and not in each forked child; a child that lacks it says so."""
    try:
        import resource  # noqa: F401, PLC0415 - where a child has limits only
    except (ImportError, MemoryError):
        return


def set_limit(number: int, soft: int, hard: int) -> None:
    """Set a limit of this process; -1: unlimited.

    :raises OSError: the kernel refuses it.
    :raises ImportError: this Python has no such module.
    """
    from resource import prlimit  # noqa: PLC0415 - as above

    try:
        prlimit(0, number, (soft, hard))
    except ValueError:  # which the module makes of EINVAL alone
        raise OSError(EINVAL, "") from None
