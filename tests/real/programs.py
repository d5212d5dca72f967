"""Programs to be children: they write down what they get, and end when they are told to."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

#: In a mask: 32 and 33. glibc's posix_spawn(3), by which Python 3.13 starts programs, leaves them ignored in what it
#: starts, and keeps everybody from changing that (signal(7), nptl(7)).
OF_LIBC = 0b11 << 31

RECORDER = """
import os, signal, sys, time
path, ends = sys.argv[1], dict(pair.split("=") for pair in sys.argv[2].split())
blocked = signal.valid_signals() - {signal.SIGCHLD}
for number in blocked - {signal.SIGKILL, signal.SIGSTOP}:
    signal.signal(number, lambda *_: None)  # caught, for whoever looks; never called
signal.pthread_sigmask(signal.SIG_BLOCK, blocked)
file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
os.write(file, f"ready {os.getpid()}\\n".encode())
while True:
    number = signal.sigwaitinfo(blocked).si_signo
    name = signal.Signals(number).name[3:] if number < 32 else str(number)
    os.write(file, f"{name} {time.monotonic_ns() // 1000000}\\n".encode())
    if name in ends:
        os._exit(int(ends[name]))
"""


def recorder(path: Path, ends: str = "TERM=0 QUIT=0") -> list[str]:
    """Return a command that writes each signal it gets and when (ms) to a file, and exits at these with these codes."""
    return [sys.executable, "-I", "-c", RECORDER, str(path), ends]


def got(path: Path) -> list[tuple[str, int]]:
    """Return what a recorder has written: signals, and when each arrived."""
    if not path.exists():
        return []
    pairs = (line.split() for line in path.read_text().splitlines())
    return [(name, int(when)) for name, when in pairs if name != "ready"]


def names(path: Path) -> list[str]:
    """Return the signals that a recorder has got."""
    return [name for name, _ in got(path)]


def is_ready(paths: Iterable[Path]) -> bool:
    """Tell whether these recorders are ready for signals."""
    return all(path.exists() and path.read_text().startswith("ready") for path in paths)


def share_of_time(pid: int) -> float:
    """Return which part of two seconds a process has used the processor."""
    before, began = processor_time(pid), time.monotonic()
    time.sleep(2)
    return (processor_time(pid) - before) / (time.monotonic() - began)


def processor_time(pid: int) -> float:
    """Return the seconds of processor time that a process has had (proc_pid_stat(5))."""
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")
