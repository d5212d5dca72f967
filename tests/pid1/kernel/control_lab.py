"""A control socket in a process whose clock is a number, and whose forks are pids."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sigroute.pid1.kernel import control, spawn
from sigroute.pid1.kernel.control import Control
from sigroute.pid1.kernel.notices import Notices
from tests.pid1.scene import plan_of

if TYPE_CHECKING:
    import pytest

PLAN = plan_of('[child.web]\ncommand = ["web"]\n[child.db]\ncommand = ["db"]\n')


def fds() -> list[str]:
    """Return the descriptors that are open."""
    return [each.name for each in Path("/proc/self/fd").iterdir()]


class Lab:
    """A control socket in a process whose clock is a number, and whose forks are pids."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.listener, _ = os.pipe()
        self.reader, self.writer = os.pipe()
        os.set_blocking(self.reader, False)
        self.notices = Notices()
        self.now = 1_000_000
        self.started: list[int] = []
        self.refused: OSError | None = None
        self.told = 0
        monkeypatch.setattr(control, "milliseconds", lambda: self.now)
        monkeypatch.setattr(spawn, "fork", self.fork)
        self.control = Control((self.listener, self.reader, self.writer), self.notices, PLAN, lambda: frozenset((7,)))
        self.control.forked = self.count

    def fork(self, avoided: frozenset[int]) -> int:
        assert avoided == {7}
        if self.refused is not None:
            raise self.refused
        self.started.append(self.now)
        return 100 + len(self.started)

    def count(self) -> None:
        self.told += 1

    def knock(self, due: int | None = None) -> int | None:
        """Let somebody connect; return when PID 1 is to wake up."""
        self.notices.due.append(self.listener)
        assert self.notices.next() is None
        return self.control.keep(due)

    def hear(self, data: bytes) -> list[Any]:
        """Let servers write this; return the events."""
        os.write(self.writer, data)
        return self.heard()

    def heard(self) -> list[Any]:
        self.notices.due.append(self.reader)
        return list(iter(self.notices.next, None))

    def replies(self, pid: int) -> int:
        """Return what a server reads its answers from; PID 1 has the other end."""
        _, writer = self.control.servers[pid]
        reader, mine = os.pipe()
        os.dup2(mine, writer)
        os.set_blocking(writer, False)
        os.close(mine)
        return reader
