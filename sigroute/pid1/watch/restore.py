"""The form of restore.py in the static executable: the watch calls the kernel, and not the C library.

That keeps 32 and 33 for itself, and lets nobody change them (signal(7), nptl(7)).
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
