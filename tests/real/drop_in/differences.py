"""The differences that are meant: each has a heading of its name in docs/drop-in.md, which says why.

A cell that one of them covers must differ, in each of the ways in which sigroute is called: what has come to be the
same is taken out of here.
"""

from __future__ import annotations

import re

from attrs import frozen


@frozen
class Difference:
    """A difference, and the cells that have it: a pattern for the whole of "SCENARIO | KEY" (scenario.py)."""

    id: str
    cells: str
    why: str

    def covers(self, cell: str) -> bool:
        """Tell whether a cell has it."""
        return bool(re.fullmatch(self.cells, cell))


DIFFERENCES: tuple[Difference, ...] = ()


def meant(cell: str) -> bool:
    """Tell whether a cell is to differ."""
    return any(difference.covers(cell) for difference in DIFFERENCES)
