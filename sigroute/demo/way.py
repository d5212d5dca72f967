"""Whether the inits of the demo can be PID 1 of a namespace on this machine, or have to be subreapers."""

from __future__ import annotations

import os
import selectors
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, cast

import attrs

from sigroute.demo.lines import Lines
from sigroute.demo.trouble import Trouble
from sigroute.demo.waiting import until

if TYPE_CHECKING:
    from io import RawIOBase

HERE = Path(__file__).parent

#: Seconds that namespace.py has to end all processes, before it is killed itself.
PATIENCE = 10.0


@attrs.frozen
class Way:
    """PID 1 of a namespace, or, if there can be no namespace, a subreaper."""

    name: str
    #: Why there can be no namespace.
    reason: str = ""


NAMESPACE = Way("namespace")


def within(way: Way, status: int, command: list[str]) -> list[str]:
    """Return the command line of namespace.py that runs a command this way.

    :param status: the descriptor on which it tells what happens.
    """
    script = str(HERE / "namespace.py")
    return [sys.executable, "-I", "-S", script, way.name, str(os.getpid()), str(status), *command]


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process of namespace.py, and with it everything below it."""
    process.terminate()
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def find_way() -> Way:
    """Find out whether there can be a namespace here: try to make one."""
    command = within(NAMESPACE, 1, [sys.executable, "-I", "-S", "-c", ""])
    null = subprocess.DEVNULL
    try:
        process = subprocess.Popen(command, bufsize=0, stdin=null, stdout=subprocess.PIPE, stderr=null)  # noqa: S603 - our own
    except OSError as error:
        text = f"cannot run {sys.executable or 'Python'} again: {error.strerror}"
        raise Trouble(text) from error
    with selectors.DefaultSelector() as selector, process:
        told = Lines(cast("RawIOBase", process.stdout))
        selector.register(told.file, selectors.EVENT_READ, told.read)
        try:
            until(selector, lambda: told.over, "nothing comes of making a namespace")
        finally:
            end(process)
    cannot = told.first("cannot")
    if told.first("ended") and not cannot:
        return NAMESPACE
    return Way("subreaper", cannot["reason"] if cannot else "it ended without a word")
