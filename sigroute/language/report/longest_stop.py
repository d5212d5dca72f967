"""How long a stop may take by the rules: waits, run time-outs, after chains, drain."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from sigroute.language.read.durations import spell_duration
from sigroute.language.read.model import DEFAULT_TIMEOUT
from sigroute.language.resolve.stop_graph import stop_columns

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sigroute.language.read.model import Entry
    from sigroute.language.resolve.planner import Compiler
    from sigroute.language.resolve.stop_graph import Cell, Column


@attrs.frozen
class Longest:
    """The longest path of a stop. What a program takes after its last signal is not in it."""

    milliseconds: int = 0
    """From the first stop signal to the end of the drain."""
    parts: tuple[tuple[str, int], ...] = ()
    """What it is made of, in order: whose it is, and milliseconds."""

    def __str__(self) -> str:
        """Return the path for people: ``front 15s, php 5s, drain 5s``."""
        return ", ".join(f"{name} {spell_duration(milliseconds)}" for name, milliseconds in self.parts)


def longest_stop(compiler: Compiler) -> Longest:
    """Return the longest path of any stop; where something is held without a time, ``grace`` is what ends it."""
    drain, grace = compiler.rules.drain.wait, compiler.rules.grace
    columns = stop_columns(compiler)
    longest = max((_longest(compiler, column) for column in columns), key=lambda each: each.milliseconds)
    longest = Longest(longest.milliseconds + drain, (*longest.parts, ("drain", drain)))
    if grace is None or longest.milliseconds > grace:
        return longest
    holder = next((index for column in columns for index, cell in enumerate(column.cells) if cell.is_endless), None)
    return longest if holder is None else Longest(grace, ((f"{compiler.children[holder].name} held", grace),))


def _longest(compiler: Compiler, column: Column) -> Longest:
    """Return the longest path through the children, on one signal from one sender."""
    from graphlib import TopologicalSorter  # noqa: PLC0415 - only where it is asked for

    times = {id(cell): _own(cell) for cell in {id(cell): cell for cell in column.cells}.values()}
    own = {index: times[id(cell)] for index, cell in enumerate(column.cells)}
    if not column.edges:
        index = max(own, key=own.__getitem__)
        return Longest(own[index], ((compiler.children[index].name, own[index]),) if own[index] else ())
    graph: dict[int, Iterable[int]] = {**dict.fromkeys(own, ()), **column.graph()}
    ends: dict[int, int] = {}
    for node in TopologicalSorter(graph).static_order():
        ends[node] = max((ends[other] for other in graph[node]), default=0) + own.get(node, 0)
    node = max(ends, key=ends.__getitem__)
    milliseconds, parts = ends[node], []
    while True:
        if own.get(node):
            parts.append((compiler.children[node].name, own[node]))
        if not graph[node]:
            return Longest(milliseconds, tuple(reversed(parts)))
        node = max(graph[node], key=ends.__getitem__)


def _own(cell: Cell) -> int:
    """Return the milliseconds that a child's own action may take, whatever it waits for."""
    ready = _time(cell.ready)
    if cell.starting is None or cell.starting is cell.ready:
        return ready
    if cell.starting.action.do == "hold":
        # Held to the last moment, and then either else is done or what applies to a child that is ready.
        return (cell.starting.action.hold or 0) + max(ready, _sum(cell.starting, run_failed=True))
    return max(ready, _time(cell.starting))


def _time(entry: Entry | None) -> int:
    if entry is None:
        return 0
    if not entry.action.run:
        return _sum(entry)
    timeout = DEFAULT_TIMEOUT if entry.action.timeout is None else entry.action.timeout
    return timeout + max(_sum(entry), _sum(entry, run_failed=True))


def _sum(entry: Entry, *, run_failed: bool = False) -> int:
    return sum(step.wait for step in (entry.action.else_steps if run_failed else entry.action.steps))
