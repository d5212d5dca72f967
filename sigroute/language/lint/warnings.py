"""What may be meant and seldom is: errors only for ``check --strict``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigroute.language.lint.misnamed import misnamed
from sigroute.language.lint.unused import idle_entries, idle_parts
from sigroute.language.read.durations import spell_duration
from sigroute.language.read.path import spell_header
from sigroute.language.read.reading import Finding
from sigroute.language.read.signals import STOP, UNRECEIVABLE
from sigroute.language.report.longest_stop import Longest, longest_stop
from sigroute.pid1.names import STANDARD, name_of
from sigroute.pid1.plan import SENDERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sigroute.language.read.model import Entry
    from sigroute.language.read.path import Path
    from sigroute.language.resolve.planner import Compiler
    from sigroute.language.resolve.resolver import Settled

KILL, QUIT, TERM, WINCH = (STANDARD[name] for name in ("KILL", "QUIT", "TERM", "WINCH"))


def warn(compiler: Compiler, platform_grace: int | None = None) -> list[Finding]:
    """Return what may be meant.

    :param platform_grace: milliseconds that the platform gives a stop, if that is known.
    """
    return [
        *idle_entries(compiler),
        *idle_parts(compiler),
        *_disagreeing_groups(compiler),
        *_kill_first(compiler),
        *_unguarded_starts(compiler),
        *misnamed(compiler),
        *_never_stops(compiler),
        *_only_from_inside(compiler),
        *_java(compiler),
        *_resized(compiler),
        *_endless_trees(compiler),
        *_too_long(compiler, platform_grace),
    ]


def _warning(compiler: Compiler, path: Path, message: str, hint: str, *, on_key: bool = False) -> Finding:
    return Finding(compiler.rules.source, path, message, hint, on_key=on_key, warning=True)


def _disagreeing_groups(compiler: Compiler) -> Iterator[Finding]:
    """Yield groups of which each has its own idea of what a child does."""
    tables = {group.name: group.on for group in compiler.rules.groups}
    seen: set[tuple[Entry, Entry]] = set()
    looked_at: set[tuple[object, ...]] = set()
    for settled in compiler.settled:
        names = [name for name in settled.child.groups if name in tables]
        if len(names) < 2:  # noqa: PLR2004 - to disagree takes two
            continue
        # Of children that are alike the first is named: there may be thousands.
        which = (id(settled.ready), *names)
        if which in looked_at:
            continue
        looked_at.add(which)
        rows = {name: compiler.resolver.rows_of(tables[name]) for name in names}
        for sender in SENDERS:
            for signal, entry in enumerate(settled.ready[sender]):
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
                    child = settled.child
                    message = f"groups {first} and {name} disagree about child {child.name} on {name_of(signal)}"
                    hint = f"{first} wins, as it comes first: give the child a rule of its own"
                    yield _warning(compiler, (*child.path, "groups"), message, hint)


def _kill_first(compiler: Compiler) -> Iterator[Finding]:
    """Yield actions that give a child no time at all."""
    for entry in compiler.own_entries():
        action = entry.action
        if action.steps and action.steps[0].signal == KILL and not action.run:
            message = f"KILL as the first step, in {entry.origin}"
            yield Finding(entry.source, entry.path, message, 'as in "TERM 10s KILL"', warning=True)


def _unguarded_starts(compiler: Compiler) -> Iterator[Finding]:
    """Yield children that get a stop at once while they start, though they are to be stopped after others.

    What else a stop waits for, a drain or a command, is for a program that runs: one that starts has nothing to drain.
    """
    stop = compiler.resolver.stop
    asked = {TERM} if TERM in stop else stop
    for settled in compiler.settled:
        if not settled.program or any(row[signal] for row in settled.starting.values() for signal in asked):
            continue
        waiting = [entry for entry in _stops(compiler, settled) if entry.action.after]
        if waiting:
            name = settled.child.name
            message = f"child {name} has a program and no stop in {spell_header('child', name, 'starting')}"
            origin = compiler.resolver.origin(waiting[0])
            hint = f"{origin} waits for others, but until it is ready a stop is passed on at once"
            path = (*settled.child.path, "program" if settled.child.program else "like")
            yield _warning(compiler, path, message, hint, on_key=True)


def _stops(compiler: Compiler, settled: Settled) -> Iterator[Entry]:
    for signal, sender in compiler.resolver.stops:
        entry = settled.ready[sender][signal]
        if entry is not None:
            yield entry


def _never_stops(compiler: Compiler) -> Iterator[Finding]:
    """Yield that no signal of the platform stops anything, as every child drops each."""
    stops = [signal for signal, sender in compiler.resolver.stops if sender == "outside"]
    dropped = [settled.ready["outside"][signal] for settled in compiler.settled for signal in stops]
    entries = [entry for entry in dropped if entry is not None and entry.action.do == "drop"]
    if entries and len(entries) == len(dropped):
        message = f"every child drops every stop: only KILL ends this, in {compiler.resolver.origin(entries[0])}"
        yield Finding(
            entries[0].source, entries[0].path, message, 'have one child act on it, as in "TERM"', warning=True
        )


def _only_from_inside(compiler: Compiler) -> Iterator[Finding]:
    """Yield that no signal from outside is of class stop, though one may come from elsewhere."""
    if all(sender != "outside" for _, sender in compiler.resolver.stops):
        message = f"no signal from outside is of class {STOP}: whatever a platform sends, only KILL ends this"
        yield _warning(compiler, ("signals", STOP), message, 'name one that it sends, as in "TERM"')


def _java(compiler: Compiler) -> Iterator[Finding]:
    """Yield that QUIT, of which a JVM prints its threads and goes on (java(1)), begins a stop."""
    if not compiler.resolver.is_stop(QUIT, "outside"):
        return
    for settled in compiler.settled:
        entry = settled.ready["outside"][QUIT]
        runs_java = [word.rpartition("/")[2] for word in settled.child.command[:1]] == ["java"]
        is_java = runs_java or "java" in settled.program
        if is_java and (entry is None or entry.action.do != "drop"):
            message = f"QUIT is of class stop, and a JVM prints its threads on it, in child {settled.child.name}"
            path = (*settled.child.path, "command" if runs_java else "program" if settled.child.program else "like")
            yield _warning(
                compiler, path, message, '[signals] stop = ["-QUIT"] forwards it and stops nothing', on_key=True
            )


def _resized(compiler: Compiler) -> Iterator[Finding]:
    """Yield children that would stop when the terminal's window changes."""
    if not compiler.resolver.is_stop(WINCH, "tty"):
        return
    for settled in compiler.settled:
        if not settled.can_hear(WINCH, "tty"):
            continue
        for rows in (settled.ready, settled.starting if settled.program else settled.ready):
            entry = rows["tty"][WINCH]
            if entry is None or entry.action.do != "drop":
                message = f"child {settled.child.name} stops when the terminal's window changes: WINCH is of class stop"
                yield _warning(
                    compiler,
                    settled.child.path or ("signals",),
                    message,
                    '[signals] stop = ["+WINCH@outside"] prevents it, or "WINCH@tty" = "drop"',
                    on_key=True,
                )
                break


def _endless_trees(compiler: Compiler) -> Iterator[Finding]:
    """Yield children that mean their tree, but have a stop that reaches no more of it than a process or its program."""
    if compiler.rules.grace is not None:
        return
    those = sorted(compiler.resolver.stops, key=lambda each: each[0] != TERM)
    for settled in compiler.settled:
        if settled.exited != "tree":
            continue
        stops = [settled.ready[sender][signal] for signal, sender in those]
        endless = [entry for entry in stops if entry is None or _leaves_the_tree(entry)]
        if endless:
            entry, name = endless[0], settled.child.name
            source, path = (entry.source, entry.path) if entry else (compiler.rules.source, settled.child.path)
            first = entry is not None and entry.action.scope == "process"
            whom = "its program" if settled.program and not first else "its first process"
            message = f"a stop of child {name} may never end: it waits for the whole tree, but signals only {whom}"
            hint = 'scope = "tree"; or a KILL, as in "TERM 10s KILL", which is for the whole tree; or grace'
            yield Finding(source, path, message, hint, on_key=True, warning=True)


def _leaves_the_tree(entry: Entry) -> bool:
    """Tell whether an entry does no more than signal the first process, or the program."""
    action = entry.action
    kills = any(step.signal == KILL for step in action.steps)
    return action.do == "send" and action.scope in {None, "process", "program"} and not (kills or action.run)


def _too_long(compiler: Compiler, platform_grace: int | None) -> Iterator[Finding]:
    """Yield that a stop is cut short."""
    longest = longest_stop(compiler)
    grace = compiler.rules.grace
    if grace is not None and longest.milliseconds > grace:
        message = f"a stop may take {spell_duration(longest.milliseconds)}, longer than grace, {spell_duration(grace)}"
        yield _warning(compiler, ("grace",), message, str(longest))
        longest = Longest(grace, (("grace", grace),))
    if platform_grace is not None and longest.milliseconds > platform_grace:
        took = spell_duration(longest.milliseconds)
        message = f"a stop may take {took}, longer than the platform gives it, {spell_duration(platform_grace)}"
        yield _warning(compiler, (), message, str(longest))


def _dropped_by_all(compiler: Compiler, stopsignal: int) -> list[Finding]:
    """Return the error that every child drops what the platform sends: then it starts no stop."""
    entries = [settled.ready["outside"][stopsignal] for settled in compiler.settled]
    first = entries[0]
    if first is None or any(entry is None or entry.action.do != "drop" for entry in entries):
        return []
    message = f"STOPSIGNAL {name_of(stopsignal)} is dropped by every child, in {first.origin}"
    return [Finding(first.source, first.path, message, "no stop comes of it: have one of them act on it")]


def not_a_stop(compiler: Compiler, stopsignal: int) -> list[Finding]:
    """Return the error that no stop comes, by these rules, of what stops the container."""
    if compiler.resolver.is_stop(stopsignal, "outside"):
        return _dropped_by_all(compiler, stopsignal)
    name = name_of(stopsignal)
    message = f"STOPSIGNAL {name} is not of class stop"
    if stopsignal in UNRECEIVABLE:
        return [Finding(compiler.rules.source, (), message, f"{name} can't be received: choose another, as TERM")]
    return [Finding(compiler.rules.source, ("signals", "stop"), message, f'[signals] stop = ["+{name}"]', on_key=True)]
