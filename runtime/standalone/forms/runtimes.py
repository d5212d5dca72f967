"""The form of static/runtimes.py in the static sigroute: it is a runtime itself."""

from __future__ import annotations

import os
from pathlib import Path

MACHINES = ("x86_64", "aarch64")

#: This program (proc_pid_exe(5)).
OWN = Path("/proc/self/exe")

BUILD = "fetch or build the static sigroute once more"


class NoRuntimeError(Exception):
    """There is no runtime that serves; the message says why, and how to get one."""


def runtime(machine: str) -> bytes:
    """Return the runtime for a machine.

    :raises NoRuntimeError: there is none.
    """
    if machine != this_machine():
        message = f"this sigroute makes inits for {this_machine()}: take that for {machine}, or the Python package"
        raise NoRuntimeError(message)
    try:
        return OWN.read_bytes()
    except OSError as error:
        message = f"cannot read this program ({OWN}: {error.strerror})"
        raise NoRuntimeError(message) from None


def this_machine() -> str:
    """Return the name of the machine that this is."""
    return os.uname().machine
