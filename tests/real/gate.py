"""A gate: what is behind it waits before its exec until the test lets it go, so that a tracer can come first."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from pathlib import Path


class Gate:
    """A FIFO in a folder, and a shell that reads from it."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "gate"
        self.path.unlink(missing_ok=True)
        os.mkfifo(self.path)
        #: The words to put before a command.
        self.words = ["sh", "-c", 'read go < "$0"; exec "$@"', str(self.path)]

    def __enter__(self) -> Self:
        self._opened = os.open(self.path, os.O_RDWR)  # it waits for nobody (fifo(7)), and neither does the shell
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._opened)

    def let_go(self) -> None:
        """Let it go."""
        os.write(self._opened, b"go\n")
