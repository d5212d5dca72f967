"""Warnings: rules that are legal and seldom meant. ``check --strict`` makes them errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigroute.language.lint.dollars import dollars
from sigroute.language.lint.misnamed import misnamed
from sigroute.language.lint.unused import unused_entries, unused_parts
from sigroute.language.read.durations import OpenDuration, format_duration
from sigroute.language.read.path import format_header, format_path
from sigroute.language.read.reading import Finding
from sigroute.language.read.signals import STOP_CLASS, UNRECEIVABLE
from sigroute.language.resolve.longest_stop import LongestStop, longest_stop
from sigroute.language.resolve.lookup import Layer
from sigroute.pid1.names import STANDARD, name_of
from sigroute.pid1.plan import SENDERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sigroute.language.read.actions import Entry
    from sigroute.language.read.path import Path
    from sigroute.language.resolve.resolved import Resolved
    from sigroute.language.resolve.resolved_child import ResolvedChild

KILL, QUIT, TERM, WINCH = (STANDARD[name] for name in ("KILL", "QUIT", "TERM", "WINCH"))


def find_warnings(resolved: Resolved, platform_grace: int | None = None) -> list[Finding]:
    """Return the warnings.

    :param platform_grace: milliseconds that the platform gives a stop, if that is known.
    """
    return [
        *unused_entries(resolved),
        *unused_parts(resolved),
        *_disagreeing_groups(resolved),
        *_kill_first(resolved),
        *_unguarded_starts(resolved),
        *misnamed(resolved),
        *dollars(resolved),
        *_never_stops(resolved),
        *_only_from_inside(resolved),
        *_quit_stops_java(resolved),
        *_resize_is_a_stop(resolved),
        *_endless_trees(resolved),
        *_endless_tasks(resolved),
        *_too_long(resolved, platform_grace),
    ]


def _warning(resolved: Resolved, path: Path, message: str, hint: str, *, on_key: bool = False) -> Finding:
    return Finding(resolved.rules.source, path, message, hint, on_key=on_key, warning=True)


def _disagreeing_groups(resolved: Resolved) -> Iterator[Finding]:
    """Yield pairs of groups that say different things about one child."""
    tables = {group.name: group.on for group in resolved.rules.groups}
    seen: set[tuple[Entry, Entry]] = set()
    looked_at: set[tuple[object, ...]] = set()
    for each in resolved.children:
        names = [name for name in each.child.groups if name in tables]
        if len(names) < 2:  # noqa: PLR2004 - it takes two to disagree
            continue
        # There may be thousands of equal children: the first is named.
        which = (id(each.running), *names)
        if which in looked_at:
            continue
        looked_at.add(which)
        rows = {name: resolved.lookup.rows_of([Layer(tables[name])]) for name in names}
        for sender in SENDERS:
            for signal, entry in enumerate(each.running[sender]):
                if entry is None:
                    continue
                first = next((name for name in names if rows[name][sender][signal] is entry), None)
                if first is None:
                    continue
                for name in names[names.index(first) + 1 :]:
                    other = rows[name][sender][signal]
                    if other is None or other.action == entry.action or (entry, other) in seen:
                        continue
                    seen.add((entry, other))
                    child = each.child
                    message = f"groups {first} and {name} disagree about child {child.name} on {name_of(signal)}"
                    hint = f"{first} wins, as it comes first: give the child a rule of its own"
                    yield _warning(resolved, (*child.path, "groups"), message, hint)


def _kill_first(resolved: Resolved) -> Iterator[Finding]:
    """Yield actions that begin with KILL."""
    for entry in resolved.own_entries():
        action = entry.action
        if action.steps and action.steps[0].signal == KILL and not action.run:
            message = f"KILL as the first step, in {entry.origin}"
            yield Finding(entry.source, entry.path, message, 'as in "TERM 10s KILL"', warning=True)


def _unguarded_starts(resolved: Resolved) -> Iterator[Finding]:
    """Yield children that stop after others, but get a stop at once while they are starting.

    Stops that begin with a wait or a command are left out: a program that is still starting has nothing to drain.
    """
    stop = resolved.lookup.stop_signals
    asked = {TERM} if TERM in stop else stop
    for each in resolved.children:
        if not each.program or any(row[signal] for row in each.starting.values() for signal in asked):
            continue
        index = resolved.indexes[each.child.name]
        implied = {*resolved.order.implied[index]}  # it waits for these while it is starting, too
        waiting = [
            entry
            for entry in _stops(resolved, each)
            if entry.action.after and not implied.issuperset(resolved.waits_for(entry, index))
        ]
        if waiting:
            name = each.child.name
            message = f"child {name} has a program and no stop in {format_header('child', name, 'starting')}"
            origin = resolved.lookup.origin(waiting[0])
            hint = f"{origin} waits for others, but until it runs its program a stop is passed on at once"
            path = (*each.child.path, "program" if each.child.program else "like")
            yield _warning(resolved, path, message, hint, on_key=True)


def _stops(resolved: Resolved, each: ResolvedChild) -> Iterator[Entry]:
    for signal, sender in resolved.lookup.stops:
        entry = each.running[sender][signal]
        if entry is not None:
            yield entry


def _never_stops(resolved: Resolved) -> Iterator[Finding]:
    """Yield a warning if every child drops every stop from outside."""
    stops = [signal for signal, sender in resolved.lookup.stops if sender == "outside"]
    dropped = [each.running["outside"][signal] for each in resolved.children for signal in stops]
    entries = [entry for entry in dropped if entry is not None and entry.action.do == "drop"]
    if entries and len(entries) == len(dropped):
        message = f"every child drops every stop: only KILL ends this, in {resolved.lookup.origin(entries[0])}"
        yield Finding(
            entries[0].source, entries[0].path, message, 'have one child act on it, as in "TERM"', warning=True
        )


def _only_from_inside(resolved: Resolved) -> Iterator[Finding]:
    """Yield a warning if no signal from outside is of class stop."""
    if all(sender != "outside" for _, sender in resolved.lookup.stops):
        message = f"no signal from outside is of class {STOP_CLASS}: whatever a platform sends, only KILL ends this"
        yield _warning(resolved, ("signals", STOP_CLASS), message, 'name one that it sends, as in "TERM"')


def _quit_stops_java(resolved: Resolved) -> Iterator[Finding]:
    """Yield JVMs for which QUIT is a stop: a JVM prints its threads on QUIT and goes on (java(1))."""
    if not resolved.lookup.is_stop(QUIT, "outside"):
        return
    for each in resolved.children:
        entry = each.running["outside"][QUIT]
        runs_java = [word.rpartition("/")[2] for word in each.child.command[:1]] == ["java"]
        is_java = runs_java or "java" in each.program
        if is_java and entry is None:  # a rule of its own is meant
            message = f"QUIT is of class stop, and a JVM prints its threads on it, in child {each.child.name}"
            path = (*each.child.path, "command" if runs_java else "program" if each.child.program else "like")
            yield _warning(
                resolved, path, message, '[signals] stop = ["-QUIT"] forwards it and stops nothing', on_key=True
            )


def _resize_is_a_stop(resolved: Resolved) -> Iterator[Finding]:
    """Yield children that stop when the terminal's window changes its size."""
    if not resolved.lookup.is_stop(WINCH, "tty"):
        return
    for each in resolved.children:
        if not each.can_hear(WINCH, "tty"):
            continue
        for rows in (each.running, each.starting if each.program else each.running):
            entry = rows["tty"][WINCH]
            if entry is None or entry.action.do != "drop":
                message = f"child {each.child.name} stops when the terminal's window changes: WINCH is of class stop"
                yield _warning(
                    resolved,
                    each.child.path or ("signals",),
                    message,
                    '[signals] stop = ["+WINCH@outside"] prevents it, or "WINCH@tty" = "drop"',
                    on_key=True,
                )
                break


def _endless_trees(resolved: Resolved) -> Iterator[Finding]:
    """Yield children that exit with their whole tree, but have a stop that signals one process of it."""
    if resolved.rules.grace is not None:
        return
    those = sorted(resolved.lookup.stops, key=lambda each: each[0] != TERM)
    for each in resolved.children:
        if each.exited != "tree":
            continue
        for when, table in zip(("", " while it starts"), each.phases, strict=False):
            stops = [table[sender][signal] for signal, sender in those]
            endless = [entry for entry in stops if entry is None or _leaves_the_tree(entry)]
            if endless:
                yield _endless_tree(resolved, each, endless[0], when)
                break


def _endless_tree(resolved: Resolved, each: ResolvedChild, entry: Entry | None, when: str) -> Finding:
    """Return the warning for such a child.

    :param when: before it runs its program, in words.
    """
    source, path = (entry.source, entry.path) if entry else (resolved.rules.source, each.child.path)
    own = when or not each.program or (entry is not None and entry.action.scope == "process")
    whom = "its first process" if own else "its program"
    message = (
        f"a stop of child {each.child.name} may never end{when}: it waits for the whole tree, but signals only {whom}"
    )
    hint = 'scope = "tree"; or a KILL, as in "TERM 10s KILL", which is for the whole tree; or grace'
    hint = f"in [child.{each.child.name}.starting], {hint}" if when else hint
    return Finding(source, path, message, hint, on_key=True, warning=True)


def _endless_tasks(resolved: Resolved) -> Iterator[Finding]:
    """Yield tasks after the last child that nothing ends: no signal reaches them."""
    for task in resolved.rules.tasks if resolved.rules.grace is None else ():
        if task.at == "end" and task.timeout is None:
            path = (*task.path, "at")
            message = f"task {task.name} may never end, and the container with it, in {format_path(path)}"
            hint = "no signal reaches it: give it a timeout, or write grace at the top of the file"
            yield _warning(resolved, path, message, hint, on_key=True)


def _leaves_the_tree(entry: Entry) -> bool:
    """Tell whether an entry signals the first process or the program, and nothing else of the tree."""
    action = entry.action
    steps = action.else_steps if action.do == "hold" else action.steps
    kills = any(step.signal == KILL for step in steps)
    sends = action.do == "send" or (action.do == "hold" and bool(steps))
    return sends and action.scope in {None, "process", "program"} and not (kills or action.run)


def _too_long(resolved: Resolved, platform_grace: int | None) -> Iterator[Finding]:
    """Yield a warning if a stop may take longer than ``grace``, or than the platform gives it."""
    longest = resolved.once(longest_stop)
    grace = resolved.rules.grace
    is_known = not isinstance(grace, OpenDuration) or grace.known
    if grace is not None and is_known and longest.milliseconds > grace:
        message = (
            f"a stop may take {format_duration(longest.milliseconds)}, longer than grace, {format_duration(grace)}"
        )
        yield _warning(resolved, ("grace",), message, longest.advice)
        longest = LongestStop(grace, (("grace", grace),))
    if platform_grace is not None and longest.milliseconds > platform_grace:
        took = format_duration(longest.milliseconds)
        message = f"a stop may take {took}, longer than the platform gives it, {format_duration(platform_grace)}"
        yield _warning(resolved, (), message, longest.advice)
    elif platform_grace is not None and grace is not None and is_known and grace > platform_grace:
        given = format_duration(platform_grace)
        message = f"grace, {format_duration(grace)}, is longer than the platform gives a stop, {given}"
        hint = "the platform's KILL comes first: shorten grace, or have the platform wait longer"
        yield _warning(resolved, ("grace",), message, hint)


def _dropped_by_all(resolved: Resolved, stopsignal: int) -> list[Finding]:
    """Return an error if every child drops the STOPSIGNAL: then no stop begins."""
    entries = [each.running["outside"][stopsignal] for each in resolved.children]
    first = entries[0]
    if first is None or any(entry is None or entry.action.do != "drop" for entry in entries):
        return []
    message = f"STOPSIGNAL {name_of(stopsignal)} is dropped by every child, in {first.origin}"
    return [Finding(first.source, first.path, message, "no stop comes of it: have one of them act on it")]


def not_a_stop(resolved: Resolved, stopsignal: int) -> list[Finding]:
    """Return an error if the STOPSIGNAL begins no stop by these rules."""
    if resolved.lookup.is_stop(stopsignal, "outside"):
        return _dropped_by_all(resolved, stopsignal)
    name = name_of(stopsignal)
    message = f"STOPSIGNAL {name} is not of class stop"
    if stopsignal in UNRECEIVABLE:
        return [Finding(resolved.rules.source, (), message, f"{name} can't be received: choose another, as TERM")]
    return [Finding(resolved.rules.source, ("signals", "stop"), message, f'[signals] stop = ["+{name}"]', on_key=True)]
