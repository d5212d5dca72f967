"""A rule file that is being written: tables with keys, and comments for what has no counterpart."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import attrs

from sigroute.language import NAME_CHARACTERS, RESERVED
from sigroute.pid1.log.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Characters that a child's name can't contain.
NO_NAME = re.compile(f"[^{NAME_CHARACTERS}]+")

_BARE = re.compile(r"[A-Za-z0-9_-]+")

Value = str | int | bool | list[str] | list[int] | dict[str, "Value"]


class FormatError(Exception):
    """A file can't be read as what it is taken for; the message says where and why."""


@attrs.define
class Table:
    """A table of the file: its header, its keys in order, and what is said of it beforehand."""

    header: tuple[str, ...]
    keys: dict[str, Value] = attrs.field(factory=dict)
    comments: list[str] = attrs.field(factory=list)
    """Lines before the header."""
    omitted: bool = False
    """All of it is a comment."""


def free_name(own: str, taken: set[str]) -> str:
    """Return a valid name that no child has yet: this one, if possible."""
    found = NO_NAME.sub("-", own)
    while found in RESERVED or found in taken:
        found += "-"
    return found


def written(tables: list[Table], heading: str) -> Iterator[str]:
    """Yield the lines of a file with these tables; the first one may have no header."""
    yield f"# {printable(heading)}"
    for table in tables:
        if not (table.keys or table.comments or table.header):
            continue
        yield ""
        yield from (f"# {printable(comment)}" for comment in table.comments)
        begin = "# " if table.omitted else ""
        if table.header:
            yield f"{begin}[{'.'.join(map(name_of, table.header))}]"
        yield from (f"{begin}{name_of(key)} = {value_of(value)}" for key, value in table.keys.items())


def name_of(key: str) -> str:
    """Return a key, in quotes if it must be."""
    return key if _BARE.fullmatch(key) else json.dumps(key)


def value_of(value: Value) -> str:
    """Return a value as TOML has it. A string of JSON is one of TOML, but for a DEL, which has to be escaped there."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        pairs = ", ".join(f"{name_of(key)} = {value_of(each)}" for key, each in value.items())
        return f"{{ {pairs} }}"
    if isinstance(value, list):
        return f"[{', '.join(value_of(each) for each in value)}]"
    return str(value) if isinstance(value, int) else json.dumps(value).replace("\x7f", "\\u007f")
