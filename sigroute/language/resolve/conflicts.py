"""Errors between rules that are each right by themselves, such as children that wait for each other."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sigroute.language.read.path import format_header, format_path
from sigroute.language.read.reading import Finding
from sigroute.language.read.signals import STOP_CLASS
from sigroute.language.resolve.layering import first_said, merged, path_of, who_says
from sigroute.language.resolve.lookup import likes_of
from sigroute.language.resolve.resolved import GUARDED, is_single
from sigroute.pid1.names import name_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sigroute.language.read.actions import Entry
    from sigroute.language.read.lifecycle import Ready
    from sigroute.language.read.model import Child
    from sigroute.language.read.path import Path
    from sigroute.language.resolve.resolved import Resolved
    from sigroute.language.resolve.stop_graph import StopGraph, StopRules


#: The number of an instance, in a text.
INSTANCE = re.compile(r"(?<!\$)\$\{INSTANCE(:-[^}]*)?\}")


def find_conflicts(resolved: Resolved) -> list[Finding]:
    """Return these errors."""
    findings = [
        *_endless_holds(resolved),
        *_run_without_else(resolved),
        *_several_terminals(resolved),
        *_tagged_terminals(resolved),
        *_scope_without_program(resolved),
        *_one_address_for_several(resolved),
        *_numbers_in_rules(resolved),
        *_watches_for_nothing(resolved),
        *_idle_without_address(resolved),
        *_descriptor_above_limit(resolved),
    ]
    ordered = resolved.order.needed or resolved.order.takes_all
    if ordered:
        from sigroute.language.resolve.misordered import misordered  # noqa: PLC0415 - few files have an order

        findings += misordered(resolved)
    if ordered or any(resolved.lookup.waiting_of(rows) for each in resolved.children for rows in each.phases):
        from sigroute.language.resolve.stop_graph import stop_graphs  # noqa: PLC0415 - few files have an after

        for graph in resolved.once(stop_graphs):
            findings += _circles(resolved, graph)
            findings += _waits_for_who_drops(resolved, graph)
    # One line may be wrong for many children and signals: the first of them is named.
    return list(
        {(finding.source.name, finding.path, finding.hint): finding for finding in reversed(findings)}.values()
    )[::-1]


def _endless_holds(resolved: Resolved) -> Iterator[Finding]:
    """Yield rules that hold a stop without an end."""
    if resolved.rules.grace is not None:
        return
    for each in resolved.children:
        if not each.program and each.child.task is None:
            continue
        for signal, sender in resolved.lookup.stops:
            entry = each.phases[-1][sender][signal]
            if entry is not None and entry.action.do == "hold" and entry.action.hold is None:
                never = "ends" if each.child.task else f"becomes {each.program[0]}"
                message = f"a stop is held for ever if {each.child.name} never {never}"
                hint = '{ hold = "60s", else = "TERM" } ends that, or grace'
                yield Finding(entry.source, entry.path, f"{message}, in {entry.origin}", hint)


def _run_without_else(resolved: Resolved) -> Iterator[Finding]:
    """Yield stop actions that send nothing if their ``run`` fails, in files that a child is like.

    In that file the signal is of another class, so its reader did not ask for ``else``.
    """
    for each in resolved.children:
        for rows in each.phases:
            for signal, sender in resolved.lookup.stops:
                entry = rows[sender][signal]
                if entry is not None and entry.action.run and not (entry.action.else_steps or entry.action.steps):
                    origin = resolved.lookup.origin(entry)
                    message = f"run without send or else, though {name_of(signal)} is of class stop here, in {origin}"
                    hint = f"give child {each.child.name} a rule of its own for {name_of(signal)}"
                    yield Finding(resolved.rules.source, (*each.child.path, "like"), message, hint)


def _scope_without_program(resolved: Resolved) -> Iterator[Finding]:
    """Yield rules with ``scope = "program"`` for a child that has no program, or does not run it yet."""
    scoped: dict[int, list[Entry]] = {}
    for each in resolved.children:
        name = each.child.name
        early = bool(each.program)
        rows = each.starting if early else each.running
        if id(rows) not in scoped:
            entries = resolved.lookup.entries_of(rows)
            scoped[id(rows)] = [entry for entry in entries if entry.action.scope == "program"]
        for entry in scoped[id(rows)]:
            message = f'scope = "program", but child {name} has no program, in {resolved.lookup.origin(entry)}'
            hint = f'name it in {format_header("child", name)}, as in program = "nginx"'
            if early:
                message = f'scope = "program" for a child that is starting, in {resolved.lookup.origin(entry)}'
                hint = "its program is not there yet: remove it"
            yield Finding(entry.source, (*entry.path, "scope"), message, hint)


def _one_address_for_several(resolved: Resolved) -> Iterator[Finding]:
    """Yield instances that all wait for one listener or one file: the second would be ready before it is."""
    for each in resolved.children:
        child = each.child
        if is_single(child):
            continue
        layers = resolved.layering.of(child)
        ready: Ready | None = first_said(layers, "ready", None)
        at = (*path_of(who_says(layers, "ready")), "ready")
        if ready is not None and ready.listen and not INSTANCE.search(ready.listen):
            message = f"all instances of {child.name} have one address, in {format_path((*at, 'listen'))}"
            hint = 'give each its own: "/run/app.${INSTANCE}.sock"'
            yield Finding(resolved.rules.source, (*at, "listen"), message, hint)
        if ready is not None and ready.file and not INSTANCE.search(ready.file):
            message = f"all instances of {child.name} have one file, in {format_path((*at, 'file'))}"
            hint = 'give each its own: "/run/app.${INSTANCE}.ready"'
            yield Finding(resolved.rules.source, (*at, "file"), message, hint)


def _numbers_in_rules(resolved: Resolved) -> Iterator[Finding]:
    """Yield commands of actions with the number of an instance: all instances share their rules."""
    numbered = [each for each in resolved.children if each.child.instances is not None]
    layers = {id(layer.table): layer for each in numbered for layer in (*each.layers, *each.starting_layers)}
    for entry in [entry for layer in layers.values() for entry in layer.table.entries]:
        for index, word in enumerate(entry.action.run or ()):
            if INSTANCE.search(word):
                message = f"${{INSTANCE}} is no number in a rule, in {entry.origin}.run"
                hint = 'give it to the children, as in env = { NUMBER = "${INSTANCE}" }, and have a script read $NUMBER'
                yield Finding(entry.source, (*entry.path, "run", index), message, hint)


def _watches_for_nothing(resolved: Resolved) -> Iterator[Finding]:
    """Yield watches whose signal does nothing, or ends a child without a handler."""
    for each in resolved.children:
        for watched, signal in each.child.watch.items():
            path, name = (*each.child.path, "watch", watched), name_of(signal)
            entry = each.running["sigroute"][signal]
            if entry is None and signal not in GUARDED:
                message, hint = (
                    f"no rule for {name}",
                    f"write one in {format_header(*each.child.path, 'on')}, or name HUP here",
                )
            elif entry is not None and entry.action.do == "drop":
                message, hint = (
                    f"{name} is dropped by {resolved.lookup.origin(entry)}",
                    "name another signal, or have the rule send one",
                )
            else:
                continue
            yield Finding(resolved.rules.source, path, f"{message}, in {format_path(path)}", hint)


def _idle_without_address(resolved: Resolved) -> Iterator[Finding]:
    """Yield rules that wait for the connections of a child that does not say where it listens."""
    idle: dict[int, list[Entry]] = {}
    for each in resolved.children:
        ready: Ready | None = first_said(resolved.layering.of(each.child), "ready", None)
        if ready is not None and ready.listen:
            continue
        for rows in each.phases:
            if id(rows) not in idle:
                idle[id(rows)] = [entry for entry in resolved.lookup.entries_of(rows) if entry.action.has_idle]
            for entry in idle[id(rows)]:
                what = "child" if each.child.task is None else "task"
                origin = resolved.lookup.origin(entry)
                message = f"idle for {what} {each.child.name}, which has no ready.listen, in {origin}"
                hint = 'say where it listens, as in ready = { listen = "0.0.0.0:80" }'
                if what == "task":
                    hint = 'a task listens nowhere: name a time alone, as in "30s TERM"'
                yield Finding(entry.source, entry.path, message, hint)


def _descriptor_above_limit(resolved: Resolved) -> Iterator[Finding]:
    """Yield descriptors by which a child is to say that it is ready, where its limit does not allow so high a one."""
    for each in resolved.children:
        layers = resolved.layering.of(each.child)
        ready: Ready | None = first_said(layers, "ready", None)
        soft = merged(layers, "limits").get("nofile", (None, None))[0]
        if ready is not None and ready.fd and soft is not None and 0 <= soft <= ready.fd:
            path = (*path_of(who_says(layers, "ready")), "ready", "fd")
            limit = f"limits.nofile is {soft}, in {format_path(path)}"
            message = f"child {each.child.name} may have no descriptor {ready.fd}: {limit}"
            hint = "raise limits.nofile, or name a lower one, as in fd = 3"
            yield Finding(resolved.rules.source, path, message, hint)


def _several_terminals(resolved: Resolved) -> Iterator[Finding]:
    """Yield children that take the terminal, if a child before them does."""
    takers = [each.child for each in resolved.children if each.terminal == "child"]
    for child in takers[1:]:
        path = _path_of_terminal(resolved, child)
        message = f"child {child.name} takes the terminal, as child {takers[0].name} does, in {format_path(path)}"
        hint = 'there is only one: all others need terminal = "sigroute"'
        yield Finding(resolved.rules.source, path, message, hint)
    for child in takers:
        if not is_single(child):
            path = _path_of_terminal(resolved, child)
            message = f"the instances of {child.name} can't all have the terminal, in {format_path(path)}"
            yield Finding(resolved.rules.source, path, message, 'leave it to sigroute: terminal = "sigroute"')


def _path_of_terminal(resolved: Resolved, child: Child) -> Path:
    """Return where it is written that a child takes the terminal."""
    if not child.terminal and any(each.child.terminal for each in likes_of(child)):
        return (*child.path, "like")
    layer = who_says((child, *resolved.layering.groups_of(child)), "terminal")
    return (*path_of(layer), "terminal")


def _tagged_terminals(resolved: Resolved) -> Iterator[Finding]:
    """Yield outputs that are tagged, of a child that has the terminal: then it is no pipe."""
    for each in resolved.children:
        layers = resolved.layering.of(each.child)
        if each.terminal == "child" and first_said(layers, "output", "") == "tag":
            path = (*path_of(who_says(layers, "output")), "output")
            message = f"child {each.child.name} has the terminal, so its output can't be tagged, in {format_path(path)}"
            yield Finding(resolved.rules.source, path, message, 'leave the terminal to sigroute: terminal = "sigroute"')


def _circles(resolved: Resolved, graph: StopGraph) -> Iterator[Finding]:
    """Yield a circle of children that wait for each other."""
    if not graph.edges:
        return
    from graphlib import CycleError, TopologicalSorter  # noqa: PLC0415 - few files have an after

    try:
        TopologicalSorter(graph.waits()).prepare()
    except CycleError as error:
        # In CycleError each node waits for the one before it. Reversed, the list reads "a after b".
        nodes = error.args[1][:0:-1]
    else:
        return
    first = nodes.index(min(node for node in nodes if node >= 0))
    nodes = nodes[first:] + nodes[:first]
    entry = graph.edges[nodes[0]][nodes[1 % len(nodes)]]
    circle = [node for node in nodes if node >= 0]
    names = [resolved.name_of(index) for index in circle]
    most = 8
    if len(names) > most:
        names = [*names[: most - 2], f"{len(names) - most + 1} more", names[-1]]
    if len(circle) == 1:
        message = f"{names[0]} waits for itself"
        hint = f"give child {names[0]} a {STOP_CLASS} of its own"
    else:
        message = f"children wait in a circle: {' after '.join([*names, names[0]])}"
        hint = "one of them has to go first"
    message = f"{message}, on {name_of(graph.signal)} in {entry.origin}"
    yield Finding(entry.source, (*entry.path, "after"), message, hint)


def _waits_for_who_drops(resolved: Resolved, graph: StopGraph) -> Iterator[Finding]:
    """Yield children that wait for one that drops the signal, and so never exits."""
    if resolved.rules.grace is not None:
        return
    droppers = {index: index for index, cell in enumerate(graph.children) if _drops(cell)}
    for group, members in graph.groups.items():
        droppers.update((group, each) for each in reversed(members) if each in droppers)
    for index, waits in graph.implied.items():
        for node in waits:
            if node in droppers:
                name, waiting = resolved.name_of(node), resolved.name_of(index)
                message = f"{waiting} waits for {name}, which needs it and drops {name_of(graph.signal)}"
                path = (*path_of(who_says(resolved.layering.of(resolved.children[node].child), "needs")), "needs")
                hint = "set grace, which ends the wait, or give the child that drops the signal a stop action"
                yield Finding(resolved.rules.source, path, f"{message}, in {format_path(path)}", hint)
    for index, edges in graph.edges.items():
        for node, entry in edges.items():
            if node in droppers:
                name, waiting = resolved.name_of(droppers[node]), resolved.name_of(index)
                message = f"{waiting} waits for {name}, which drops {name_of(graph.signal)}, in {entry.origin}"
                hint = "set grace, which ends the wait, or give the child that drops the signal a stop action"
                yield Finding(entry.source, (*entry.path, "after"), message, hint)


def _drops(cell: StopRules) -> bool:
    return any(each is not None and each.action.do == "drop" for each in cell.both)
