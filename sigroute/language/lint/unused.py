"""Unused rules: those that can never apply, and those that change nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigroute.language.read.path import format_header, format_path
from sigroute.language.read.reading import Finding
from sigroute.language.read.signals import STOP_CLASS, STOP_SIGNALS, is_musl
from sigroute.language.resolve.planner import make_action
from sigroute.pid1.names import RTMIN, name_of
from sigroute.pid1.plan import ANY_CODE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sigroute.language.read.actions import Entry
    from sigroute.language.read.path import Path
    from sigroute.language.resolve.lookup import Rows
    from sigroute.language.resolve.resolved import Resolved
    from sigroute.language.resolve.resolved_child import ResolvedChild


def unused_entries(resolved: Resolved) -> Iterator[Finding]:
    """Yield the entries of this file without which every child would do the same."""
    users: dict[Entry, list[tuple[Rows, list[int]]]] = {}
    kinds = _by_kind(resolved)
    for each, indexes in kinds:
        for rows in each.phases:
            for entry in _applying(resolved, each, rows):
                users.setdefault(entry, []).append((rows, indexes))
    holders = _holders(kinds, {entry for entry in resolved.own_entries() if entry not in users})
    for entry in resolved.own_entries():
        if entry not in users:
            why = _why(resolved, entry, holders.get(entry, []))
            message, hint = f"{entry.key.text} can never apply, in {entry.origin}", why
        else:
            same = _same_without(resolved, entry, users[entry])
            if same is None:
                continue
            message, hint = f"{entry.key.text} changes nothing, in {entry.origin}", f"{same} says the same"
        yield Finding(entry.source, entry.path, message, hint, on_key=True, warning=True)


def _by_kind(resolved: Resolved) -> list[tuple[ResolvedChild, list[int]]]:
    """Return one child of each kind, with the indexes of all children of this kind: there may be thousands.

    Children of a kind differ at most in whom they wait for.
    """
    kinds: dict[object, tuple[ResolvedChild, list[int]]] = {}
    for index, each in enumerate(resolved.children):
        which = (id(each.running), id(each.starting), bool(each.program), each.terminal)
        kinds.setdefault(which, (each, []))[1].append(index)
    return list(kinds.values())


def _applying(resolved: Resolved, each: ResolvedChild, rows: Rows) -> Iterator[Entry]:
    """Yield the entries of a child that apply to a signal that can arrive."""
    lookup = resolved.lookup
    for entry in lookup.entries_of(rows):
        if any(
            row[signal] is entry and lookup.can_arrive(signal, sender) and each.can_hear(signal, sender)
            for signal in lookup.signals_of(entry)
            for sender, row in rows.items()
        ):
            yield entry


def _holders(kinds: list[tuple[ResolvedChild, list[int]]], entries: set[Entry]) -> dict[Entry, list[ResolvedChild]]:
    """Return for each of these entries a child of each kind that has it in one of its tables."""
    holders: dict[Entry, list[ResolvedChild]] = {}
    for each, _ in kinds:
        for layer in (*each.layers, *each.starting_layers):
            for entry in layer.table.entries:
                if entry in entries:
                    holders.setdefault(entry, []).append(each)
    return holders


def _why(resolved: Resolved, entry: Entry, holders: list[ResolvedChild]) -> str:
    """Return the reason why an entry never applies: what applies first, or who gets the signal."""
    lookup = resolved.lookup
    starting = entry.path[2:3] == ("starting",)
    winners = set()
    for each in holders:
        if starting and not each.program:
            return "the child has no program: it is never starting"
        rows = each.starting if starting else each.running
        winners |= {
            lookup.origin(row[signal])
            for sender, row in rows.items()
            for signal in lookup.signals_of(entry)
            if entry.key.sender in (None, sender)
            and lookup.can_arrive(signal, sender)
            and each.can_hear(signal, sender)
        }
    if not winners:
        return _whose_terminal(resolved)
    most = 3
    listed = ", ".join(sorted(winners)[:most]) + (", …" if len(winners) > most else "")
    return f"{listed} {'applies' if len(winners) == 1 else 'apply'} first"


def _whose_terminal(resolved: Resolved) -> str:
    """Return the hint that the terminal signals a child itself, and how to change that."""
    (owner,) = (each.child for each in resolved.children if each.terminal == "child")
    whose = f"child {owner.name}'s" if owner.path else f"{owner.name}'s"
    header = format_header("child", owner.name if owner.path else "NAME")
    return f'the terminal is {whose}: {header} terminal = "sigroute" leaves it to the rules'


def _same_without(resolved: Resolved, entry: Entry, users: list[tuple[Rows, list[int]]]) -> str | None:
    """Return the entry or default that would do the same without this entry; None: something would change."""
    lookup = resolved.lookup
    other = ""
    compared = set()
    for rows, indexes in users:
        for sender, signal in _applied_to(resolved, entry, rows):
            instead = lookup.instead_of(entry, rows, signal, sender)
            stop, _ = default = resolved.defaults[sender][signal]
            # The default of a stop depends on the number of children: whoever writes it down decides that.
            if instead is None and stop:
                return None
            # With equal waits, all children of a kind are one case.
            same_waits = resolved.named_by(entry) == resolved.named_by(instead)
            for index in indexes[:1] if same_waits else indexes:
                waits = resolved.waits_for(entry, index)
                after = () if instead is None else resolved.waits_for(instead, index)
                # Thousands of children may wait for thousands: equal waits are one object, so ids will do.
                which = (instead or default, stop, id(waits), id(after))
                if which in compared:
                    continue
                compared.add(which)
                now = make_action(resolved, entry, signal, waits, stop=stop)
                then = make_action(resolved, instead, signal, after, stop=stop)
                if now.but(origin="") != then.but(origin=""):
                    return None
                other = other or then.origin
    return "the default" if other == "default" else other


def _applied_to(resolved: Resolved, entry: Entry, rows: Rows) -> Iterator[tuple[str, int]]:
    """Yield each sender and signal for which an entry applies."""
    signals = sorted(resolved.lookup.signals_of(entry))
    yield from ((sender, signal) for sender, row in rows.items() for signal in signals if row[signal] is entry)


def unused_parts(resolved: Resolved) -> Iterator[Finding]:
    """Yield the other parts of the file that have no effect."""
    for entry in resolved.own_entries():
        yield from _unused_again(resolved, entry)
        yield from _unused_after(resolved, entry)
        if is_musl() and entry.key.signals == {RTMIN} and not entry.key.is_class:
            message = f"{entry.key.text} can never apply here, in {entry.origin}"
            yield Finding(entry.source, entry.path, message, "musl keeps 34 for itself", on_key=True, warning=True)
    yield from _unused_groups(resolved)
    yield from _unused_classes(resolved)
    for before, after in resolved.rules.exit.map.items():
        if before == after and ANY_CODE not in resolved.rules.exit.map:
            path = ("exit", "map", str(before))
            yield _finding(resolved, path, f"{before} = {after} changes nothing, in exit.map", "remove it")


def _finding(resolved: Resolved, path: Path, message: str, hint: str, *, on_key: bool = True) -> Finding:
    return Finding(resolved.rules.source, path, message, hint, on_key=on_key, warning=True)


def _unused_again(resolved: Resolved, entry: Entry) -> Iterator[Finding]:
    action, path = entry.action, (*entry.path, "again")
    signals = resolved.lookup.signals_of(entry)
    stop = resolved.lookup.stop_signals
    if action.again is None:
        return
    if not signals & stop and not (action.run or any(step.wait or step.idle for step in action.steps)):
        message, hint = f"again changes nothing, in {entry.origin}", "an action without a wait or run is over at once"
        yield Finding(entry.source, path, message, hint, on_key=True, warning=True)
    elif isinstance(action.again, dict):
        heard = stop if signals & stop else signals
        for signal in sorted(set(action.again) - heard):
            message = f"{name_of(signal)} can never apply, in {entry.origin}.again"
            hint = f"a repeat is {'a signal of class stop' if signals & stop else entry.key.text}"
            yield Finding(entry.source, path, message, hint, warning=True)


def _unused_after(resolved: Resolved, entry: Entry) -> Iterator[Finding]:
    """Yield an ``after`` that names a group with no other member."""
    after = entry.action.after
    if not after or entry.path[0] != "child" or not all(name.startswith("@") for name in after):
        return
    members = {index for name in after for index in resolved.members(name[1:])}
    if members == {resolved.indexes[str(entry.path[1])]}:
        path = (*entry.path, "after")
        hint = "no other child is in that group"
        yield Finding(entry.source, path, f"after changes nothing, in {entry.origin}", hint, on_key=True, warning=True)


def _unused_groups(resolved: Resolved) -> Iterator[Finding]:
    """Yield groups that have no table, and that nothing names; the control socket may name any."""
    rules = resolved.rules
    if rules.control.path is not None:
        return
    named = [name for entry in resolved.own_entries() for name in entry.action.after or ()]
    named += [name for child in rules.children for name in child.needs or ()]
    named += [name for task in rules.tasks for name in task.needs or ()]
    named += [name for group in rules.groups for name in group.needs or ()]
    named += rules.exit.when if isinstance(rules.exit.when, tuple) else ()
    known = {group.name for group in rules.groups} | {name[1:] for name in named if name.startswith("@")}
    for each in resolved.children:
        for index, name in enumerate(each.child.groups):
            if name not in known:
                known.add(name)  # once is enough
                message = f"group {name} has no rules, and nothing names it"
                path = (*each.child.path, "groups")
                message = f"{message}, in {format_path(path)}"
                hint = f"give it rules, as in {format_header('group', name, 'on')}, or remove it"
                yield _finding(resolved, (*path, index), message, hint, on_key=False)


def _unused_classes(resolved: Resolved) -> Iterator[Finding]:
    classes = resolved.rules.signals
    used = {entry.key.word for entry in resolved.own_entries() if entry.key.is_class}
    for name in classes.own:
        if name not in used and name != STOP_CLASS:
            message = f"class {name} is in no rule, in signals.{name}"
            yield _finding(resolved, ("signals", name), message, f'as in [on] {name} = "drop"')
    for adds, signal, _ in classes.own_stop_edits:
        if adds == (signal in STOP_SIGNALS):
            message = f"{'+' if adds else '-'}{name_of(signal)} changes nothing, in signals.{STOP_CLASS}"
            hint = f"{STOP_CLASS} is {' '.join(map(name_of, STOP_SIGNALS))}"
            yield _finding(resolved, ("signals", STOP_CLASS), message, hint, on_key=False)
