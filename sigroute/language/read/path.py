"""A place in a rule file as keys, and as text."""

from __future__ import annotations

import re

from sigroute.pid1.log.printable import printable

Path = tuple[str | int, ...]
"""The keys that lead to a place; a number is an index of an array."""

_BARE = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)


def format_header(*path: str | int) -> str:
    """Return a table's header in valid TOML: ``[child."php8.2".on]``."""
    parts = [part if _BARE.fullmatch(part) else f'"{part}"' for part in map(str, path)]
    return f"[{'.'.join(parts)}]"


def format_path(path: Path) -> str:
    """Return a place for people: ``child.front.command[2]``."""
    most = 120  # characters: the width of a wide terminal
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part[: most + 1]}"
        if len(text) > most:
            break
    shown = printable(text.removeprefix("."))
    return shown if len(shown) <= most else shown[: most - 1] + "…"
