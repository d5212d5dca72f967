"""Who waits for whom in a stop: a graph of the children, for a signal of class stop and its sender."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from sigroute.language.read.values import ALL
from sigroute.language.resolve.lookup import TERM

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sigroute.language.read.actions import Entry
    from sigroute.language.resolve.resolved import Resolved


@attrs.frozen
class StopRules:
    """The entries that apply to one child for the signal."""

    running: Entry | None
    starting: Entry | None
    """The same as ``running`` for a child without a program."""

    @property
    def both(self) -> tuple[Entry | None, ...]:
        """What may apply to it, in all phases of its life."""
        return (self.running,) if self.starting is self.running else (self.running, self.starting)

    @property
    def is_endless(self) -> bool:
        """Whether the stop is held until the child runs its program, however long that takes."""
        return self.starting is not None and self.starting.action.do == "hold" and self.starting.action.hold is None


@attrs.frozen
class StopGraph:
    """One signal from one sender."""

    signal: int
    sender: str
    children: tuple[StopRules, ...]
    """By child. Children with the same entries share an object."""
    edges: dict[int, dict[int, Entry]]
    """By child, the nodes that it waits for, each with the entry that says so. A node below 0 is a group."""
    groups: dict[int, tuple[int, ...]]
    """The members of each group. Without these nodes, thousands that wait for thousands would be millions of edges."""

    implied: dict[int, tuple[int, ...]]
    """By child, those that it waits for because they need it."""

    def all_waits(self) -> dict[int, set[int]]:
        """Return all edges, the implied ones, too."""
        found = {node: set(waits) for node, waits in self.waits().items()}
        for index, waits in self.implied.items():
            found.setdefault(index, set()).update(waits)
        return found

    def waits(self) -> dict[int, Iterable[int]]:
        """Return all written edges: a group waits for its members."""
        return {**self.edges, **self.groups}


def stop_graphs(resolved: Resolved) -> tuple[StopGraph, ...]:
    """Return the graphs of class stop, but none with the same entries as one before."""
    seen = set()
    graphs = []
    made: dict[tuple[Entry | None, Entry | None], StopRules] = {}
    # TERM comes first, so that messages name it where several signals have the same trouble: most platforms send it.
    for signal, sender in sorted(resolved.lookup.stops, key=lambda each: each[0] != TERM):
        if not resolved.lookup.can_arrive(signal, sender):
            continue
        running = tuple(each.running[sender][signal] for each in resolved.children)
        starting = tuple(each.phases[-1][sender][signal] for each in resolved.children)
        if (running, starting) not in seen:
            seen.add((running, starting))
            pairs = tuple(zip(running, starting, strict=True))
            made.update((pair, StopRules(*pair)) for pair in set(pairs) - made.keys())
            children = tuple(made[pair] for pair in pairs)
            edges, groups = _edges(resolved, children)
            graphs.append(StopGraph(signal, sender, children, edges, groups, _implied(resolved, children)))
    return tuple(graphs)


def _implied(resolved: Resolved, children: tuple[StopRules, ...]) -> dict[int, tuple[int, ...]]:
    """Return whom children wait for although no entry says so."""
    return {
        index: waits
        for index, waits in enumerate(resolved.order.implied)
        if waits and any(entry is None or entry.action.after is None for entry in children[index].both)
    }


def _edges(
    resolved: Resolved, children: tuple[StopRules, ...]
) -> tuple[dict[int, dict[int, Entry]], dict[int, tuple[int, ...]]]:
    edges: dict[int, dict[int, Entry]] = {}
    numbers: dict[str, int] = {}
    first: dict[str, int] = {}
    named = {
        which: [(entry, name) for entry in filter(None, rules.both) for name in resolved.named_by(entry)]
        for which, rules in {id(rules): rules for rules in children}.items()
    }
    for index, rules in enumerate(children):
        for entry, name in named[id(rules)]:
            own = edges.setdefault(index, {})
            if name == ALL:
                own.update((each, entry) for each in resolved.order.all_others[index])
                continue
            if not name.startswith("@"):
                own[resolved.indexes[name]] = entry
            elif name[1:] not in resolved.children[index].child.groups:
                own[numbers.setdefault(name, -1 - len(numbers))] = entry
            elif first.setdefault(name, index) == index:
                own.update((member, entry) for member in resolved.members(name[1:]) if member != index)
            else:
                # Two members that wait for each other are an error already: the other edges would add nothing.
                own[first[name]] = entry
    return edges, {number: resolved.members(name[1:]) for name, number in numbers.items()}
