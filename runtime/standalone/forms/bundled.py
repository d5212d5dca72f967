"""The form of language/read/bundled.py in the static sigroute: the bundled rules are a part of its payload."""

from __future__ import annotations

import marshal

from sigroute.language.read.source import Source
from sigroute.pid1.watch import core

_TEXTS: dict[str, str] = marshal.loads(core.part("bundled"))  # noqa: S302 - the payload's hash was checked


def find(name: str) -> str | None:
    """Return the name of the file of bundled rules, or None if there are none of that name."""
    return f"{name}.toml" if name in _TEXTS else None


def source(name: str) -> Source | None:
    """Return bundled rules, or None if there are none of that name."""
    if name not in _TEXTS:
        return None
    return Source(f"{name}.toml", _TEXTS[name], f"{name}.toml", (0, names().index(name)))


def names() -> list[str]:
    """Return all names, sorted."""
    return sorted(_TEXTS)


def describe(name: str) -> str:
    """Return what bundled rules are for: the first line of the file, without ``# NAME:``."""
    return show(name).partition("\n")[0].removeprefix(f"# {name}: ")


def show(name: str) -> str:
    """Return the text of bundled rules.

    :raises KeyError: there are none of that name.
    """
    return _TEXTS[name]
