"""Values of the plan that have variables: what they are made of, and where they are written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigroute.language.read.durations import OpenDuration
from sigroute.language.read.path import format_path
from sigroute.language.read.variables import Variable, parse_variables
from sigroute.pid1.log.printable import printable
from sigroute.pid1.record import Record
from sigroute.pid1.template import Template

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sigroute.language.read.path import Path
    from sigroute.language.read.source import Source
    from sigroute.language.read.spans import Spans
    from sigroute.language.read.variables import Parts

Target = tuple[str | int | bytes, ...]

_KEYS = {"steps": "send", "otherwise": "else"}
"""The keys of an action that its fields in the plan do not have the name of."""

_NEVER_ZERO = ("every", "timeout", "within")
"""The keys with durations that can't be 0."""


class Templates:
    """The templates of a plan, in the order in which they are found."""

    def __init__(self) -> None:
        self.made: list[Template] = []
        self._spans: dict[Source, Spans] = {}
        self._has_variables: dict[Source, bool] = {}

    def text(self, value: str, target: Target, source: Source, path: Path, becomes: str = "text") -> bytes:
        """Return a value in bytes: as it is, or, if it is a template, as it is written.

        :param target: where in the plan it belongs.
        :param path: where in the file it is written.
        """
        if "${" not in value:
            return encoded(value)
        parts = parse_variables(value, alone=becomes == "words")
        if not any(isinstance(part, Variable) for part in parts):
            return encoded("".join(str(part) for part in parts))
        if becomes == "words" and not any(isinstance(part, Variable) and part.words for part in parts):
            becomes = "text"
        self._note(parts, target, source, path, becomes)
        return encoded(value)

    def note(self, value: str, target: Target, source: Source, path: Path, becomes: str) -> None:
        """Note a template, even one without variables."""
        self._note(parse_variables(value), target, source, path, becomes)

    def durations(self, value: object, target: Target, source: Source, path: Path) -> None:
        """Note the durations with variables in a part of the plan.

        :param path: where in the file that part is written.
        """
        if source not in self._has_variables:
            self._has_variables[source] = "${" in source.text  # a search of all the text: not for each of its entries
        if not self._has_variables[source]:
            return
        for within, duration in _open(value, ()):
            here = (*path, _KEYS.get(str(within[0]), str(within[0]))) if within else path
            becomes = "time" if within and within[-1] in _NEVER_ZERO else "duration"
            self._note(parse_variables(duration.text), (*target, *within), source, here, becomes)

    def _note(self, parts: Parts, target: Target, source: Source, path: Path, becomes: str) -> None:
        from sigroute.language.read.spans import scan  # noqa: PLC0415 - few files have variables

        if source not in self._spans:
            self._spans[source] = scan(source.text)
        spans = self._spans[source]
        while path not in spans.values:
            path = path[:-1]  # a string stands there in place of a list or table
        template = Template(
            target=target,
            parts=tuple(_encoded(part) for part in parts),
            becomes=becomes,
            place=printable(f"{source.name}:{spans.line(spans.values[path].start).number}"),
            key=format_path(path),
        )
        self.made.append(template)

    def command(self, words: tuple[str, ...], target: Target, source: Source, path: Path) -> tuple[bytes, ...]:
        """Return a command in bytes, word by word."""
        return tuple(
            self.text(word, (*target, index), source, (*path, index), "words") for index, word in enumerate(words)
        )


def _encoded(part: str | Variable) -> bytes | tuple[bytes, bytes | None]:
    if isinstance(part, str):
        return encoded(part)
    return encoded(part.name), None if part.default is None else encoded(part.default)


def _open(value: object, at: Target) -> Iterator[tuple[Target, OpenDuration]]:
    """Yield the durations with variables in a part of the plan, each with where it is."""
    if isinstance(value, OpenDuration):
        yield at, value
    elif isinstance(value, Record):
        for name, each in value.fields().items():
            yield from _open(each, (*at, name))
    elif isinstance(value, tuple):
        for number, each in enumerate(value):
            yield from _open(each, (*at, number))
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from _open(each, (*at, key))


def encoded(text: str) -> bytes:
    """Return a text in bytes. What comes from a command line has surrogates for bytes that are no UTF-8."""
    return text.encode(errors="surrogateescape")
