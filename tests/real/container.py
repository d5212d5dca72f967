"""A program as PID 1 of a PID namespace with its own /proc: what a container is, as far as signals are concerned.

The test stands outside, where the platform would: it knows PID 1 by another number, and what it sends comes from
"outside".
"""

from __future__ import annotations

import fcntl
import os
import pty
import shutil
import struct
import subprocess
import sys
import termios
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Self

import pytest

from tests.real.require import need
from tests.real.traffic import PATIENCE, until

if TYPE_CHECKING:
    import signal
    from collections.abc import Mapping, Sequence

SIGROUTE = [sys.executable, "-m", "sigroute"]


class Container:
    """Runs a command as PID 1 of a namespace, until it ends or the test does."""

    def __init__(
        self,
        directory: Path,
        command: Sequence[str],
        *,
        environment: Mapping[str, str] | None = None,
        terminal: bool = False,
    ) -> None:
        need(os.geteuid() == 0 and shutil.which("unshare"), "root and unshare, for a PID namespace")
        self.output = directory / "output"
        self.environment = {**os.environ, **(environment or {})}
        # setsid makes the terminal the controlling one, and the group of unshare and PID 1 its foreground group.
        self.command = [
            *(["setsid", "--ctty"] if terminal else []),
            *("unshare", "--pid", "--fork", "--mount-proc", "--kill-child", "--"),
            *command,
        ]
        self.terminal, self.theirs = pty.openpty() if terminal else (-1, -1)
        self.pid = 0

    def __enter__(self) -> Self:
        self.output.write_bytes(b"")
        # Appended to, as nginx opens its standard error anew and would write over what others wrote there.
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                self.command,
                stdin=self.theirs if self.theirs >= 0 else subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=self.environment,
            )
        try:
            until(self._born, "PID 1 exists")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        # With PID 1 everything in the namespace goes; with unshare PID 1 does (--kill-child).
        self.process.kill()
        self.process.wait()
        for descriptor in (self.terminal, self.theirs):
            if descriptor >= 0:
                os.close(descriptor)

    def _born(self) -> bool:
        """Tell whether PID 1 has been seen, or came and went between two looks: its pid is then 0."""
        (self.pid,) = children(self.process.pid) or (0,)
        return bool(self.pid) or not self.running()

    def send(self, number: signal.Signals) -> None:
        """Send PID 1 a signal, as the platform does."""
        assert self.process.poll() is None, f"it has ended: {self.log()}"
        os.kill(self.pid, number)

    def resize(self, rows: int) -> None:
        """Give the terminal's window another size: the kernel sends WINCH to the foreground group."""
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, 80, 0, 0))

    def wait(self, patience: float = PATIENCE) -> int:
        """Wait for the end; return the exit code as a shell would see it."""
        try:
            code = self.process.wait(patience)
        except subprocess.TimeoutExpired:
            pytest.fail(f"still there after {patience:g} s: {self.log()}")
        return code if code >= 0 else 128 - code

    def running(self) -> bool:
        """Tell whether it has not ended."""
        return self.process.poll() is None

    def log(self) -> str:
        """Return what was written to standard output and standard error."""
        return self.output.read_text(errors="replace")

    def said(self, text: str) -> None:
        """Wait until the log has this text."""
        until(lambda: text in self.log() or not self.running(), f"the log says {text!r}")
        assert text in self.log(), self.log()

    def processes(self, title: str) -> set[int]:
        """Return the pids (as seen from here) in the namespace, PID 1 apart, whose command line has this text."""
        found = set()
        left = children(self.pid)
        while left:
            pid = left.pop()
            left += children(pid)
            if title in title_of(pid):
                found.add(pid)
        return found


def children(pid: int) -> list[int]:
    """Return the children of a process, of whichever of its threads."""
    found = []
    with suppress(OSError):  # it ended meanwhile
        for task in Path(f"/proc/{pid}/task").iterdir():
            with suppress(OSError):
                found += [int(child) for child in (task / "children").read_text().split()]
    return found


def state(pid: int) -> str:
    """Return the state of a process, one letter (proc_pid_stat(5)); empty: it has gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return ""


def comm(pid: int) -> str:
    """Return the name of a process (proc_pid_comm(5)); empty: it has gone."""
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


def opened(pid: int) -> list[str]:
    """Return what the descriptors of a process are of, without those that it closes meanwhile."""
    found = []
    for each in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(OSError):
            found.append(str(each.readlink()))
    return found


def title_of(pid: int) -> str:
    """Return a process's command line; servers write their roles there. A zombie has none."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""
