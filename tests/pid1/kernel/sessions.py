"""Code that is run as the leader of a new session, with a terminal or without, and what it tells."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent.parent

SETUP = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
import fcntl, os, signal, termios
from sigroute.pid1.kernel import job, mask, restore, spawn, terminal
from sigroute.pid1.kernel.options import StartOptions
from tests.pid1.kernel.starting import start
def control():
    "Make standard input the controlling terminal of this session, which this process leads."
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
def member():
    "Start a process in a group of its own, which ends with this one; return its pid."
    (ready, begun), (alive, keeps) = os.pipe(), os.pipe()
    pid = os.fork()
    if not pid:
        os.setpgid(0, 0)
        for fd in (1, begun, keeps):
            os.close(fd)
        os.read(alive, 1)
        os._exit(0)
    os.close(begun)
    os.read(ready, 1)
    return pid
def end(pid):
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
mask.block()
"""


def told(code: str, stdin: int = subprocess.DEVNULL) -> list[str]:
    """Run code as the leader of a new session; return what it prints."""
    done = subprocess.run(
        [sys.executable, "-uISB", "-c", SETUP + code],
        check=True,
        stdin=stdin,
        stdout=subprocess.PIPE,
        text=True,
        timeout=60,
        start_new_session=True,
    )
    return done.stdout.splitlines()
