"""What all children do for one signal from one sender: where they wait for each other."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import attrs

from sigroute.pid1.names import STANDARD

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sigroute.language.read.model import Entry
    from sigroute.language.resolve.planner import Compiler


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
    """The same one where children do the same."""
    edges: dict[int, dict[int, Entry]]
    """By child: whom it waits for, each with the entry that says so; a number below 0 is a group."""
    groups: dict[int, tuple[int, ...]]
    """The members of those: thousands of children that each wait for thousands would be millions of edges."""

    def graph(self) -> dict[int, Iterable[int]]:
        """Return who waits for whom; a group waits for its members."""
        return {**self.edges, **self.groups}


@lru_cache(maxsize=1)
def stop_columns(compiler: Compiler) -> tuple[Column, ...]:
    """Return the columns of class stop, leaving out those in which everybody does as in one before."""
    seen = set()
    columns = []
    made: dict[tuple[Entry | None, Entry | None], Cell] = {}
    # What is said of several signals is said of TERM, which is what most platforms send.
    for signal, sender in sorted(compiler.resolver.stops, key=lambda each: each[0] != STANDARD["TERM"]):
        if not compiler.resolver.can_arrive(signal, sender):
            continue
        ready = tuple(settled.ready[sender][signal] for settled in compiler.settled)
        starting = tuple(
            (settled.starting if settled.program else settled.ready)[sender][signal] for settled in compiler.settled
        )
        if (ready, starting) not in seen:
            seen.add((ready, starting))
            pairs = tuple(zip(ready, starting, strict=True))
            made.update((pair, Cell(*pair)) for pair in set(pairs) - made.keys())
            cells = tuple(made[pair] for pair in pairs)
            columns.append(Column(signal, sender, cells, *_edges(compiler, cells)))
    return tuple(columns)


def _edges(
    compiler: Compiler, cells: tuple[Cell, ...]
) -> tuple[dict[int, dict[int, Entry]], dict[int, tuple[int, ...]]]:
    edges: dict[int, dict[int, Entry]] = {}
    numbers: dict[str, int] = {}
    first: dict[str, int] = {}
    named = {
        which: [(entry, name) for entry in filter(None, cell.both) for name in compiler.named_by(entry)]
        for which, cell in {id(cell): cell for cell in cells}.items()
    }
    for index, cell in enumerate(cells):
        for entry, name in named[id(cell)]:
            own = edges.setdefault(index, {})
            if not name.startswith("@"):
                own[compiler.indexes[name]] = entry
            elif name[1:] not in compiler.children[index].groups:
                own[numbers.setdefault(name, -1 - len(numbers))] = entry
            elif first.setdefault(name, index) == index:
                own.update((member, entry) for member in compiler.members(name[1:]) if member != index)
            else:
                # Two members that wait for each other are a circle: the rest of it tells nothing new.
                own[first[name]] = entry
    return edges, {number: compiler.members(name[1:]) for name, number in numbers.items()}
