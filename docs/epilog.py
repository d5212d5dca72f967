# ruff: noqa: INP001 - a part of the script beside it
"""What stands at the end of a help text, as the source of a man page: examples, exit codes, and notes.

Blank lines separate its parts. In a part, lines that are indented are a list, if each has two columns, or an example.
"""

from __future__ import annotations

import re
from itertools import groupby
from typing import NamedTuple

from docs import roff

#: Where the text about the next exit code begins: after a comma, or in the next column.
CODE = re.compile(r"(?:^|,\s+|\s{3,})(?=(?:\d{1,3}|128\+n)\s)")

COLUMNS = re.compile(r"  (\S.*?) {2,}(\S.*)")


class Epilog(NamedTuple):
    """The parts of a help text's end."""

    notes: list[str]
    codes: list[str]
    examples: list[str]


def read(text: str) -> Epilog:
    """Return the parts of a help text's end: the first word of each part says what it is."""
    told = Epilog([], [], [])
    for part in filter(None, re.split(r"\n{2,}", text.strip("\n"))):
        first = part.lower()
        if first.startswith("exit codes:"):
            told.codes.extend(_codes(part[len("exit codes:") :]))
        elif first.startswith("examples:"):
            told.examples.extend(_part(part.partition("\n")[2]))
        elif first.startswith("example"):
            told.examples.extend(_part(part))
        else:
            told.notes.extend(_part(part))
    return told


def _codes(text: str) -> list[str]:
    """Return an entry for each exit code. What is before the first is about all others."""
    before, *codes = CODE.split(text.strip())
    entries = [re.split(r"\s+", each.rstrip("."), maxsplit=1) for each in codes]
    told = [roff.item(roff.bold(code), roff.escaped(" ".join(meaning.split()))) for code, meaning in entries]
    return [roff.paragraph(roff.escaped(before)), *told] if before else told


def _part(text: str) -> list[str]:
    made = []
    for is_indented, lines in groupby(text.splitlines(), lambda line: line.startswith("  ")):
        kept = list(lines)
        rows = [COLUMNS.fullmatch(line) for line in kept]
        if not is_indented:
            made.append(roff.paragraph(roff.escaped(" ".join(kept))))
        elif all(rows):
            made.extend(roff.item(roff.bold(row[1]), roff.escaped(row[2])) for row in rows if row)
        else:
            made.append(roff.example("\n".join(line[2:] for line in kept)))
    return made
