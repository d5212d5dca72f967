"""The form of kernel/restore.py in the static executable: the watch makes the system calls.

The C library's functions refuse to change 32 and 33, which it keeps for itself (nptl(7)).
"""

from __future__ import annotations

from sigroute.pid1.watch import core

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def restore(blocked: frozenset[int] = frozenset(), spared: frozenset[int] = frozenset()) -> None:
    """Reset all signals to the default, but ignore the spared ones; then set the mask."""
    core.restore(mask(blocked), mask(spared))


def mask(signals: Iterable[int]) -> int:
    """Return signals as the kernel has them: bit n-1 for signal n."""
    return sum([1 << number - 1 for number in signals])
