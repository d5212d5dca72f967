"""The JSON lines that the demo's programs write to pipes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from io import RawIOBase

Line = dict[str, Any]


class Lines:
    """The lines from one pipe: JSON with an ``event`` in ``told``, all others in ``other``."""

    def __init__(self, file: RawIOBase) -> None:
        self.file = file
        self.told: list[Line] = []
        self.other: list[str] = []
        self.over = False
        self._rest = b""

    def read(self) -> None:
        """Read what is there; note the end of the pipe in ``over``."""
        part = self.file.read(65536) or b""
        self.over = not part
        *lines, self._rest = (self._rest + part).split(b"\n")
        for line in lines:
            self._take(line)

    def _take(self, line: bytes) -> None:
        try:
            value = json.loads(line)
        except ValueError:
            value = None
        if isinstance(value, dict) and "event" in value:
            self.told.append(value)
        else:
            self.other.append(line.decode(errors="replace"))

    def first(self, event: str) -> Line | None:
        """Return the first line about an event."""
        return next((line for line in self.told if line["event"] == event), None)
