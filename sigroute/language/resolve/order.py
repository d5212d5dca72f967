"""Who needs whom, and which waits of a stop follow from that: those that need a child exit before it.

Written waits (``after``) come first. A wait that is only implied gives way where it would close a circle with them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from sigroute.language.read.values import ALL
from sigroute.language.resolve.layering import first_said

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sigroute.language.read.actions import Entry
    from sigroute.language.resolve.layering import Layering
    from sigroute.language.resolve.lookup import Lookup
    from sigroute.language.resolve.resolved_child import ResolvedChild

    class Resolved(Protocol):
        """What is known of the rules when their order is asked for (resolved.py)."""

        children: tuple[ResolvedChild, ...]
        indexes: dict[str, int]
        layering: Layering
        lookup: Lookup

        def members(self, group: str) -> tuple[int, ...]:
            """Return the members of a group."""

        def waits_for(self, entry: Entry, index: int) -> tuple[int, ...]:
            """Return whom a child waits for by the names in an entry."""

        def is_end_task(self, index: int) -> bool:
            """Tell whether this is a task of the end."""


Edges = dict[int, set[int]]
"""By child, those that it waits for."""


class Order:
    """The order of the children, by their indices."""

    def __init__(self, resolved: Resolved) -> None:
        self._resolved = resolved
        self.needs = tuple(self._needs(index) for index in range(len(resolved.children)))
        """By child: what it needs."""
        self.needed = frozenset(each for needs in self.needs for each in needs)
        """Those that somebody needs."""
        self.takes_all = tuple(index for index, each in enumerate(resolved.children) if _takes_all(resolved, each))
        """Those with ``after = "all"``."""
        self.implied: tuple[tuple[int, ...], ...] = ()
        """By child: those that it waits for in a stop unless its action says otherwise."""
        self.all_others: dict[int, tuple[int, ...]] = {}
        """By child with ``after = "all"``: those that it waits for."""
        if self.needed or self.takes_all:
            self._imply()
        else:
            self.implied = ((),) * len(resolved.children)

    def _needs(self, index: int) -> tuple[int, ...]:
        resolved = self._resolved
        child = resolved.children[index].child
        names: tuple[str, ...] = first_said(resolved.layering.of(child), "needs", ())
        found: dict[int, None] = {}
        for name in names:
            for each in resolved.members(name[1:]) if name.startswith("@") else (resolved.indexes[name],):
                # What a group says for its members, each says for the others.
                if each != index or (child.needs is not None and not name.startswith("@")):
                    found[each] = None
        return tuple(found)

    def _imply(self) -> None:
        resolved, count = self._resolved, len(self._resolved.children)
        dependents: dict[int, list[int]] = {}
        for index, needs in enumerate(self.needs):
            for each in needs:
                dependents.setdefault(each, []).append(index)
        implied: Edges = {
            index: self._behind(index, dependents)
            for index in dependents
            if any(entry is None or entry.action.after is None for entry in _entries(resolved, index))
        }
        written = {index: set(_written(resolved, index)) for index in range(count)}
        if any(written.values()):  # by itself, the order of the start has no circle
            both = _joined(written, implied)
            behind = {each: reached(both, each) for each in {each for waits in implied.values() for each in waits}}
            implied = {index: {each for each in waits if index not in behind[each]} for index, waits in implied.items()}
        graph = _joined(written, implied)
        self.implied = tuple(tuple(sorted(implied.get(index, ()))) for index in range(count))
        for index in self.takes_all:  # one at most, or there is an error
            waiting = {each for each in range(count) if index in reached(graph, each)}
            self.all_others[index] = tuple(
                each for each in range(count) if each not in waiting | {index} and not resolved.is_end_task(each)
            )

    def _behind(self, index: int, dependents: Mapping[int, list[int]]) -> set[int]:
        """Return those that need a child, and those behind a task that needs it, or behind one that may be left out."""
        found: set[int] = set()
        queue = [index]
        while queue:
            for each in dependents.get(queue.pop(), ()):
                if each not in found and each != index:
                    found.add(each)
                    if self._passes(each):
                        queue.append(each)
        return found

    def _passes(self, index: int) -> bool:
        """Tell whether those that need this one may live without it: it is a task, or may be left out."""
        child = self._resolved.children[index].child
        is_optional = bool(first_said(self._resolved.layering.of(child), "only_if", ()))
        return child.task is not None or child.instances is not None or is_optional


def _entries(resolved: Resolved, index: int) -> list[Entry | None]:
    """Return the entries that may apply to a child in a stop, each once; None is the default."""
    child = resolved.children[index]
    found = {
        id(entry): entry
        for rows in child.phases
        for signal, sender in resolved.lookup.stops
        for entry in (rows[sender][signal],)
    }
    return list(found.values())


def _written(resolved: Resolved, index: int) -> Iterator[int]:
    """Yield those that a child waits for by an ``after`` with names."""
    for entry in _entries(resolved, index):
        if entry is not None and entry.action.after != (ALL,):
            yield from resolved.waits_for(entry, index)


def _takes_all(resolved: Resolved, child: ResolvedChild) -> bool:
    """Tell whether a child waits for all others in a stop."""
    waiting = [entry for rows in child.phases for entry in resolved.lookup.waiting_of(rows)]
    return any(entry.action.after == (ALL,) for entry in waiting)


def _joined(*graphs: Edges) -> Edges:
    """Return all edges of some graphs."""
    found: Edges = {}
    for graph in graphs:
        for index, waits in graph.items():
            if waits:
                found.setdefault(index, set()).update(waits)
    return found


def reached(graph: Edges, start: int) -> set[int]:
    """Return all that a child waits for, directly or not."""
    found: set[int] = set()
    queue = [start]
    while queue:
        more = graph.get(queue.pop(), set()) - found
        found |= more
        queue += more
    return found


def circle_of_needs(needs: Iterable[tuple[int, ...]]) -> tuple[int, ...]:
    """Return children that need each other in a circle, or none."""
    from graphlib import CycleError, TopologicalSorter  # noqa: PLC0415 - few files have needs

    try:
        TopologicalSorter(dict(enumerate(needs))).prepare()
    except CycleError as error:
        # In CycleError each node waits for the one before it. Reversed, the list reads "a needs b".
        return tuple(error.args[1][:0:-1])
    return ()
