"""Commands with a ``$NAME``, which only a shell would expand."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sigroute.language.read.path import format_path
from sigroute.language.read.reading import Finding
from sigroute.language.read.variables import script_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sigroute.language.read.path import Path
    from sigroute.language.read.source import Source
    from sigroute.language.resolve.resolved import Resolved

_DOLLAR = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*)", re.ASCII)

_PROGRAM_TEXT = re.compile(r"[{};'\"\n]")
"""What is in the text of a program, as awk's or perl's, and in few other words."""

_PROGRAM_OPTION = re.compile(r"-[A-Za-z]*[ce]", re.ASCII)
"""An option that a program's text follows: of perl, python, ruby, sed."""


def dollars(resolved: Resolved) -> Iterator[Finding]:
    """Yield the words of commands that look like a shell's variables."""
    source = resolved.rules.source
    for child in resolved.rules.children:
        yield from _of_command(source, (*child.path, "command"), child.command)
    for entry in resolved.own_entries():
        yield from _of_command(entry.source, (*entry.path, "run"), entry.action.run)


def _of_command(source: Source, path: Path, words: Sequence[str]) -> Iterator[Finding]:
    script = script_of(words)
    for index, word in enumerate(words):
        found = _DOLLAR.search(word)
        if found is None or index == script or _is_program_text(words, index):
            continue
        here = (*path, index)
        message = f"{found[0]} stays as it is in {format_path(here)}"
        hint = f"there is no shell here: write ${{{found[1]}}}"
        start, end = found.span()
        yield Finding(source, here, message, hint, start=start, length=end - start, warning=True)


def _is_program_text(words: Sequence[str], index: int) -> bool:
    after_option = index > 0 and _PROGRAM_OPTION.fullmatch(words[index - 1])
    return bool(after_option or _PROGRAM_TEXT.search(words[index].replace("${", "")))
