"""Builds the helpers in C: what stands in the measured path is no Python."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

SOURCES = Path(__file__).parent / "native"
NAMES = ("launch", "child", "sender", "storm", "loop")


def build(folder: Path) -> None:
    """Compile every helper into this folder, static, so that the dynamic linker is not measured.

    :raises subprocess.CalledProcessError: one can't be compiled; the compiler has told why.
    """
    compiler = shutil.which("cc") or "cc"
    for name in NAMES:
        options = ["-O2", "-static", "-Wall", "-Wextra", "-Werror"]
        subprocess.run([compiler, *options, "-o", str(folder / name), str(SOURCES / f"{name}.c")], check=True)
