"""Values of the plan that have variables: what they are made of, and where they are written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigroute.language.read.path import format_path
from sigroute.language.read.variables import Variable, parse_variables
from sigroute.pid1.log.printable import printable
from sigroute.pid1.plan import Template

if TYPE_CHECKING:
    from sigroute.language.read.path import Path
    from sigroute.language.read.source import Source
    from sigroute.language.read.spans import Spans

Target = tuple[str | int | bytes, ...]


class Templates:
    """The templates of a plan, in the order in which they are found."""

    def __init__(self) -> None:
        self.made: list[Template] = []
        self._spans: dict[Source, Spans] = {}

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
        words = any(isinstance(part, Variable) and part.words for part in parts)
        template = Template(
            target=target,
            parts=tuple(
                (part.name.encode(), None if part.default is None else encoded(part.default))
                if isinstance(part, Variable)
                else encoded(part)
                for part in parts
            ),
            becomes=becomes if words or becomes != "words" else "text",
            place=printable(f"{source.name}:{self._line_of(source, path)}"),
            key=format_path(path),
        )
        self.made.append(template)
        return encoded(value)

    def _line_of(self, source: Source, path: Path) -> int:
        from sigroute.language.read.spans import scan  # noqa: PLC0415 - few files have variables

        if source not in self._spans:
            self._spans[source] = scan(source.text)
        spans = self._spans[source]
        while path not in spans.values:
            path = path[:-1]  # the only word of a list may stand there without the list
        return spans.line(spans.values[path].start).number

    def command(self, words: tuple[str, ...], target: Target, source: Source, path: Path) -> tuple[bytes, ...]:
        """Return a command in bytes, word by word."""
        return tuple(
            self.text(word, (*target, index), source, (*path, index), "words") for index, word in enumerate(words)
        )


def encoded(text: str) -> bytes:
    """Return a text in bytes. What comes from a command line has surrogates for bytes that are no UTF-8."""
    return text.encode(errors="surrogateescape")
