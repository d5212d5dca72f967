"""Builds the two helpers in C: what makes a situation, and the child that tells what it finds."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

from tests.real.drop_in.files import write

SOURCES = Path(__file__).parent / "native"


class Helpers(NamedTuple):
    """Where they are, and the files of files.py."""

    folder: Path
    situate: Path
    witness: Path


def build(folder: Path) -> Helpers:
    """Compile them into this folder, static, so that a run costs little."""
    for name in ("situate", "witness"):
        options = ["-O2", "-static", "-Wall", "-Wextra", "-Werror"]
        source, program = SOURCES / f"{name}.c", folder / name
        subprocess.run([shutil.which("cc") or "cc", *options, "-o", str(program), str(source)], check=True)
    write(folder)
    return Helpers(folder, folder / "situate", folder / "witness")
