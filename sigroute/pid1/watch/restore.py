"""The form of kernel/restore.py in the static executable: the watch makes the system calls.

The C library's functions refuse to change 32 and 33, which it keeps for itself (nptl(7)).
"""

from __future__ import annotations

from sigroute.pid1.names import mask_of
from sigroute.pid1.watch import core


def restore(blocked: frozenset[int] = frozenset(), spared: frozenset[int] = frozenset()) -> None:
    """Reset all signals to the default, but ignore the spared ones; then set the mask."""
    core.restore(mask_of(blocked), mask_of(spared))
