"""All rules as one text: the file, then as comments everything else that they were made from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sigroute.language.read.model import RuleFile
    from sigroute.language.read.source import Source
    from sigroute.language.resolve.resolved import Resolved


def render(resolved: Resolved, overrides: Sequence[str] = ()) -> str:
    """Return the text of a rule file, then of the files that its children are like, and what ``--on`` said.

    Only the first is not a comment, so the text is the same rule file again.
    """
    rules = resolved.rules
    parts = [rules.source.text]
    for liked in dict.fromkeys(_liked(rules)):
        parts += [_commented(f'what is like "{Path(liked.name).name}" has:', liked.text)]
    parts += [_commented("on the command line:", f"--on {override}") for override in overrides]
    return "\n".join(part if part.endswith("\n") or not part else f"{part}\n" for part in parts)


def _liked(rules: RuleFile) -> Iterator[Source]:
    """Yield the source of each file that a child is like, directly or not; some may come twice."""
    for child in rules.children:
        if child.liked is not None:
            yield child.liked.source
            yield from _liked(child.liked)


def _commented(title: str, text: str) -> str:
    return "".join(f"# {line}".rstrip() + "\n" for line in (title, *text.splitlines()))
