"""Errors that no line shows by itself: children that wait for ever, or that all want the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigroute.language.read.path import spell_header, spell_path
from sigroute.language.read.reading import Finding
from sigroute.language.read.signals import STOP
from sigroute.pid1.names import name_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sigroute.language.read.model import Entry
    from sigroute.language.resolve.planner import Compiler
    from sigroute.language.resolve.resolver import Rows
    from sigroute.language.resolve.stop_graph import Cell, Column


def check(compiler: Compiler) -> list[Finding]:
    """Return what is wrong between the rules of several lines."""
    findings = [*_endless_holds(compiler), *_untold(compiler), *_fought_over(compiler), *_no_program(compiler)]
    if any(map(compiler.resolver.waiting_of, _rows(compiler))):
        from sigroute.language.resolve.stop_graph import stop_columns  # noqa: PLC0415 - few files have an after

        for column in stop_columns(compiler):
            findings += _circles(compiler, column)
            findings += _deaf(compiler, column)
    # The same line may be wrong for many children and signals: it is said for the first.
    return list(
        {(finding.source.name, finding.path, finding.hint): finding for finding in reversed(findings)}.values()
    )[::-1]


def _rows(compiler: Compiler) -> Iterator[Rows]:
    """Yield what may apply to each child, however far it is."""
    for settled in compiler.settled:
        yield settled.ready
        if settled.program:
            yield settled.starting


def _endless_holds(compiler: Compiler) -> Iterator[Finding]:
    """Yield what holds a stop without an end."""
    if compiler.rules.grace is not None:
        return
    for settled in compiler.settled:
        if not settled.program:
            continue
        for signal, sender in compiler.resolver.stops:
            entry = settled.starting[sender][signal]
            if entry is not None and entry.action.do == "hold" and entry.action.hold is None:
                message = f"a stop is held for ever if {settled.child.name} never becomes {settled.program[0]}"
                hint = '{ hold = "60s", else = "TERM" } ends that, or grace'
                yield Finding(entry.source, entry.path, f"{message}, in {entry.origin}", hint)


def _untold(compiler: Compiler) -> Iterator[Finding]:
    """Yield what became a stop action only here, and sends nothing when its ``run`` fails.

    Where it was written its signal was of another class, and ``else`` not needed.
    """
    for settled in compiler.settled:
        for rows in (settled.ready, settled.starting) if settled.program else (settled.ready,):
            for signal, sender in compiler.resolver.stops:
                entry = rows[sender][signal]
                if entry is not None and entry.action.run and not entry.action.else_steps:
                    origin = compiler.resolver.origin(entry)
                    message = f"run without else, though {name_of(signal)} is of class stop here, in {origin}"
                    hint = f"give child {settled.child.name} a rule of its own for {name_of(signal)}"
                    yield Finding(compiler.rules.source, (*settled.child.path, "like"), message, hint)


def _no_program(compiler: Compiler) -> Iterator[Finding]:
    """Yield what is for a program that the child does not have, or not yet."""
    scoped: dict[int, list[Entry]] = {}
    for settled in compiler.settled:
        name = settled.child.name
        early = bool(settled.program)
        rows = settled.starting if early else settled.ready
        if id(rows) not in scoped:
            entries = compiler.resolver.entries_of(rows)
            scoped[id(rows)] = [entry for entry in entries if entry.action.scope == "program"]
        for entry in scoped[id(rows)]:
            message = f'scope = "program", but child {name} has no program, in {compiler.resolver.origin(entry)}'
            hint = f'name it in {spell_header("child", name)}, as in program = "nginx"'
            if early:
                message = f'scope = "program" for a child that is starting, in {compiler.resolver.origin(entry)}'
                hint = "its program is not there yet: remove it"
            yield Finding(entry.source, (*entry.path, "scope"), message, hint)


def _fought_over(compiler: Compiler) -> Iterator[Finding]:
    """Yield children that take the terminal, though one before them does."""
    takers = [settled.child for settled in compiler.settled if settled.terminal == "child"]
    for child in takers[1:]:
        path = (*child.path, "terminal" if child.terminal else "like")
        message = f"child {child.name} takes the terminal, as child {takers[0].name} does, in {spell_path(path)}"
        hint = 'there is only one: all others need terminal = "sigroute"'
        yield Finding(compiler.rules.source, path, message, hint)


def _circles(compiler: Compiler, column: Column) -> Iterator[Finding]:
    """Yield a circle of children that wait for each other."""
    if not column.edges:
        return
    from graphlib import CycleError, TopologicalSorter  # noqa: PLC0415 - few files have an after

    try:
        TopologicalSorter(column.graph()).prepare()
    except CycleError as error:
        # Each waits for the one before it, so backwards it reads "a after b".
        nodes = error.args[1][:0:-1]
    else:
        return
    first = nodes.index(min(node for node in nodes if node >= 0))
    nodes = nodes[first:] + nodes[:first]
    entry = column.edges[nodes[0]][nodes[1 % len(nodes)]]
    circle = [node for node in nodes if node >= 0]
    names = [compiler.children[index].name for index in circle]
    most = 8
    if len(names) > most:
        names = [*names[: most - 2], f"{len(names) - most + 1} more", names[-1]]
    if len(circle) == 1:
        message = f"{names[0]} waits for itself"
        hint = f"give child {names[0]} a {STOP} of its own"
    else:
        message = f"children wait in a circle: {' after '.join([*names, names[0]])}"
        hint = "one of them has to go first"
    message = f"{message}, on {name_of(column.signal)} in {entry.origin}"
    yield Finding(entry.source, (*entry.path, "after"), message, hint)


def _deaf(compiler: Compiler, column: Column) -> Iterator[Finding]:
    """Yield who waits for a child that goes on, as it drops the signal."""
    if compiler.rules.grace is not None:
        return
    deaf = {index: index for index, cell in enumerate(column.cells) if _drops(cell)}
    for group, members in column.groups.items():
        deaf.update((group, each) for each in reversed(members) if each in deaf)
    for index, edges in column.edges.items():
        for node, entry in edges.items():
            if node in deaf:
                name, waiting = compiler.children[deaf[node]].name, compiler.children[index].name
                message = f"{waiting} waits for {name}, which drops {name_of(column.signal)}, in {entry.origin}"
                hint = "set grace, which ends the wait, or have it stop"
                yield Finding(entry.source, (*entry.path, "after"), message, hint)


def _drops(cell: Cell) -> bool:
    return any(each is not None and each.action.do == "drop" for each in cell.both)
