"""What all children do for one signal from one sender: where they wait for each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from sigroute.pid1.names import STANDARD
from sigroute.pid1.plan import SENDERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sigroute.language.compile import Compiler
    from sigroute.language.model import Entry


@attrs.frozen
class Cell:
    """What one child does."""

    ready: Entry | None
    starting: Entry | None
    """The same as ``ready`` for a child without a program."""

    @property
    def both(self) -> tuple[Entry | None, ...]:
        """What it may do, depending on how far it is."""
        return (self.ready,) if self.starting is self.ready else (self.ready, self.starting)

    @property
    def is_endless(self) -> bool:
        """Whether it is held until the child is ready, however long that takes."""
        return self.starting is not None and self.starting.action.do == "hold" and self.starting.action.hold is None


@attrs.frozen
class Column:
    """One signal from one sender, for every child in order."""

    signal: int
    sender: str
    cells: tuple[Cell, ...]
    edges: dict[int, dict[int, Entry]]
    """By child: whom it waits for, each with the entry that says so."""


def stop_columns(compiler: Compiler) -> Iterator[Column]:
    """Yield the columns of class stop, leaving out those in which everybody does as in one before."""
    seen = set()
    # What is said of several signals is said of TERM, which is what most platforms send.
    for signal in sorted(compiler.resolver.stop, key=lambda each: (each != STANDARD["TERM"], each)):
        for sender in SENDERS:
            cells = tuple(
                Cell(
                    settled.ready[sender][signal],
                    settled.starting[sender][signal] if settled.program else settled.ready[sender][signal],
                )
                for settled in compiler.settled
            )
            if cells not in seen and compiler.resolver.can_arrive(signal, sender):
                seen.add(cells)
                yield Column(signal, sender, cells, _edges(compiler, cells))


def _edges(compiler: Compiler, cells: tuple[Cell, ...]) -> dict[int, dict[int, Entry]]:
    edges: dict[int, dict[int, Entry]] = {}
    for index, cell in enumerate(cells):
        for entry in cell.both:
            if entry is not None and entry.action.after:
                edges.setdefault(index, {}).update(dict.fromkeys(compiler.waits_for(entry, index), entry))
    return edges
