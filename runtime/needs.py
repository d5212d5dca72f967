"""What a build needs of this machine, and which packages have it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runtime.machines import Machine

#: The Python whose library will do, which Debian 12 has. src/python.c asks for a reduced start by private members of
#: CPython's configuration, which change from version to version: with 3.13 it crashes.
MINOR = 11

ASK_MAGIC = "from importlib.util import MAGIC_NUMBER; print(MAGIC_NUMBER.hex())"


@dataclass(frozen=True)
class Tools:
    """What a build needs."""

    compiler: str
    archiver: str
    python_library: Path
    python_headers: Path
    c_library: Path
    """The folder with libc.a. A cross compiler has one of its own, but this one gets Debian's security updates."""
    python: str
    """A Python with the same bytecode as that of the library: it compiles what the runtime is to run."""
    magic: bytes
    """The magic number of that bytecode (``importlib.util.MAGIC_NUMBER``)."""
    standard_python: str
    """The Python that the library is of: the static sigroute takes modules of its standard library."""


class MissingError(Exception):
    """Something is not here; the message names it, and the packages that have it."""


def find(machine: Machine, *, is_command: bool = False) -> Tools:
    """Return what a build for this machine needs.

    :param is_command: it is that of the static sigroute.
    :raises MissingError: not all of it is here.
    """
    compiler, archiver = machine.tool("gcc"), machine.tool("ar")
    library = Path(f"/usr/lib/python3.{MINOR}/config-3.{MINOR}-{machine.triplet}/libpython3.{MINOR}.a")
    headers = Path(f"/usr/include/python3.{MINOR}")
    config = Path(f"/usr/include/{machine.triplet}/python3.{MINOR}/pyconfig.h")
    folder = Path("/usr/lib", machine.triplet)
    python = python_of(MINOR)
    standard = f"/usr/bin/python3.{MINOR}"
    magic = magic_of(python)
    development = machine.package(f"libpython3.{MINOR}-dev")
    wanted = (
        (shutil.which(compiler), compiler, machine.tools_package("gcc")),
        (shutil.which(archiver), archiver, machine.tools_package("binutils")),
        (library.exists(), f"a static libpython3.{MINOR}.a for {machine.name}", development),
        ((headers / "Python.h").exists(), f"{headers}/Python.h", development),
        (config.exists(), str(config), development),
        ((folder / "libc.a").exists(), f"{folder}/libc.a", machine.package("libc6-dev")),
        (not is_command or Path(standard).exists(), standard, f"python3.{MINOR}-minimal"),
        (magic, f"python3.{MINOR}, to compile what it runs", f"python3.{MINOR}-minimal"),
    )
    lacking = [(what, package) for found, what, package in wanted if not found]
    if lacking:
        raise MissingError(explain(machine, lacking))
    return Tools(compiler, archiver, library, headers, folder, python, magic, standard)


def explain(machine: Machine, lacking: list[tuple[str, str]]) -> str:
    """Return the message for what is lacking, each with its package."""
    packages = dict.fromkeys(package for _, package in lacking)
    lines = [f"cannot build for {machine.name}: some of what it needs is missing"]
    lines += [f"  {what} (Debian: {package})" for what, package in lacking]
    foreign = f"dpkg --add-architecture {machine.debian} && apt-get update && "
    add = foreign if any(":" in package for package in packages) else ""
    return "\n".join([*lines, f"  as root: {add}apt-get install {' '.join(packages)}"])


def python_of(minor: int) -> str:
    """Return a Python of this version; nothing where there is none."""
    if sys.version_info[:2] == (3, minor) and sys.implementation.name == "cpython":
        return sys.executable
    return shutil.which(f"python3.{minor}") or ""


def magic_of(python: str) -> bytes:
    """Return the magic number of a Python's bytecode; nothing where it can't be asked."""
    if not python:
        return b""
    asked = subprocess.run([python, "-ISc", ASK_MAGIC], check=False, capture_output=True, text=True)
    return bytes.fromhex(asked.stdout)
