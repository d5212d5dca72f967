"""What is wrong with a rule file, said so that it can be put right: place, line, caret, way out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from sigroute.pid1.log.printable import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Lines longer than this many columns are shown in part.
WIDEST = 120

#: Columns before and after the caret that are shown of such a line.
CONTEXT = 50

#: Of more things wrong in one file than this, the first are told: mending them mends most of the rest, and the way out
#: of each of fifty thousand takes a minute to find.
MOST = 100

#: Of more names than this, ``did_you_mean`` looks at the first: a hundred mistakes times thousands of names take long.
MOST_KNOWN = 200


class Mistake(ValueError):  # noqa: N818 - it is the user's, and no failure of ours
    """Something wrong in one word or value.

    Whoever knows where the value stands makes a ``Finding`` of it.
    """

    def __init__(self, message: str, hint: str = "", start: int = 0, length: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.start = start
        self.length = length
        """Characters from ``start``, within the value's own text; None: to its end."""

    def moved(self, offset: int, length: int) -> Mistake:
        """Return the same mistake within a longer text that has this one at ``offset``."""
        own = length - self.start if self.length is None else self.length
        return Mistake(self.message, self.hint, offset + self.start, own)


@attrs.frozen(eq=False, repr=False)
class Problem:
    """An error or a warning, with its place in a file."""

    file: str
    """The file's name as it was given, or ``--on``."""
    message: str
    """What is wrong, and in which part of the rules."""
    hint: str = ""
    """A way out."""
    line: int = 0
    """The line, from 1; 0: the file as a whole."""
    column: int = 0
    """Where in the line it begins, in characters from 0."""
    length: int = 1
    """How many characters of the line it is about."""
    source: str | None = None
    """The line itself; None: not to be quoted."""
    warning: bool = False
    """It may be meant, and is an error only when asked to be strict."""

    def __str__(self) -> str:
        """Return it as it is shown: up to three lines, without a newline at the end."""
        place = f"{self.file}:{self.line}" if self.line else self.file
        head = printable(f"{place}: {'warning: ' if self.warning else ''}{self.message}")
        hint = printable(self.hint)
        if self.source is None:
            return f"{head}\n      {hint}" if hint else head
        shown, before, length = excerpt(self.source, self.column, self.length)
        number = f"{self.line or '':>5}"
        caret = f"{'':>5} | {' ' * before}{'^' * max(length, 1)} {hint}".rstrip()
        return f"{head}\n{number} | {shown}\n{caret}"


class RuleError(Exception):
    """The rules can't be used: all that is wrong with them."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems
        """In the order of the files and their lines."""


def quote(text: str) -> str:
    """Return a text of the user's within double quotes, safe to show and of a length to read."""
    most = 60
    shown = text if len(text) <= most else text[: most - 1] + "…"
    return '"' + printable(shown).replace('"', '\\"') + '"'


def excerpt(line: str, column: int, length: int) -> tuple[str, int, int]:
    """Return what is shown of a line, and the columns of the terminal before and under its caret."""
    begin, end = 0, len(line)
    if end > WIDEST:
        begin = max(column - CONTEXT, 0)
        end = min(column + min(length, CONTEXT) + CONTEXT, end)
    shown = "".join(each if each.isprintable() else " " for each in line[begin:end])
    mark = shown[column - begin :][:length]
    left, right = "…" if begin else "", "…" if end < len(line) else ""
    return left + shown + right, len(left) + width(shown[: column - begin]), width(mark)


def width(text: str) -> int:
    """Return how many columns of a terminal a text takes: East Asian characters take two, accents none."""
    if text.isascii():
        return len(text)
    import unicodedata  # noqa: PLC0415 - only where something is wrong

    return sum(
        0 if unicodedata.combining(each) else 2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text
    )


def did_you_mean(word: str, known: Sequence[str]) -> str:
    """Return ``did you mean X?`` for the known word that is nearest, or nothing where none is near."""
    near = nearest(word, known)
    return f"did you mean {near}?" if near else ""


def nearest(word: str, known: Sequence[str]) -> str:
    """Return the known word that is nearest, or nothing where none is near."""
    import difflib  # noqa: PLC0415 - 5 ms, only where something is wrong

    by_case = {each.lower(): each for each in reversed(known[:MOST_KNOWN])}
    # Two letters that changed places are much of a short word.
    cutoff = 0.6 if len(word) <= 4 else 0.7  # noqa: PLR2004 - tried on the corpus of tests/data/invalid
    near = difflib.get_close_matches(word.lower(), by_case, n=1, cutoff=cutoff)
    return by_case[near[0]] if near else ""
