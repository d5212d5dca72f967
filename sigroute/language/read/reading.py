"""One file being read: what is known of it, and what is wrong so far."""

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


class TooManyFindings(Exception):  # noqa: N818 - it is no failure, but the end of a reading
    """As much is wrong with a file as is told of one."""


@attrs.frozen(eq=False, repr=False)
class Finding:
    """Something wrong, with its place as keys; ``locate`` finds its line and column."""

    source: Source
    path: Path
    """The keys that lead to it."""
    message: str
    hint: str = ""
    on_key: bool = False
    """It is about the last key of the path, not about its value."""
    start: int = 0
    """Within the string that the key or value is, in characters."""
    length: int | None = None
    """None: to its end."""
    warning: bool = False


@attrs.define(eq=False, repr=False)
class Reading:
    """What the readers of values need to know, and where they report."""

    source: Source
    signals: Signals = attrs.field(factory=Signals)
    """The classes."""
    children: tuple[str, ...] = ()
    """The names of the children."""
    groups: tuple[str, ...] = ()
    """The names of the groups that have rules or members."""
    members: dict[str, None] = attrs.field(factory=dict)
    """The names of those that have members, in order."""
    liked: dict[Path, RuleFile] = attrs.field(factory=dict)
    """What the ``like`` of each child names, by the child's place."""
    findings: list[Finding] = attrs.field(factory=list)
    elsewhere: list[Problem] = attrs.field(factory=list)
    """What is wrong with files that this one refers to."""

    @cached_property
    def waitable(self) -> dict[str, None]:
        """What ``after`` may name, in order: the children, and the groups with their ``@``."""
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
        """Note something wrong.

        :param where: what the message says after "in", where that is not the path; () for nothing.
        :raises TooManyFindings: it was the last that is told.
        """
        if where is None:
            where = path[:-1] if on_key else path
        text = f"{message} in {format_path(where)}" if where else message
        self.findings.append(Finding(self.source, path, text, hint, on_key, start, length))
        if len(self.findings) == MOST:
            raise TooManyFindings

    def mistake(self, path: Path, mistake: Mistake, *, on_key: bool = False) -> None:
        """Note a mistake in the string at this place."""
        self.report(
            path, mistake.message, mistake.hint, on_key=on_key, start=mistake.start, length=mistake.length
        )  # fmt: skip


def kind_of(value: object) -> str:
    """Return what a TOML value is, as people say it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    names = {int: "a number", float: "a number", str: "a string", list: "a list", dict: "a table"}
    return names.get(type(value), "a time of day" if type(value).__name__ == "time" else "a date")
