"""A terminal with a person at it, who types and looks: a pty(7), with a session of its own."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from tests.real.container import title_of
from tests.real.traffic import PATIENCE, until

from . import processes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

CTRL_C, CTRL_D, CTRL_P, CTRL_Q, CTRL_Z, CTRL_BACKSLASH = "\x03", "\x04", "\x10", "\x11", "\x1a", "\x1c"

#: Makes what it runs PID 1 of a namespace with its own /proc.
NAMESPACE = ("unshare", "--pid", "--fork", "--mount-proc", "--kill-child", "--")

#: Lead a session, and have standard input's terminal for its own: that is what a terminal emulator does before it runs
#: a shell, and a container runtime before it runs PID 1. (In a namespace it does not fork: its group is another's.)
SESSION = ("setsid", "--ctty")


class Terminal:
    """Runs a command that leads the terminal's session; with *init*, as PID 1 of a namespace."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        init: bool = False,
        folder: Path | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.shown = ""
        self.init = init
        self._seen = 0
        self._master, slave = pty.openpty()
        self.resize(40)
        try:
            self._process = subprocess.Popen(
                [*(NAMESPACE if init else ()), *SESSION, *command],
                stdin=slave, stdout=slave, stderr=slave, cwd=folder, env={**os.environ, **(environment or {})},
            )  # fmt: skip
        finally:
            os.close(slave)

    def type(self, text: str) -> None:
        """Type *text*."""
        os.write(self._master, text.encode())

    def until(self, condition: Callable[[], object], what: str) -> None:
        """Wait until a condition holds; look meanwhile, as a full terminal makes everybody wait."""

        def look() -> object:
            self._read()
            return condition()

        try:
            until(look, what)
        except AssertionError as error:
            error.add_note(f"shown: {self.shown}\n{processes.listed(self._leader())}")
            raise

    def expect(self, pattern: str) -> re.Match[str]:
        """Wait until something is shown, after what was expected before; return the match."""
        found: list[re.Match[str]] = []

        def look() -> bool:
            found.extend(re.compile(pattern).finditer(self.shown, self._seen))
            return bool(found)

        self.until(look, f"{pattern!r} is shown")
        self._seen = found[0].end()
        return found[0]

    def foreground(self) -> int:
        """Return the process group that has the terminal."""
        return os.tcgetpgrp(self._master)

    def process(self, title: str) -> int:
        """Wait for the one process of the session with this command line; return its pid."""
        found: list[int] = []

        def look() -> bool:
            found[:] = [pid for pid in processes.of_session(self._leader()) if title_of(pid).rstrip() == title]
            return len(found) == 1

        self.until(look, f"{title!r} runs")
        return found[0]

    def in_foreground(self, title: str) -> int:
        """Wait until a program has the terminal, alone or with its process group; return its pid."""
        pid = self.process(title)
        self.until(lambda: self.foreground() == processes.group(pid), f"{title!r} has the terminal")
        return pid

    def resize(self, rows: int) -> None:
        """Give the window another size: the kernel sends WINCH to the foreground group (TIOCSWINSZ, tty_ioctl(4))."""
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, 150, 0, 0))

    def hang_up(self) -> None:
        """Go away: the kernel sends the session's leader HUP, and CONT (tty_vhangup(), pty(7))."""
        self._read()
        os.close(self._master)
        self._master = -1

    def leader(self) -> int:
        """Wait for the session; return the pid of its leader, as it is known here."""
        self.until(self._leader, "the session is there")
        return self._leader()

    def running(self) -> bool:
        """Tell whether the command has not ended."""
        return self._ended() is None

    def wait(self) -> int:
        """Wait for the end of the command; return the exit code as a shell would see it."""
        self.until(lambda: not self.running(), "it ends")
        self._read()  # what it has shown since the last look, before it ended
        ended = self._ended()
        assert ended
        return ended.si_status if ended.si_code == os.CLD_EXITED else 128 + ended.si_status

    def close(self) -> None:
        """End everything: a namespace goes with its PID 1, and that with unshare."""
        for pid in processes.of_session(self._leader()):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.kill()
        self._process.wait(PATIENCE)
        if self._master >= 0:
            os.close(self._master)

    def _ended(self) -> os.waitid_result | None:
        """Tell how it ended; it is reaped later, so that its pid, and the session's number, is nobody else's."""
        return os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)

    def _leader(self) -> int:
        """Return the leader's pid, or 0 as long as there is none."""
        pids = processes.children(self._process.pid) if self.init else [self._process.pid]
        return next((pid for pid in pids if processes.session(pid) == pid), 0)

    def _read(self) -> None:
        """Take what is shown by now, or much of it: somebody may go on for ever."""
        with suppress(OSError):  # EIO: nobody has the other side any more (pty(7))
            for _ in range(64):
                if self._master < 0 or not select.select([self._master], [], [], 0)[0]:
                    break
                self.shown += os.read(self._master, 65536).decode(errors="replace")


def quiet(terminal: Terminal) -> None:
    """Check that nobody missed job control, and that sigroute got nothing from the terminal."""
    for complaint in ("cannot set terminal process group", "job control", "can't access tty", " from tty"):
        if complaint in terminal.shown:
            pytest.fail(f"{complaint!r} in: {terminal.shown}")
