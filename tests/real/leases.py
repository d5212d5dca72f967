"""A program whose exec takes long: somebody holds a write lease on it (fcntl(2), F_SETLEASE), as a file server may.

The kernel has whoever opens it wait until the holder gives the lease up, for up to /proc/sys/fs/lease-break-time: 45 s.
"""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from pathlib import Path

HOLDER = """
import fcntl, os, signal, sys
signal.signal(signal.SIGIO, signal.SIG_IGN)  # by which the holder is asked to give it up
file = os.open(sys.argv[1], int(sys.argv[2]))
fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_WRLCK)
print("held", flush=True)
sys.stdin.readline()
fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_UNLCK)
sys.stdin.read()
"""


class Lease:
    """Makes a program that says ``it runs``, and holds a lease on it.

    :param writes: who holds it may write, so that an exec fails when the lease is given up (execve(2), ETXTBSY).
    """

    def __init__(self, path: Path, *, writes: bool = False) -> None:
        self.path = path
        self.flags = os.O_RDWR if writes else os.O_RDONLY
        path.write_text("#!/bin/sh\necho it runs\n")
        path.chmod(0o755)

    def __enter__(self) -> Self:
        self.holder = subprocess.Popen(
            [sys.executable, "-ISc", HOLDER, str(self.path), str(self.flags)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.holder.stdout is not None
        assert self.holder.stdout.readline() == "held\n"
        return self

    def __exit__(self, *_: object) -> None:
        self.holder.communicate()

    def give_up(self) -> None:
        """Let those go on that wait for it."""
        assert self.holder.stdin is not None
        self.holder.stdin.write("\n")
        self.holder.stdin.flush()
