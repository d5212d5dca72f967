"""The runtimes that lie in the package: ``python -m runtime build`` puts them there."""

from __future__ import annotations

import platform
from pathlib import Path

from sigroute.executable import NotARuntimeError, form_of

FOLDER = Path(__file__).parent.parent / "runtimes"

MACHINES = ("x86_64", "aarch64")

BUILD = "in a checkout of sigroute: python -m runtime build, then pip install . again"


class NoRuntimeError(Exception):
    """There is no runtime that serves; the message says why, and how to get one."""


def runtime(machine: str) -> bytes:
    """Return the runtime for a machine.

    :raises NoRuntimeError: there is none.
    """
    path = FOLDER / machine
    try:
        data = path.read_bytes()
        form_of(data)
    except FileNotFoundError:
        message = f"there is no runtime for {machine} in {FOLDER} ({BUILD}); --python makes a script instead"
        raise NoRuntimeError(message) from None
    except (OSError, NotARuntimeError) as error:
        message = f"cannot use the runtime {path}: {error} ({BUILD})"
        raise NoRuntimeError(message) from None
    return data


def this_machine() -> str:
    """Return the name of the machine that this is."""
    return platform.machine()
