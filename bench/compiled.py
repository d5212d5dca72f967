"""Executables made by ``sigroute compile``, each once in a run: an image has one, too."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.pid1 import NotMeasuredError

ROOT = Path(__file__).parent.parent

SIGROUTE = str(Path(sys.executable).with_name("sigroute"))


@functools.cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="sigroute-bench-compiled-")


@functools.cache
def from_text(rules: str) -> Path:
    """Return the executable for the text of a rule file."""
    file = Path(_folder().name) / f"{from_text.cache_info().misses}.toml"
    file.write_text(rules)
    return from_name(str(file))


def from_name(name: str) -> Path:
    """Return the executable for a rule file, or for bundled rules.

    :raises NotMeasuredError: it can't be compiled.
    """
    return _made(f"{Path(name).stem}.init", "--quiet", name)


def from_role(name: str) -> Path:
    """Return the executable that stands in for another init.

    :raises NotMeasuredError: it can't be compiled.
    """
    return _made(name, "--as", name)


@functools.cache
def whole() -> Path:
    """Return the static sigroute.

    :raises NotMeasuredError: it can't be built.
    """
    made = Path(_folder().name) / "sigroute"
    return _written(made, [sys.executable, "-m", "runtime", "sigroute", "-o", str(made)])


@functools.cache
def _made(name: str, *words: str) -> Path:
    made = Path(_folder().name) / name
    return _written(made, [SIGROUTE, "compile", *words, "-o", str(made)])


def _written(made: Path, command: list[str]) -> Path:
    """Run the command that makes a file; if that fails, the error's message is the last line of its output."""
    done = subprocess.run(command, check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL, cwd=ROOT)
    if done.returncode or not made.exists():
        said = done.stderr.strip().splitlines()[-1:] or [f"it ended with {done.returncode}"]
        raise NotMeasuredError(said[0])
    with made.open("rb") as file:
        os.fsync(file.fileno())  # until then its pages count as dirty memory of whoever has mapped it
    return made


def why_not_whole() -> str:
    """Return why there is no static sigroute; empty: there is one."""
    try:
        whole()
    except NotMeasuredError as error:
        return f"python -m runtime sigroute: {error}"
    return ""


def why_not() -> str:
    """Return why nothing can be compiled; empty: executables can be compiled."""
    try:
        from_name("nginx")
    except NotMeasuredError as error:
        return f"sigroute compile: {error}"
    return ""
