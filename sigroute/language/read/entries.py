"""Readers of signal tables: their keys name a signal or a class, and perhaps a sender."""

from __future__ import annotations

from sigroute.language.read.action_table import read_action
from sigroute.language.read.actions import Action, Entry, Table
from sigroute.language.read.fields import keys_of
from sigroute.language.read.keys import belongs
from sigroute.language.read.path import Path, format_header
from sigroute.language.read.problems import Mistake, quote
from sigroute.language.read.reading import Reading, kind_of
from sigroute.language.read.signals import STOP_CLASS, Key, parse_key
from sigroute.pid1.names import STANDARD
from sigroute.pid1.plan import SENDERS


def read_table(reading: Reading, path: Path, value: object, *, starting: bool = False, task: bool = False) -> Table:
    """Return a table of signals."""
    if not isinstance(value, dict):
        hint = f'as in {{ stop = "QUIT" }}, or under a header {format_header(*path)}'
        reading.report(path, f"{kind_of(value)} where a table of signals belongs", hint)
        return Table()
    entries: list[Entry] = []
    seen: dict[tuple[frozenset[int] | str, str | None], str] = {}
    for name, each in value.items():
        here = (*path, name)
        key = _read_key(reading, here, name, each)
        if key is None:
            if _is_action(each) and not belongs(name, here):
                read_action(reading, here, each, stop=None, starting=starting, task=task)
            continue
        what = (name.partition("@")[0] if key.is_class else key.signals, key.sender)
        if what in seen:
            message = f"{name} is {seen[what]} again"
            reading.report(here, message, "keep one of them", on_key=True)
        seen.setdefault(what, name)
        senders = SENDERS if key.sender is None else (key.sender,)
        stop = any(reading.signals.has(STOP_CLASS, signal, sender) for signal in key.signals for sender in senders)
        action = read_action(reading, here, each, stop=stop, starting=starting, task=task)
        entries.append(Entry(key, action, reading.source, here))
    return Table(tuple(entries))


def _is_action(value: object) -> bool:
    """Tell whether a value looks like an action, whatever is wrong with its key."""
    return isinstance(value, str) or (isinstance(value, dict) and not keys_of(Action).keys().isdisjoint(value))


def _read_key(reading: Reading, path: Path, name: str, value: object) -> Key | None:
    try:
        return parse_key(name, reading.signals.classes)
    except Mistake as mistake:
        hint = belongs(name, path) if name.partition("@")[0] not in STANDARD else ""
        if hint:
            reading.report(path, f"unknown key {quote(name)}", hint, on_key=True)
        elif isinstance(value, dict) and not _is_action(value):
            reading.report(path, f"unknown table {quote(name)}", mistake.hint, on_key=True)
        else:
            reading.mistake(path, mistake, on_key=True)
        return None
