"""A task: what a contestant has to run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from bench.rules import for_copies

if TYPE_CHECKING:
    from pathlib import Path


@attrs.frozen
class Task:
    """A command for PID 1 to supervise."""

    folder: Path
    """An empty folder for the files that the init needs."""
    command: list[str]
    """The words of the command; the first one is a path."""
    copies: int = 1
    group: bool = False
    """A signal is for the whole process group of the command."""
    bundled: str = ""
    """The name of the bundled rules for the command; empty: the rules of the bench (rules.py)."""

    def rules(self) -> str:
        """Return the text of the bench's own rules for this task."""
        return for_copies(self.command, self.copies)
