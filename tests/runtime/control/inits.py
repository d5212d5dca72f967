"""Static inits with a control socket, and their lives."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
from typing import TYPE_CHECKING

from tests.real.container import children, comm
from tests.real.traffic import until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Make = Callable[..., Path]
    """Makes an init of a rule file's text, and of another name."""
    Speaking = Callable[..., Path]
    """Makes an init with ENGINE of a socket's path, and of more rules."""

#: An engine that tells what it finds, to whoever connects: what the watch has opened, and what has happened.
ENGINE = """
import posix, sys
core = sys.modules["sigroute.pid1.watch.core"]
listener, reader, writer, error = core.control()
_, pid, _, _, _, first, _ = core.before()
if not first:
    posix.write(2, repr((listener, reader, writer, error, pid)).encode())
    posix._exit(0)
posix.write(writer, b"request")
second = core.wait(-1)
fd, by, _ = core.socket_accepted(listener)
told = [listener, reader, writer, first[0], first[6], second[0], second[6], posix.read(reader, 100), by]
posix.write(fd, repr(told).encode())
posix._exit(0)
"""

CHILD = ("sleep", "600")


def rules(path: Path, more: str = "") -> str:
    return f'{more}\n[control]\npath = "{path}"\n'


@contextlib.contextmanager
def running(*command: str | Path, umask: int = -1) -> Iterator[int]:
    """Yield the pid of an init once its child runs; at the end it ends with that."""
    with subprocess.Popen([*command], stderr=subprocess.PIPE, umask=umask) as process:
        try:
            until(lambda: runs(process.pid), "the child runs")
            yield process.pid
        finally:
            for each in children(process.pid):
                os.kill(each, signal.SIGKILL)
            process.wait(60)
    assert process.returncode == 128 + signal.SIGKILL


def runs(pid: int) -> list[int]:
    """Return the children of an init that run their program."""
    return [each for each in children(pid) if comm(each) == CHILD[0]]


def connect(place: Path) -> socket.socket:
    made = socket.socket(socket.AF_UNIX)
    made.connect(str(place))
    return made


def left_over(place: Path) -> int:
    """Leave a socket there at which nobody listens; return its inode."""
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(place))
    return place.lstat().st_ino
