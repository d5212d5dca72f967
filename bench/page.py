"""The page that the helpers in C stamp: times and counts, in the order of ``struct page`` in native/page.h."""

from __future__ import annotations

import mmap
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

MOST = 16384

#: Each is a uint64, except ``arrived``: that is a uint32, followed by an unused one.
FIELDS = (
    "launched",
    "pid",
    "kept",
    "begun",
    "ended",
    "ready",
    "expected",
    "arrived",
    "storm_began",
    "storm_over",
    "reaped",
    "most_zombies",
    "samples",
)
RESULTS = 8 * (len(FIELDS) + MOST)
SIZE = RESULTS + 8 * MOST


class Page:
    """A file of SIZE bytes, mapped into memory."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.write_bytes(bytes(SIZE))
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), SIZE)

    def clear(self) -> None:
        """Set everything to 0."""
        self._map[:] = bytes(SIZE)

    def __getitem__(self, field: str) -> int:
        """Return the number in a field."""
        (value,) = struct.unpack_from("=Q", self._map, 8 * FIELDS.index(field))
        assert isinstance(value, int)  # noqa: S101 - for the type checker
        return value

    def results(self) -> list[int]:
        """Return the results of the sender, in nanoseconds."""
        return list(struct.unpack_from(f"={self['samples']}Q", self._map, RESULTS))
