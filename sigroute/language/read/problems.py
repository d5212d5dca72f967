"""Errors and warnings as they are shown: place, message, the line with a caret, a way out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from sigroute.pid1.log.printable import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Of a line with more columns than this, a part is shown.
WIDEST = 120

#: The columns of that part before and after the caret.
CONTEXT = 50

#: The most problems that are shown of one file. Whoever mends them mends most of the others, too, and to find hints
#: for fifty thousand takes a minute.
MOST = 100

#: The most names that ``did_you_mean`` compares: a hundred mistakes times thousands of names take too long.
MOST_KNOWN = 200


class Mistake(ValueError):  # noqa: N818 - the user's, and no failure of ours
    """An error in one word or value. Whoever knows the place of the value makes a ``Finding`` of it."""

    def __init__(self, message: str, hint: str = "", start: int = 0, length: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.start = start
        self.length = length
        """Characters from ``start`` within the value; None: to its end."""

    def moved(self, offset: int, length: int) -> Mistake:
        """Return the same mistake within a longer text, in which the value begins at ``offset``."""
        own = length - self.start if self.length is None else self.length
        return Mistake(self.message, self.hint, offset + self.start, own)


@attrs.frozen(eq=False, repr=False)
class Problem:
    """An error or a warning, with its place in a file."""

    file: str
    """The file's name as it was given, or ``--on``."""
    message: str
    """What is wrong, and in which table."""
    hint: str = ""
    """A way out."""
    line: int = 0
    """Counted from 1; 0: the file as a whole."""
    column: int = 0
    """The first character of the line that it is about, counted from 0."""
    length: int = 1
    """The number of characters that it is about."""
    source: str | None = None
    """The text of the line; None: it must not be shown."""
    warning: bool = False
    """It is an error only with ``--strict``."""

    def __str__(self) -> str:
        """Return up to three lines, without a newline at the end."""
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
    """The rules can't be used; it has all their problems."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems
        """Sorted by file and line."""


def quote(text: str) -> str:
    """Return a user's text in double quotes: shortened, and without what a terminal acts on."""
    most = 60
    shown = text if len(text) <= most else text[: most - 1] + "…"
    return '"' + printable(shown).replace('"', '\\"') + '"'


def excerpt(line: str, column: int, length: int) -> tuple[str, int, int]:
    """Return the part of a line that is shown, the columns before its caret, and the caret's width."""
    begin, end = 0, len(line)
    if end > WIDEST:
        begin = max(column - CONTEXT, 0)
        end = min(column + min(length, CONTEXT) + CONTEXT, end)
    shown = "".join(each if each.isprintable() else " " for each in line[begin:end])
    mark = shown[column - begin :][:length]
    left, right = "…" if begin else "", "…" if end < len(line) else ""
    return left + shown + right, len(left) + width(shown[: column - begin]), width(mark)


def width(text: str) -> int:
    """Return how many columns a text takes in a terminal: East Asian characters take two, accents none."""
    if text.isascii():
        return len(text)
    import unicodedata  # noqa: PLC0415 - only where something is wrong

    return sum(
        0 if unicodedata.combining(each) else 2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text
    )


def did_you_mean(word: str, known: Sequence[str]) -> str:
    """Return ``did you mean X?`` with the most similar known word, or nothing if none is similar."""
    near = nearest(word, known)
    return f"did you mean {near}?" if near else ""


def nearest(word: str, known: Sequence[str]) -> str:
    """Return the most similar known word, or nothing if none is similar."""
    import difflib  # noqa: PLC0415 - 5 ms, only where something is wrong

    by_case = {each.lower(): each for each in reversed(known[:MOST_KNOWN])}
    # In a short word, two swapped letters change much of it.
    cutoff = 0.6 if len(word) <= 4 else 0.7  # noqa: PLR2004 - tried on the corpus of tests/data/invalid
    near = difflib.get_close_matches(word.lower(), by_case, n=1, cutoff=cutoff)
    return by_case[near[0]] if near else ""
