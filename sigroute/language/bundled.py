"""The rule files that come with sigroute."""

from __future__ import annotations

import re
from pathlib import Path

#: What the name of bundled rules can be; anything else is no file name of ours.
_NAME = re.compile(r"[a-z0-9-]{1,64}", re.ASCII)

_PACKAGE = Path(__file__).parent.parent


def folder() -> Path:
    """Return where they are: within the installed package, or at the top of a checkout."""
    installed = _PACKAGE / "rules"
    return installed if installed.is_dir() else _PACKAGE.parent / "rules"


def find(name: str) -> Path | None:
    """Return the file of bundled rules, or None where there are none of that name."""
    if not _NAME.fullmatch(name):
        return None
    path = folder() / f"{name}.toml"
    return path if path.is_file() else None


def names() -> list[str]:
    """Return the names of all, in order."""
    return sorted(path.stem for path in folder().glob("*.toml"))


def describe(name: str) -> str:
    """Return what bundled rules are for, in one line: ``# NAME: ...`` is how they begin."""
    return show(name).partition("\n")[0].removeprefix(f"# {name}: ")


def show(name: str) -> str:
    """Return the text of bundled rules.

    :raises KeyError: there are none of that name.
    """
    path = find(name)
    if path is None:
        raise KeyError(name)
    return path.read_text(encoding="utf-8")
