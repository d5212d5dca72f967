"""Four kinds of root that an image may have, each with two servers and an init."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

from tests.real.require import need

HERE = Path(__file__).parent

#: By kind: the compiler of the servers, whether it is static, and the shell.
KINDS = {
    "Debian": ("cc", False, "dash"),
    "Alpine": ("musl-gcc", False, "busybox"),
    "distroless": ("cc", False, ""),
    "scratch": ("cc", True, ""),
}


def folder(kind: str, path: Path, init: Path) -> Path:
    """Make a root of this kind."""
    compiler, static, shell = KINDS[kind]
    need(shutil.which(compiler), compiler)
    path.mkdir()
    for name in ("proc", "bin", "tmp"):
        (path / name).mkdir()
    options = ["-O2", "-Wall", "-Wextra", "-Werror", *(["-static"] if static else [])]
    for name in ("server", "web"):
        subprocess.run([compiler, *options, "-o", path / name, HERE / f"{name}.c"], check=True)
    shutil.copy(init, path / "init")
    libraries(path / "server", path)
    if shell:
        program = shutil.which(shell)
        need(program, shell)
        shutil.copy(str(program), path / "bin" / shell)
        (path / "bin" / "sh").symlink_to(shell)
        libraries(path / "bin" / shell, path)
    return path


def add(program: str, path: Path) -> None:
    """Put a program of this machine into a root, with what it is linked with, whatever else the root has."""
    found = shutil.which(program)
    need(found, program)
    shutil.copy(str(found), path / program)
    libraries(path / program, path)


def libraries(program: Path, root: Path) -> None:
    """Put what a program is linked with into a root: ldd(1) names the libraries, the ELF header the linker."""
    told = subprocess.run(["ldd", program], check=False, capture_output=True, text=True).stdout
    interpreter = re.search(rb"/lib\S*/ld-[\w.-]+", program.read_bytes())
    named = re.findall(r"(/\S+) \(0x", told) + ([interpreter[0].decode()] if interpreter else [])
    for name in named:
        (root / name[1:]).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(name, root / name[1:])
