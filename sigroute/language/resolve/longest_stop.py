"""How long a stop may take by the rules: waits, time-outs of ``run``, chains of ``after``, the drain."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from sigroute.language.read.actions import DEFAULT_TIMEOUT
from sigroute.language.read.durations import format_duration
from sigroute.language.resolve.stop_graph import stop_graphs

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sigroute.language.read.actions import Entry
    from sigroute.language.resolve.resolved import Resolved
    from sigroute.language.resolve.stop_graph import StopGraph, StopRules


#: Of a chain with more children, the last ones are shown as a sum.
MOST_SHOWN = 8


@attrs.frozen
class LongestStop:
    """The longest path of a stop. What a program takes after its last signal is not in it."""

    milliseconds: int
    """From the first stop signal to the end of the drain."""
    parts: tuple[tuple[str, int], ...]
    """The steps of the path in order: the name of each, and milliseconds."""

    def __str__(self) -> str:
        """Return the path as a sum: ``front 15s + php 5s + drain 5s``."""
        *links, last = self.parts
        more = links[MOST_SHOWN:]
        if len(more) > 1:
            links[MOST_SHOWN:] = [(f"{len(more):,} more", sum(milliseconds for _, milliseconds in more))]
        return " + ".join(f"{name} {format_duration(milliseconds)}" for name, milliseconds in (*links, last))

    @property
    def advice(self) -> str:
        """The path, and which link of it to shorten: the largest."""
        if len(self.parts) == 1:
            return f"{self}: shorten that"
        name, milliseconds = max(self.parts, key=lambda part: part[1])
        return f"{self}: shorten {name}, which takes {format_duration(milliseconds)}"


def longest_stop(resolved: Resolved) -> LongestStop:
    """Return the longest path of any stop. A stop that is held without a time limit lasts until ``grace`` ends it."""
    drain, grace = resolved.rules.drain.wait, resolved.rules.grace
    graphs = resolved.once(stop_graphs)
    longest = max((_longest(resolved, graph) for graph in graphs), key=lambda each: each.milliseconds)
    longest = LongestStop(longest.milliseconds + drain, (*longest.parts, ("drain", drain)))
    if grace is None or longest.milliseconds > grace:
        return longest
    holder = next((index for graph in graphs for index, rules in enumerate(graph.children) if rules.is_endless), None)
    return longest if holder is None else LongestStop(grace, ((f"{resolved.name_of(holder)} held", grace),))


@attrs.frozen
class _Own:
    """What one child's stop takes, in milliseconds."""

    hold: int
    """The longest hold. It lasts beside the wait for other children."""
    alone: int
    """The hold, and ``else`` after it, which waits for nobody."""
    rest: int
    """What comes after both the wait for others and the hold."""

    @property
    def most(self) -> int:
        """What it takes without a wait for others."""
        return max(self.alone, self.hold + self.rest)


def _longest(resolved: Resolved, graph: StopGraph) -> LongestStop:
    """Return the longest path through one graph."""
    from graphlib import TopologicalSorter  # noqa: PLC0415 - a start does not ask for it

    times = {id(rules): _own(rules) for rules in {id(rules): rules for rules in graph.children}.values()}
    own = {index: times[id(rules)] for index, rules in enumerate(graph.children)}
    if not (graph.edges or graph.implied):
        index = max(own, key=lambda each: own[each].most)
        most = own[index].most
        return LongestStop(most, ((resolved.name_of(index), most),) if most else ())
    waits: dict[int, Iterable[int]] = {**dict.fromkeys(own, ()), **graph.all_waits()}
    waited: dict[int, int] = {}
    ends: dict[int, int] = {}
    for node in TopologicalSorter(waits).static_order():
        waited[node] = ends[node] = max((ends[other] for other in waits[node]), default=0)
        if node in own:
            ends[node] = max(own[node].most, waited[node] + own[node].rest)
    node = max(ends, key=ends.__getitem__)
    milliseconds, parts = ends[node], []
    while True:
        alone = node in own and ends[node] > waited[node] + own[node].rest
        part = ends[node] - (0 if alone else waited[node])
        if part:
            parts.append((resolved.name_of(node), part))
        if alone or not waits[node]:
            return LongestStop(milliseconds, tuple(reversed(parts)))
        node = max(waits[node], key=ends.__getitem__)


def _own(rules: StopRules) -> _Own:
    """Return what a child's action takes."""
    running = _time(rules.running)
    if rules.starting is None or rules.starting is rules.running:
        return _Own(0, running, running)
    if rules.starting.action.do == "hold":
        # At worst it is held to the last moment. Then `else` is done, or the action of a child that runs its program.
        hold = rules.starting.action.hold or 0
        return _Own(hold, hold + _sum(rules.starting, run_failed=True), running)
    return _Own(0, 0, max(running, _time(rules.starting)))


def _time(entry: Entry | None) -> int:
    if entry is None:
        return 0
    if not entry.action.run:
        return _sum(entry)
    timeout = DEFAULT_TIMEOUT if entry.action.timeout is None else entry.action.timeout
    return timeout + max(_sum(entry), _sum(entry, run_failed=True))


def _sum(entry: Entry, *, run_failed: bool = False) -> int:
    return sum(step.wait + step.idle for step in (entry.action.else_steps if run_failed else entry.action.steps))
