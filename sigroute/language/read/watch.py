"""The reader of ``watch``: paths, each with the signal that a change there stands for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigroute.language.read.problems import Mistake, quote
from sigroute.language.read.reading import Reading, kind_of
from sigroute.language.read.signals import STOP_CLASS, UNRECEIVABLE, parse_signal, unreceivable
from sigroute.pid1.names import name_of

if TYPE_CHECKING:
    from sigroute.language.read.path import Path

EXAMPLE = 'as in { "/etc/nginx" = "HUP" }'


def read_watch(reading: Reading, path: Path, value: object) -> dict[str, int]:
    """Return the paths, each with the number of its signal."""
    if not isinstance(value, dict):
        reading.report(path, f"{kind_of(value)} where a table belongs", EXAMPLE)
        return {}
    if not value:
        reading.report(path, "empty table", f"name a path, {EXAMPLE}, or remove it")
    found = {}
    for name, text in value.items():
        here = (*path, name)
        _check_path(reading, here, name)
        signal = _read_signal(reading, here, text)
        if signal is not None:
            found[name] = signal
    return found


def _check_path(reading: Reading, path: Path, name: str) -> None:
    if "\0" in name:
        hint = "no path can contain one: path_resolution(7)"
        reading.report(path, "a NUL", hint, on_key=True, start=name.index("\0"), length=1)
    elif not name.startswith("/"):
        hint = 'write it from the root, as in "/etc/nginx"'
        message = f"{quote(name)} is no absolute path" if name else "empty path"
        reading.report(path, message, hint, on_key=True)


def _read_signal(reading: Reading, path: Path, value: object) -> int | None:
    if not isinstance(value, str):
        reading.report(path, f"{kind_of(value)} where a signal belongs", f"a name, {EXAMPLE}")
        return None
    try:
        signal = parse_signal(value)
        if signal in UNRECEIVABLE:
            raise unreceivable(signal)
    except Mistake as mistake:
        of_class = value in reading.signals.classes
        hint = "a change stands for one signal, not for a class: name it" if of_class else mistake.hint
        reading.report(path, mistake.message, hint)
        return None
    if reading.signals.has(STOP_CLASS, signal, "sigroute"):
        hint = "a change is no request to stop: most programs read their files again on HUP"
        reading.report(path, f"{name_of(signal)} is of class {STOP_CLASS}", hint)
        return None
    return signal
