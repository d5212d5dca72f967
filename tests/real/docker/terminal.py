"""``docker run -it`` at a real terminal: a pty, what is typed, what is shown."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import uuid
from contextlib import suppress

from . import daemon
from .client import docker
from .waiting import eventually


class Terminal:
    """A person's terminal, in which one ``docker run -it`` runs."""

    def __init__(self, image: str, *words: str) -> None:
        self.name = f"sigroute-test-{uuid.uuid4().hex[:12]}"
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 150, 0, 0))
        self._docker = subprocess.Popen(
            ["docker", "run", "--interactive", "--tty", "--name", self.name, "--network=none", image, *words],
            env=daemon.environ(), stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
        )  # fmt: skip
        os.close(slave)
        self.everything = ""
        self._seen = 0

    def expect(self, text: str) -> None:
        """Wait until *text* is shown, after what was expected before."""

        def look() -> int:
            self._read(0)
            return self.everything.find(text, self._seen) + 1

        try:
            self._seen = eventually(look, f"{text!r} is shown") - 1 + len(text)
        except AssertionError as error:
            error.add_note(self.everything)
            raise

    def _read(self, seconds: float) -> None:
        """Take what is shown now, or within so many seconds."""
        if select.select([self._master], [], [], seconds)[0]:
            with suppress(OSError):  # EIO: nobody has the other side any more (pty(7))
                self.everything += os.read(self._master, 65536).decode(errors="replace")

    def type(self, text: str) -> None:
        """Type *text*."""
        os.write(self._master, text.encode())

    def foreground(self, command: str) -> None:
        """Wait until *command* has the terminal (the ``+`` of ps(1))."""

        def look() -> bool:
            lines = docker("top", self.name, "-eo", "pid,stat,args", check=False).stdout.splitlines()
            return any("+" in line.split()[1] and line.split(None, 2)[2] == command for line in lines[1:])

        eventually(look, f"{command} is in the foreground")

    def wait(self) -> int:
        """Wait for the end of ``docker run``; return its exit code, which is the container's."""
        while self._docker.poll() is None:
            self._read(0.1)  # or it would wait for us
        return self._docker.wait(timeout=60)

    def close(self) -> None:
        """End everything."""
        docker("rm", "--force", "--volumes", self.name, check=False)
        self._docker.wait(timeout=60)
        os.close(self._master)
