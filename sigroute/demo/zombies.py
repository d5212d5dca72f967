"""How many zombies an init leaves: counted from outside, by /proc, as long as it lives."""

from __future__ import annotations

import os
from pathlib import Path

from sigroute.pid1.kernel.proc import processes


class Zombies:
    """The dead children that one process has not asked about."""

    def __init__(self, init: int) -> None:
        self.init = init
        #: Those that live when the stop begins. Their end is part of it: they are no orphans of before.
        self._living: set[int] | None = None
        #: By the last count; None where it can't be told.
        self.left: int | None = None

    def count(self) -> None:
        """Count anew; once the init is ending, when the kernel takes its children from it, the last count stands."""
        listed = processes() or () if own_proc() else ()
        children = {each.pid: each.state for each in listed if each.parent == self.init}
        if not command_line(self.init):  # it has given up its memory (exit_mm() comes first), or is hidden from us
            return
        if self._living is None:
            self._living = {pid for pid, state in children.items() if state != "Z"}
        self.left = sum(state == "Z" for pid, state in children.items() if pid not in self._living)


def own_proc() -> bool:
    """Tell whether /proc is there and shows the processes by the numbers that we know them by."""
    try:
        return Path("/proc/self").readlink() == Path(str(os.getpid()))
    except OSError:
        return False


def command_line(pid: int) -> bytes:
    """Return a process's command line, empty when there is none to be read."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
