"""Plays with a terminal: keys, its size, its hang-up."""

from __future__ import annotations

import fcntl
import os
import signal
import struct
import termios
from typing import TYPE_CHECKING

from tests.real.drop_in.play import over
from tests.real.drop_in.run import MARKER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.real.drop_in.run import Run

KEYS = {"Ctrl-C": b"\x03", "Ctrl-\\": b"\x1c", "Ctrl-Z": b"\x1a"}

OF_TERMINAL = (*KEYS, "resize", "HUP", "CONT", "hang-up")


def terminal(run: Run) -> Iterator[tuple[str, str]]:
    """What the child gets of each."""
    child, _ = run.child()
    master = run.terminals["A"][0]
    for name, key in KEYS.items():
        os.write(master, key)
        run.until(lambda: child.inbox, f"{name} arrives")
        run.send(MARKER)
        yield name, ", ".join(child.marked())
    for rows in (50, 51):  # the first may find it so already
        fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, 80, 0, 0))
        run.send(MARKER)
        size = ", ".join(child.marked())
    yield "resize", size
    for number in (signal.SIGHUP, signal.SIGCONT):
        run.send(number, MARKER)
        yield number.name.removeprefix("SIG"), ", ".join(child.marked())
    hang_up(run)
    run.send(MARKER)
    # The session's leader and the foreground group get HUP, and the latter CONT (tty_ioctl(4)): what an init forwards
    # of it may be one with what the child has from the kernel, so only the signals are compared.
    yield "hang-up", " ".join(sorted({told.split()[0] for told in child.marked()}))
    over(run, child)


def hang_up(run: Run) -> None:
    """Close the other end, of which nobody else has a copy."""
    os.close(run.terminals["A"][0])
    run.terminals["A"] = (os.dup(run.terminals["A"][1]), run.terminals["A"][1])
