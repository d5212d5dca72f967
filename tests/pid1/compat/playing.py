"""Guises played, and asked: what a command line makes as data, and what it says where it ends the process."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from sigroute.stand_in import play
from tests.real.container import SIGROUTE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sigroute.pid1.compat.role import Role


def played(name: str, *words: str, environ: Mapping[str, str] | None = None, blocked: Iterable[int] = ()) -> Role:
    """Return the role that this makes."""
    given = {os.fsencode(key): os.fsencode(value) for key, value in (environ or {}).items()}
    return play(name, words, given, blocked)


def answered(name: str, *words: str, **environ: str) -> tuple[int, str, str]:
    """Return the exit code, and what is written to standard output and standard error."""
    command = [*SIGROUTE, "--as", name, *words]
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, timeout=60, env={**os.environ, **environ}
    )
    return done.returncode, done.stdout, done.stderr
