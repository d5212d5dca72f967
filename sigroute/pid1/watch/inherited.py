"""The form of kernel/inherited.py in the static executable: the watch has kept what this process was started with."""

from __future__ import annotations

from sigroute.pid1.watch import core

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def ignored(among: Iterable[int]) -> frozenset[int]:
    """Return which of these signals were ignored when this process started."""
    return frozenset([each for each in among if core.ignored() >> (each - 1) & 1])
