"""The differences that are meant: each has a heading of its name in docs/drop-in.md, which says why.

A cell that one of them covers must differ, in each of the ways in which sigroute is called: what has come to be the
same is taken out of here.
"""

from __future__ import annotations

import re

from attrs import frozen

#: A static file, a script, ``sigroute --as NAME``, a link of that name.
WAYS = ("static", "script", "as", "link")

#: Where CPython starts before sigroute.
IN_PYTHON = WAYS[1:]


@frozen
class Difference:
    """A difference, and the cells that have it: a pattern for the whole of "SCENARIO | KEY" (scenario.py)."""

    id: str
    cells: str
    why: str
    ways: tuple[str, ...] = WAYS

    def covers(self, cell: str, way: str = "static") -> bool:
        """Tell whether a cell has it, where sigroute is called in this way."""
        return way in self.ways and bool(re.fullmatch(self.cells, cell))


DIFFERENCES = (
    Difference(
        "PIPE and XFSZ",
        r"(tini|catatonit) .*signals ignored.* \| SigIgn",
        "CPython ignores these two from its start, which hides whether they were ignored before. So the program has"
        " their default. Under a static file it has them as they were.",
        ways=IN_PYTHON,
    ),
    Difference(
        "what was blocked, as a script",
        r"(tini|catatonit) .*(signals blocked|ignored and blocked|every signal blocked) \| SigBlk",
        "The first line of a script (`compile --python`) blocks all signals before Python starts, so that none is lost."
        " That hides what was blocked before, so nothing is blocked in the program. With"
        " `--shebang '/usr/bin/env -S python3'`, as a static file, or by a link or `--as`, the mask is as it was.",
        ways=("script",),
    ),
    Difference(
        "32 and 33",
        r"dumb-init .*every signal blocked \| SigBlk",
        "The C library keeps these two signals for itself, and does not let dumb-init unblock them (nptl(7)). sigroute"
        " does not go through it: in the program they are not blocked. Under a static file they are as they were.",
        ways=IN_PYTHON,
    ),
    Difference(
        "the directory of catatonit",
        r".*catatonit .* \| init's cwd",
        "Newer versions of catatonit than 0.1.7 go to `/`, to keep no file system busy, and so does sigroute.",
    ),
    Difference(
        "what can't be run",
        r".*(tini.* -v|TINI_VERBOSITY=( 2|2|-1)).*said: nowhere \| stdout"
        r"|.*(dumb-init.* (-v|--verb)|DUMB_INIT_DEBUG=1 |CATATONIT_DEBUG).*said: nowhere \| stderr",
        "sigroute knows that a program can't be run before there is a child; the others make one, and tell of its start"
        " and its end, too. What is said of the reason, and the exit code, are the same.",
    ),
)


def meant(cell: str, way: str) -> bool:
    """Tell whether a cell is to differ."""
    return any(difference.covers(cell, way) for difference in DIFFERENCES)
