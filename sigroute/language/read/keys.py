"""The keys of a table: known ones are read by their kind, unknown ones reported with a hint where they belong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from sigroute.language.read.actions import Action
from sigroute.language.read.fields import keys_of
from sigroute.language.read.model import Child, Drain, Exit, RuleFile
from sigroute.language.read.path import Path, format_header
from sigroute.language.read.problems import MOST, nearest, quote
from sigroute.language.read.reading import Reading, kind_of
from sigroute.language.read.signals import is_signal_or_class

Reader = Callable[[Reading, Path, object], Any]
"""Reads one value, and reports what is wrong with it."""

T = TypeVar("T")

_ELSEWHERE = frozenset().union(*(keys_of(kind) for kind in (RuleFile, Child, Exit, Drain, Action)))
"""The keys of all tables. An unknown key that is one of these is in the wrong table, and not misspelt."""


def read_keys(  # noqa: PLR0913, PLR0917 - a table, its place, its class, and the fields known beforehand
    reading: Reading, path: Path, value: object, kind: type[T], readers: dict[str, Reader], known: dict[str, Any]
) -> T:
    """Return a table as a value of its class.

    :param readers: by kind of key.
    :param known: the fields of the class that are no keys, or have been read before.
    """
    keys = keys_of(kind)
    fields: dict[str, Any] = {}
    if not isinstance(value, dict):
        reading.report(path, f"{kind_of(value)} where a table belongs", f"its keys: {', '.join(keys)}")
        value = {}
    meant = misspelt(value, kind)
    for name, near in meant.items():
        _report_unknown(reading, (*path, name), list(keys), near, value[name])
    # A misspelt key's value is read as that of the key it resembles, so that all errors are reported at once.
    for key, field in keys.items():
        if field.name in known:
            continue
        for name in spellings(value, meant, key):
            read = readers[field.metadata["kind"]](reading, (*path, name), value[name])
            before = fields.setdefault(field.name, read)
            if before is not read and isinstance(before, tuple) and isinstance(read, tuple):
                fields[field.name] = before + read  # children under [child] may wait for those under [childs]
    return kind(**known, **fields)


def misspelt(table: dict[str, Any], kind: type) -> dict[str, str]:
    """Return the unknown keys of a table, each with the key that it resembles, or nothing."""
    keys = keys_of(kind)
    unknown = [name for name in table if name not in keys]
    # Nobody hears of those beyond the most findings: the reading ends before.
    near = {name: _near(name, list(keys)) for name in unknown[:MOST]}
    return dict.fromkeys(unknown, "") | near


def _near(name: str, keys: list[str]) -> str:
    return "" if name in _ELSEWHERE or is_signal_or_class(name, {}) else nearest(name, keys)


def spellings(table: dict[str, Any], meant: dict[str, str], key: str) -> list[str]:
    """Return the keys of a table that are this one or resemble it, the right spelling first."""
    return [key] * (key in table) + [name for name, near in meant.items() if near == key]


def _report_unknown(reading: Reading, path: Path, known: list[str], near: str, value: object) -> None:
    name = str(path[-1])
    what = "table" if isinstance(value, dict) else "key"
    if _is_rest_of_name(path, value):
        parent, first = path[0], path[1]
        hint = f"a name with a dot is quoted: {format_header(parent, f'{first}.{name}')}"
    elif near:
        hint = f"did you mean {near}?"
    elif len(path) == 1 and isinstance(value, dict) and not keys_of(Child).keys().isdisjoint(value):
        hint = f"a child's table is {format_header('child', name)}"
    elif name == "wait" and "send" in known:
        hint = 'a wait is a part of send, as in "3s TERM"'
    elif is_signal_or_class(name, reading.signals.classes) and "on" in known:
        hint = f"signals belong under {format_header(*path[:-1], 'on')}"
    elif path[0] == "task" and len(path) == len(("task", "NAME", "KEY")) and name in keys_of(Child):
        hint = f"{name} is for a child"
    else:
        hint = belongs(name, path) or f"the keys here: {', '.join(known)}"
    reading.report(path, f"unknown {what} {quote(name)}", hint, on_key=True)


def _is_rest_of_name(path: Path, value: object) -> bool:
    """Tell whether a table comes from an unquoted name with a dot, as in ``[child.php8.2]``."""
    is_deeper = path[0] in ("child", "task", "group") and len(path) == len(("child", "NAME", "REST"))
    return is_deeper and isinstance(value, dict) and not keys_of(Child).keys().isdisjoint(value)


def belongs(name: str, path: Path) -> str:
    """Return where a key belongs that is in the wrong table, or nothing."""
    homes = dict.fromkeys(keys_of(RuleFile), "above the first [header]: move it up")
    child = format_header(*path[:2]) if path[0] == "child" and len(path) > 1 else "[child.NAME]"
    for kind, home in ((Child, child), (Exit, "[exit]"), (Drain, "[drain]"), (Action, "the table of an action")):
        for key in keys_of(kind):
            homes.setdefault(key, f"in {home}: move it there")
    tables = ("child", "task", "group", "on", "signals", "exit", "drain", "journal", "control")
    if name in tables and len(path) > 1:
        return f"[{name}] is a table of its own" if name != "on" else ""
    if name in homes and path[0] == "child" and name in keys_of(Child):
        return f"{name} belongs in {child}: move it up"
    return f"{name} belongs {homes[name]}" if name in homes else ""
