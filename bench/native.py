"""Builds the helpers in C, so that no Python is in the measured path."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

SOURCES = Path(__file__).parent / "native"
NAMES = ("launch", "child", "sender", "storm", "loop")


def build(folder: Path) -> None:
    """Compile every helper into this folder; they are static, as the dynamic linker must not be measured.

    :raises subprocess.CalledProcessError: one can't be compiled; the compiler has printed why.
    """
    compiler = shutil.which("cc") or "cc"
    for name in NAMES:
        options = ["-O2", "-static", "-Wall", "-Wextra", "-Werror"]
        subprocess.run([compiler, *options, "-o", str(folder / name), str(SOURCES / f"{name}.c")], check=True)
