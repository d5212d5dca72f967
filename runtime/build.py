"""Compiles the sources, links them with Python's static library, and adds the bytecode for it."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from runtime.flags import FLAGS, LEFT_OUT
from sigroute.executable import executable
from sigroute.payload import NONE
from sigroute.static.resident import compiled as resident

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runtime.flags import Flags
    from runtime.needs import Tools

SOURCES = Path(__file__).parent / "src"


class BuildError(Exception):
    """A tool has failed; the message is what it wrote."""


def build(tools: Tools, flags: Flags = FLAGS) -> bytes:
    """Return the bytes of a runtime: the same for the same sources, tools and flags.

    :raises BuildError: a tool has failed.
    """
    return executable(link(tools, flags), resident(tools.python), NONE)


def link(tools: Tools, flags: Flags) -> bytes:
    """Return the bytes of a runtime that carries nothing yet.

    :raises BuildError: a tool has failed.
    """
    with tempfile.TemporaryDirectory(prefix="sigroute-runtime-") as name:
        folder = Path(name)
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            sources = sorted([*SOURCES.glob("*.c"), *SOURCES.glob("*.S")])
            objects = list(pool.map(lambda source: compiled(tools, source, folder, flags), sources))
        library = reduced_library(tools, folder)
        target = folder / "runtime"
        run([tools.compiler, *flags.link, f"-B{tools.c_library}", "-o", target, *objects, library, "-lm"])
        return target.read_bytes()


def compiled(tools: Tools, source: Path, folder: Path, flags: Flags) -> Path:
    """Compile one file; return the object file."""
    target = folder / f"{source.name}.o"
    magic = ",".join(f"{byte:#04x}" for byte in tools.magic)
    headers: list[str | Path] = ["-isystem", tools.python_headers, "-idirafter", "/usr/include"]
    run([tools.compiler, *flags.compile, *headers, f"-DPYTHON_MAGIC={magic}", "-c", f"./{source.name}", "-o", target])
    return target


def reduced_library(tools: Tools, folder: Path) -> Path:
    """Return a copy of Python's library without what src/config.c replaces."""
    copy = folder / "libpython.a"
    shutil.copyfile(tools.python_library, copy)
    run([tools.archiver, "d", copy, *LEFT_OUT])
    return copy


def run(command: Sequence[str | Path]) -> None:
    """Run a tool where the sources are.

    :raises BuildError: it has failed.
    """
    done = subprocess.run(command, cwd=SOURCES, check=False, capture_output=True, text=True, errors="replace")
    if done.returncode:
        message = f"{command[0]} has failed:\n{done.stderr or done.stdout}"
        raise BuildError(message.rstrip())
