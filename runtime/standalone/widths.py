"""Makes a small unicodedata, without the megabyte of its tables: the carets below a line of a rule file need widths."""

from __future__ import annotations

import sys
import unicodedata
from itertools import groupby

SOURCE = '''\
"""In the place of unicodedata: how wide characters are."""

from bisect import bisect

WIDE = {wide}
COMBINING = {combining}


def east_asian_width(character):
    """Return W for a character that takes two columns, else N."""
    return "W" if bisect(WIDE, ord(character)) % 2 else "N"


def combining(character):
    """Return whether a character takes no column of its own."""
    return bisect(COMBINING, ord(character)) % 2
'''


def source_of_widths() -> str:
    """Return the source of that module."""
    every = [chr(each) for each in range(sys.maxunicode + 1)]
    wide = bounds([unicodedata.east_asian_width(each) in "WF" for each in every])
    return SOURCE.format(wide=wide, combining=bounds([unicodedata.combining(each) > 0 for each in every]))


def bounds(flags: list[bool]) -> tuple[int, ...]:
    """Return where the flags change, from False at the beginning."""
    begin, found = 0, []
    for flag, run in groupby(flags):
        if flag or begin:
            found.append(begin)
        begin += len(list(run))
    return tuple(found)
