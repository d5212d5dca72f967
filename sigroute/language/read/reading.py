"""The state of one file's reading: its declared names, and its findings so far."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import attrs

from sigroute.language.read.model import Signals
from sigroute.language.read.path import format_path
from sigroute.language.read.problems import MOST

if TYPE_CHECKING:
    from sigroute.language.read.model import RuleFile
    from sigroute.language.read.path import Path
    from sigroute.language.read.problems import Mistake, Problem
    from sigroute.language.read.source import Source


class TooManyFindings(Exception):  # noqa: N818 - it ends a reading, and is no failure
    """A file has ``MOST`` findings: it is not read any further."""


@attrs.frozen(eq=False, repr=False)
class Finding:
    """An error or a warning, with its place as keys; ``locate`` finds its line and column."""

    source: Source
    path: Path
    """The keys that lead to it."""
    message: str
    hint: str = ""
    on_key: bool = False
    """It is about the last key of the path itself, not about the value."""
    start: int = 0
    """The first character that it is about, if the key or value is a string."""
    length: int | None = None
    """None: to its end."""
    warning: bool = False


@attrs.define(eq=False, repr=False)
class Reading:
    """What readers of values need to know, and where they report errors."""

    source: Source
    signals: Signals = attrs.field(factory=Signals)
    """The classes."""
    children: tuple[str, ...] = ()
    """The names of the children."""
    tasks: tuple[str, ...] = ()
    """The names of the tasks."""
    end_tasks: frozenset[str] = frozenset()
    """Those that are started at the end."""
    groups: tuple[str, ...] = ()
    """The names of the groups that have rules or members."""
    members: dict[str, None] = attrs.field(factory=dict)
    """The names of the groups that have members, in order."""
    liked: dict[Path, RuleFile] = attrs.field(factory=dict)
    """The file that each child is like, by the child's place."""
    expanded: set[Path] = attrs.field(factory=set)
    """The places of values that may have variables."""
    findings: list[Finding] = attrs.field(factory=list)
    elsewhere: list[Problem] = attrs.field(factory=list)
    """The problems of files that this one refers to."""

    @cached_property
    def waitable(self) -> dict[str, None]:
        """The names that ``after`` may have, in order: children, and groups with their ``@``."""
        return dict.fromkeys((*self.children, *(f"@{group}" for group in self.groups)))

    def report(  # noqa: PLR0913 - a message, a way out and a place
        self,
        path: Path,
        message: str,
        hint: str = "",
        *,
        on_key: bool = False,
        start: int = 0,
        length: int | None = None,
        where: Path | None = None,
    ) -> None:
        """Add a finding.

        :param where: the place that the message names, if it is not ``path``; () for none.
        :raises TooManyFindings: it was the last one that counts.
        """
        if where is None:
            where = path[:-1] if on_key else path
        text = f"{message} in {format_path(where)}" if where else message
        self.findings.append(Finding(self.source, path, text, hint, on_key, start, length))
        if len(self.findings) == MOST:
            raise TooManyFindings

    def mistake(self, path: Path, mistake: Mistake, *, on_key: bool = False) -> None:
        """Add a mistake in the string at this place."""
        self.report(
            path, mistake.message, mistake.hint, on_key=on_key, start=mistake.start, length=mistake.length
        )  # fmt: skip


def kind_of(value: object) -> str:
    """Return the kind of a TOML value, for people."""
    if isinstance(value, bool):
        return "true" if value else "false"
    names = {int: "a number", float: "a number", str: "a string", list: "a list", dict: "a table"}
    return names.get(type(value), "a time of day" if type(value).__name__ == "time" else "a date")
