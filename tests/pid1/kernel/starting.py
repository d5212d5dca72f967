"""Starting a program as the kernel seam does, and waiting for what came of it."""

from __future__ import annotations

import os
import posix
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sigroute.pid1.kernel.spawn import attempt
from sigroute.pid1.kernel.start import Start

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sigroute.pid1.kernel.options import StartOptions


def start(argv: tuple[bytes, ...], environ: dict[bytes, bytes], options: StartOptions, **more: Any) -> int:
    """Return the pid of the program, started in this environment.

    :raises CannotRunError: it can't be run; no process is left of the attempt.
    """
    with environment(environ):
        begun = attempt(argv, options, **more)
    if not isinstance(begun, Start):
        raise begun
    while not begun.is_known():  # a busy machine takes longer than sigroute waits
        begun.wait()
    if begun.error is not None:
        begun.end()
        raise begun.error
    return begun.pid


@contextmanager
def environment(given: dict[bytes, bytes]) -> Iterator[None]:
    """Be as one that was started with this environment."""
    before = dict(os.environb), dict(posix.environ)
    try:
        replace(given, given)
        yield
    finally:
        replace(*before)


def replace(of_libc: dict[bytes, bytes], at_start: dict[bytes, bytes]) -> None:
    """Set the environment of the C library, and what CPython has found there at its start."""
    os.environb.clear()
    os.environb.update(of_libc)
    posix.environ.clear()
    posix.environ.update(at_start)


#: Run in a process of its own, as it closes and limits what a test needs.
FAILS = """
import os, resource, sys
sys.path.insert(0, sys.argv[1])
from sigroute.pid1.exit_codes import CANNOT_RUN
from sigroute.pid1.kernel import spawn, surroundings
from sigroute.pid1.kernel.options import StartOptions
exec(sys.argv[2])
print(error.number, error.what, error)
"""


def failed(code: str) -> str:
    """Return what is said of the ``error`` that this makes."""
    root = str(Path(__file__).parent.parent.parent.parent)
    command = [sys.executable, "-ISB", "-c", FAILS, root, code]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    return done.stdout
