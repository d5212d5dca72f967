"""Where in the text of a document each key and value stands: the parser does not tell.

A scanner for text that the parser has accepted, so it takes every form on trust and checks none.
It is only run where there is something to say.
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
    """Where in the text it begins."""
    text: str
    """Without its newline."""


@attrs.define
class Spans:
    """Every key and value of a document, by the keys that lead to it."""

    text: str
    keys: dict[Path, Span] = attrs.field(factory=dict)
    """Where the last of these keys stands first."""
    values: dict[Path, Span] = attrs.field(factory=dict)
    # One line or string of a quarter of a megabyte may have ten thousand mistakes: it is looked at once.
    _lines: dict[int, Line] = attrs.field(factory=dict, init=False)
    _offsets: dict[Span, list[int]] = attrs.field(factory=dict, init=False)

    def line(self, at: int) -> Line:
        """Return the line in which a place of the text is."""
        start = self.text.rfind("\n", 0, at) + 1
        if start not in self._lines:
            end = self.text.find("\n", at)
            text = self.text[start : end if end >= 0 else len(self.text)]
            self._lines[start] = Line(self.text.count("\n", 0, start) + 1, start, text)
        return self._lines[start]

    def key_span(self, path: Path, start: int, length: int | None) -> Span:
        """Return where a key stands, or a part of it."""
        return self._part(self.keys[path], start, length)

    def value_span(self, path: Path, start: int, length: int | None) -> Span:
        """Return where a value stands, or a part of what it says if it is a string."""
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
    width = 3 if text.startswith(quote * 3, span.start) and span.end - span.start >= 6 else 1  # noqa: PLR2004 - two of three
    short = Span(span.start + width, span.end - width)
    return short if short.end > short.start else span


def offsets_of(text: str, span: Span) -> list[int]:
    """Return where in the text each character of a string or bare key stands, and its end."""
    part = inner(text, span)
    if part == span and text[span.start : span.start + 1] in ("'", '"'):
        return [span.start + 1]
    start = part.start
    if start - span.start == 3 and text.startswith("\n", start):  # noqa: PLR2004 - the first newline is none of it
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
    import tomli  # noqa: PLC0415 - loaded long since, by whoever had the document read

    return str(tomli.loads("x = " + key)["x"])


def scan(text: str) -> Spans:
    """Return where everything stands in a document that the parser has accepted."""
    return _Scanner(text).document()


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.spans = Spans(text)
        self.lengths: dict[Path, int] = {}
        """Of each array of tables so far."""

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
        """Read a key, dotted or not; leave off after the blanks that follow."""
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
