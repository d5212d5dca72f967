"""Rules that can never apply, and rules that change nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigroute.language.read.path import spell_header, spell_path
from sigroute.language.read.reading import Finding
from sigroute.language.read.signals import STOP, STOP_SIGNALS, is_musl
from sigroute.pid1.names import RTMIN, name_of
from sigroute.pid1.plan import ANY_CODE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sigroute.language.read.model import Entry
    from sigroute.language.read.path import Path
    from sigroute.language.resolve.planner import Compiler
    from sigroute.language.resolve.resolver import Rows, Settled


def idle_entries(compiler: Compiler) -> Iterator[Finding]:
    """Yield the entries of the file itself without which every child would do the same."""
    users: dict[Entry, list[tuple[Rows, list[int]]]] = {}
    alike = _alike(compiler)
    for settled, indexes in alike:
        for rows in (settled.ready, settled.starting) if settled.program else (settled.ready,):
            for entry in _applying(compiler, settled, rows):
                users.setdefault(entry, []).append((rows, indexes))
    holders = _holders(alike, {entry for entry in compiler.own_entries() if entry not in users})
    for entry in compiler.own_entries():
        if entry not in users:
            why = _why(compiler, entry, holders.get(entry, []))
            message, hint = f"{entry.key.text} can never apply, in {entry.origin}", why
        else:
            same = _same_without(compiler, entry, users[entry])
            if same is None:
                continue
            message, hint = f"{entry.key.text} changes nothing, in {entry.origin}", f"{same} says the same"
        yield Finding(entry.source, entry.path, message, hint, on_key=True, warning=True)


def _alike(compiler: Compiler) -> list[tuple[Settled, list[int]]]:
    """Return one child of each kind, with the numbers of all that are like it: there may be thousands.

    They differ at most in whom they wait for.
    """
    alike: dict[object, tuple[Settled, list[int]]] = {}
    for index, settled in enumerate(compiler.settled):
        which = (id(settled.ready), id(settled.starting), bool(settled.program), settled.terminal)
        alike.setdefault(which, (settled, []))[1].append(index)
    return list(alike.values())


def _applying(compiler: Compiler, settled: Settled, rows: Rows) -> Iterator[Entry]:
    """Yield the entries of a child that apply to any signal that can arrive."""
    resolver = compiler.resolver
    for entry in resolver.entries_of(rows):
        if any(
            row[signal] is entry and resolver.can_arrive(signal, sender) and settled.can_hear(signal, sender)
            for signal in resolver.signals_of(entry)
            for sender, row in rows.items()
        ):
            yield entry


def _holders(alike: list[tuple[Settled, list[int]]], entries: set[Entry]) -> dict[Entry, list[Settled]]:
    """Return a child of each kind that has one of these entries in a table of its own, all at once."""
    holders: dict[Entry, list[Settled]] = {}
    for settled, _ in alike:
        for layer in (*settled.layers, *settled.starting_layers):
            for entry in layer.table.entries:
                if entry in entries:
                    holders.setdefault(entry, []).append(settled)
    return holders


def _why(compiler: Compiler, entry: Entry, holders: list[Settled]) -> str:
    """Return what applies instead of an entry, or what keeps its signals away."""
    resolver = compiler.resolver
    starting = entry.path[2:3] == ("starting",)
    winners = set()
    for settled in holders:
        if starting and not settled.program:
            return "the child has no program: it is ready at once"
        rows = settled.starting if starting else settled.ready
        winners |= {
            resolver.origin(row[signal])
            for sender, row in rows.items()
            for signal in resolver.signals_of(entry)
            if entry.key.sender in (None, sender)
            and resolver.can_arrive(signal, sender)
            and settled.can_hear(signal, sender)
        }
    if not winners:
        return _whose_terminal(compiler)
    most = 3
    listed = ", ".join(sorted(winners)[:most]) + (", …" if len(winners) > most else "")
    return f"{listed} {'applies' if len(winners) == 1 else 'apply'} first"


def _whose_terminal(compiler: Compiler) -> str:
    """Return which child the terminal signals, and how it comes not to."""
    (owner,) = (settled.child for settled in compiler.settled if settled.terminal == "child")
    whose = f"child {owner.name}'s" if owner.path else f"{owner.name}'s"
    header = spell_header("child", owner.name if owner.path else "NAME")
    return f'the terminal is {whose}: {header} terminal = "sigroute" leaves it to the rules'


def _same_without(compiler: Compiler, entry: Entry, users: list[tuple[Rows, list[int]]]) -> str | None:
    """Return what would do the same without an entry, or None where anything would be done differently."""
    resolver = compiler.resolver
    other = ""
    compared = set()
    for rows, indexes in users:
        for sender, signal in _places(compiler, entry, rows):
            instead = resolver.instead_of(entry, rows, signal, sender)
            stop, _ = kind = compiler.kinds[sender][signal]
            # The default of a stop depends on the number of children: to write it down is to decide it.
            if instead is None and stop:
                return None
            # Who would wait for the same without it is no other case than the first.
            same_waits = compiler.named_by(entry) == compiler.named_by(instead)
            for index in indexes[:1] if same_waits else indexes:
                waits = compiler.waits_for(entry, index)
                after = () if instead is None else compiler.waits_for(instead, index)
                # There may be thousands of users, who wait for thousands: equal waits are one value.
                which = (instead or kind, stop, id(waits), id(after))
                if which in compared:
                    continue
                compared.add(which)
                now = compiler.make(entry, signal, waits, stop=stop)
                then = compiler.make(instead, signal, after, stop=stop)
                if now.but(origin="") != then.but(origin=""):
                    return None
                other = other or then.origin
    return "the default" if other == "default" else other


def _places(compiler: Compiler, entry: Entry, rows: Rows) -> Iterator[tuple[str, int]]:
    """Yield each sender and signal for which an entry applies."""
    signals = sorted(compiler.resolver.signals_of(entry))
    yield from ((sender, signal) for sender, row in rows.items() for signal in signals if row[signal] is entry)


def idle_parts(compiler: Compiler) -> Iterator[Finding]:
    """Yield the other things in the file that have no effect."""
    for entry in compiler.own_entries():
        yield from _idle_again(compiler, entry)
        yield from _idle_after(compiler, entry)
        if is_musl() and entry.key.signals == {RTMIN} and not entry.key.is_class:
            message = f"{entry.key.text} can never apply here, in {entry.origin}"
            yield Finding(entry.source, entry.path, message, "musl keeps 34 for itself", on_key=True, warning=True)
    yield from _idle_groups(compiler)
    yield from _idle_classes(compiler)
    for before, after in compiler.rules.exit.map.items():
        if before == after and ANY_CODE not in compiler.rules.exit.map:
            path = ("exit", "map", str(before))
            yield _finding(compiler, path, f"{before} = {after} changes nothing, in exit.map", "remove it")


def _finding(compiler: Compiler, path: Path, message: str, hint: str, *, on_key: bool = True) -> Finding:
    return Finding(compiler.rules.source, path, message, hint, on_key=on_key, warning=True)


def _idle_again(compiler: Compiler, entry: Entry) -> Iterator[Finding]:
    action, path = entry.action, (*entry.path, "again")
    signals = compiler.resolver.signals_of(entry)
    stop = compiler.resolver.stop
    if action.again is None:
        return
    if not signals & stop and not (action.run or any(step.wait for step in action.steps)):
        message, hint = f"again changes nothing, in {entry.origin}", "without wait or run, it is over at once"
        yield Finding(entry.source, path, message, hint, on_key=True, warning=True)
    elif isinstance(action.again, dict):
        heard = stop if signals & stop else signals
        for signal in sorted(set(action.again) - heard):
            message = f"{name_of(signal)} can never apply, in {entry.origin}.again"
            hint = f"a repeat is {'a signal of class stop' if signals & stop else entry.key.text}"
            yield Finding(entry.source, path, message, hint, warning=True)


def _idle_after(compiler: Compiler, entry: Entry) -> Iterator[Finding]:
    """Yield a wait for a group that nobody else is in."""
    after = entry.action.after
    if not after or entry.path[0] != "child" or not all(name.startswith("@") for name in after):
        return
    members = {index for name in after for index in compiler.members(name[1:])}
    if members == {compiler.indexes[str(entry.path[1])]}:
        path = (*entry.path, "after")
        hint = "nobody else is in it"
        yield Finding(entry.source, path, f"after changes nothing, in {entry.origin}", hint, on_key=True, warning=True)


def _idle_groups(compiler: Compiler) -> Iterator[Finding]:
    tables = {group.name for group in compiler.rules.groups}
    waited = {name[1:] for entry in compiler.own_entries() for name in entry.action.after if name.startswith("@")}
    known = tables | waited
    for settled in compiler.settled:
        for index, name in enumerate(settled.child.groups):
            if name not in known:
                known.add(name)  # once is enough
                message = f"group {name} has no rules, and nothing waits for it"
                path = (*settled.child.path, "groups")
                message = f"{message}, in {spell_path(path)}"
                hint = f"as in {spell_header('group', name, 'on')}"
                yield _finding(compiler, (*path, index), message, hint, on_key=False)


def _idle_classes(compiler: Compiler) -> Iterator[Finding]:
    classes = compiler.rules.signals
    used = {entry.key.word for entry in compiler.own_entries() if entry.key.is_class}
    for name in classes.own:
        if name not in used and name != STOP:
            message = f"class {name} is in no rule, in signals.{name}"
            yield _finding(compiler, ("signals", name), message, f'as in [on] {name} = "drop"')
    for adds, signal, _ in classes.own_edits:
        if adds == (signal in STOP_SIGNALS):
            message = f"{'+' if adds else '-'}{name_of(signal)} changes nothing, in signals.{STOP}"
            hint = f"{STOP} is {' '.join(map(name_of, STOP_SIGNALS))}"
            yield _finding(compiler, ("signals", STOP), message, hint, on_key=False)
