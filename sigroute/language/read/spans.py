"""Where each key and value of a document is in its text, which the TOML parser does not tell.

The scanner runs only if there is a problem to show, and only over text that the parser has accepted: it checks nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import attrs

from sigroute.language.read.toml import STRING

if TYPE_CHECKING:
    from sigroute.language.read.path import Path

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_BLANK = re.compile(r"[ \t]*")
_FILL = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_STRING = re.compile(STRING)
_SCALAR = re.compile(r"[^,\]}\n#]*")
_ESCAPE = re.compile(r"\\(?:u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|x[0-9A-Fa-f]{2}|[ \t]*\n[ \t\n]*|.)", re.DOTALL)


@attrs.frozen
class Span:
    """A part of the text, quotes included."""

    start: int
    end: int


@attrs.frozen
class Line:
    """A line of the text."""

    number: int
    """From 1."""
    start: int
    """Where it begins in the text."""
    text: str
    """Without its newline."""


@attrs.define
class Spans:
    """Every key and value of a document, by the keys that lead to it."""

    text: str
    keys: dict[Path, Span] = attrs.field(factory=dict)
    """For each path, the first place of its last key."""
    values: dict[Path, Span] = attrs.field(factory=dict)
    # A line of 256 KiB may have thousands of mistakes, so each line and string is taken apart once.
    _lines: dict[int, Line] = attrs.field(factory=dict, init=False)
    _offsets: dict[Span, list[int]] = attrs.field(factory=dict, init=False)

    def line(self, at: int) -> Line:
        """Return the line that this place of the text is in."""
        start = self.text.rfind("\n", 0, at) + 1
        if start not in self._lines:
            end = self.text.find("\n", at)
            text = self.text[start : end if end >= 0 else len(self.text)]
            self._lines[start] = Line(self.text.count("\n", 0, start) + 1, start, text)
        return self._lines[start]

    def key_span(self, path: Path, start: int, length: int | None) -> Span:
        """Return the span of a key, or of a part of it."""
        return self._part(self.keys[path], start, length)

    def value_span(self, path: Path, start: int, length: int | None) -> Span:
        """Return the span of a value, or of a part of it if it is a string."""
        return self._part(self.values[path], start, length)

    def _part(self, span: Span, start: int, length: int | None) -> Span:
        if not start and length is None:
            return inner(self.text, span)
        if span not in self._offsets:
            self._offsets[span] = offsets_of(self.text, span)
        offsets = self._offsets[span]
        last = len(offsets) - 1
        first = min(start, last)
        after = last if length is None else min(start + max(length, 1), last)
        return Span(offsets[first], max(offsets[after], offsets[first] + 1))


def inner(text: str, span: Span) -> Span:
    """Return a span without the quotes of a string; an empty string keeps them."""
    quote = text[span.start : span.start + 1]
    if quote not in ("'", '"'):
        return span
    width = 3 if text.startswith(quote * 3, span.start) and span.end - span.start >= 6 else 1  # noqa: PLR2004 - two times three quotes
    short = Span(span.start + width, span.end - width)
    return short if short.end > short.start else span


def offsets_of(text: str, span: Span) -> list[int]:
    """Return the place in the text of each character of a string or bare key, and the place of its end."""
    part = inner(text, span)
    if part == span and text[span.start : span.start + 1] in ("'", '"'):
        return [span.start + 1]
    start = part.start
    if start - span.start == 3 and text.startswith("\n", start):  # noqa: PLR2004 - a newline right after the three quotes is no part of it
        start += 1
    offsets = []
    while start < part.end:
        found = _ESCAPE.match(text, start, part.end) if text[span.start] == '"' else None
        if found is None:
            offsets.append(start)
            start += 1
            continue
        if "\n" not in found.group():
            offsets.append(start)
        start = found.end()
    return [*offsets, part.end]


def unquoted(key: str) -> str:
    """Return what a quoted key says."""
    if "\\" not in key:
        return key[1:-1]
    import tomli  # noqa: PLC0415 - whoever parsed the document has loaded it

    return str(tomli.loads("x = " + key)["x"])


def scan(text: str) -> Spans:
    """Return the spans of a document that the parser has accepted."""
    return _Scanner(text).document()


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.spans = Spans(text)
        self.lengths: dict[Path, int] = {}
        """The number of tables so far in each array of tables."""

    def document(self) -> Spans:
        table: Path = ()
        while self._skip(_FILL) < len(self.text):
            if self.text[self.at] == "[":
                table = self._header()
            else:
                self._pair(table)
        return self.spans

    def _skip(self, pattern: re.Pattern[str]) -> int:
        found = pattern.match(self.text, self.at)
        self.at = found.end() if found else self.at
        return self.at

    def _header(self) -> Path:
        begin = self.at
        array = self.text.startswith("[[", self.at)
        self.at += 2 if array else 1
        path: Path = ()
        for part, span in self._key():
            path = (*path, part)
            self.spans.keys.setdefault(path, span)
            last = path
            if path in self.lengths:
                path = (*path, self.lengths[path] - 1)
        self.at += 2 if array else 1
        if array:
            self.lengths[last] = self.lengths.get(last, 0) + 1
            path = (*last, self.lengths[last] - 1)
        self.spans.values.setdefault(path, Span(begin, self.at))
        return path

    def _key(self) -> list[tuple[str, Span]]:
        """Read a key, dotted or not, and the blanks after it."""
        parts = []
        while True:
            self._skip(_BLANK)
            begin = self.at
            quoted = self.text[begin] in "\"'"
            self._skip(_STRING if quoted else _BARE)
            name = self.text[begin : self.at]
            parts.append((unquoted(name) if quoted else name, Span(begin, self.at)))
            self._skip(_BLANK)
            if not self.text.startswith(".", self.at):
                return parts
            self.at += 1

    def _pair(self, table: Path) -> None:
        path = table
        for part, span in self._key():
            path = (*path, part)
            self.spans.keys.setdefault(path, span)
        self.at += 1  # the =
        self._skip(_BLANK)
        self._value(path)

    def _value(self, path: Path) -> None:
        begin = self.at
        first = self.text[begin]
        if first in "\"'":
            self._skip(_STRING)
        elif first == "[":
            self._members(path, "]")
        elif first == "{":
            self._members(path, "}")
        else:
            self._skip(_SCALAR)
            while self.text[self.at - 1] in " \t\r":
                self.at -= 1
        self.spans.values[path] = Span(begin, self.at)

    def _members(self, path: Path, close: str) -> None:
        """Read an array or an inline table to its end."""
        self.at += 1
        index = 0
        while not self.text.startswith(close, self._skip(_FILL)):
            if close == "]":
                self._value((*path, index))
                index += 1
            else:
                self._pair(path)
            self._skip(_FILL)
            if self.text.startswith(",", self.at):
                self.at += 1
        self.at += 1
