"""The rule files that come with sigroute."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from sigroute.language.read.source import read_source

if TYPE_CHECKING:
    from sigroute.language.read.source import Source

#: A name of bundled rules. Whatever else somebody asks for is not looked up in our folder.
_NAME = re.compile(r"[a-z0-9-]{1,64}", re.ASCII)

_PACKAGE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def folder() -> str:
    """Return the folder of the files: in the installed package, or at the top of a checkout."""
    installed = os.path.join(_PACKAGE, "rules")
    return installed if os.path.isdir(installed) else os.path.join(os.path.dirname(_PACKAGE), "rules")


def find(name: str) -> str | None:
    """Return the path of bundled rules, or None if there are none of that name."""
    if not _NAME.fullmatch(name):
        return None
    path = os.path.join(folder(), f"{name}.toml")
    return path if os.path.isfile(path) else None


def source(name: str) -> Source | None:
    """Return bundled rules, or None if there are none of that name.

    :raises RuleError: they can't be read.
    """
    path = find(name)
    return None if path is None else read_source(path, path)


def names() -> list[str]:
    """Return all names, sorted."""
    return sorted(each.removesuffix(".toml") for each in os.listdir(folder()) if each.endswith(".toml"))


def describe(name: str) -> str:
    """Return what bundled rules are for: the first line of the file, without ``# NAME:``."""
    return show(name).partition("\n")[0].removeprefix(f"# {name}: ")


def show(name: str) -> str:
    """Return the text of bundled rules.

    :raises KeyError: there are none of that name.
    """
    path = find(name)
    if path is None:
        raise KeyError(name)
    with open(path, encoding="utf-8") as file:
        return file.read()
