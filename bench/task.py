"""What an init is to run, whichever it is."""

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
    """Empty, for what the init needs of files."""
    command: list[str]
    """Its first word is a path."""
    copies: int = 1
    group: bool = False
    """Whether a signal is for the whole process group of the command."""
    bundled: str = ""
    """The bundled rules for the command; without, those of the bench."""

    def rules(self) -> str:
        """Return the text of rules that are not bundled."""
        return for_copies(self.command, self.copies)
