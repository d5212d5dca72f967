"""Compiled inits to test: made in a folder, taken apart, spoiled."""

from __future__ import annotations

import _imp
import ast
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sigroute.bundle import BEGIN, HEAD
from sigroute.compile import main

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Where the Python that runs the tests is called python3, by whoever looks for one.
OWN = Path(sys.executable).parent

#: By form of an init: the options of ``sigroute compile`` for it.
FORMS: dict[str, list[str]] = {"script": ["--python"], "static": []}

#: The rules of the init that a test may ask for, and a script that ends as they have it.
RULES = '[on]\nstop = "QUIT"\nUSR1 = "USR2"\n'
QUITS = "trap 'exit 7' QUIT; echo ready; while :; do sleep 0.1; done"


def compiled(folder: Path, rules: str = "", *options: str, name: str = "init", form: str = "script") -> Path:
    """Return an init of these rules. The static form needs the fixture ``runtimes``."""
    file = folder / "rules.toml"
    file.write_text(rules)
    path = folder / name
    assert main([str(file), "-o", str(path), *FORMS[form], *options]) == 0
    return path


def compiled_as(folder: Path, role: str, *options: str, name: str = "init", form: str = "script") -> Path:
    """Return an init that stands in for another."""
    path = folder / name
    assert main(["--as", role, "-o", str(path), *FORMS[form], *options]) == 0
    return path


def is_static(path: Path) -> bool:
    """Tell whether an init is static, and no script."""
    return path.read_bytes().startswith(b"\x7fELF")


def environment(python: Path = OWN, **more: str) -> dict[str, str]:
    """Return an environment with nothing but a PATH, in which this folder's python3 comes first."""
    return {"PATH": f"{python}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", **more}


def run(
    path: Path, *words: str, environ: Mapping[str, str] | None = None, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run an init; return what came of it."""
    return subprocess.run(
        [path, *words], check=False, capture_output=True, text=True, timeout=60, cwd=cwd,
        env=environ or environment(),
    )  # fmt: skip


def parts(data: bytes) -> dict[str, tuple[int, int]]:
    """Return where each part of an init begins and how long it is, as it says itself."""
    (line,) = (line for line in data[HEAD:BEGIN].splitlines() if line.startswith(b"MADE = "))
    made = ast.literal_eval(line.removeprefix(b"MADE = ").decode())
    return {name: (HEAD + begin, size) for name, (begin, size) in made.items()}


def part(path: Path, name: str) -> bytes:
    """Return a part of an init."""
    data = path.read_bytes()
    begin, size = parts(data)[name]
    return data[begin : begin + size]


def foreign(path: Path) -> Path:
    """Make an init be for another Python's bytecode: this one, too, then runs it from source."""
    data = path.read_bytes()
    (line,) = (line for line in data[HEAD:BEGIN].splitlines() if line.startswith(b"MAGIC = "))
    other = b"MAGIC = b'".ljust(len(line) - 1, b"x") + b"'"
    rest = data[HEAD:].replace(line, other, 1)
    (sealed,) = (line for line in data[:HEAD].splitlines() if line.startswith(b"SEAL = "))
    seal = f"SEAL = {_imp.source_hash(len(rest), rest)!r}".encode()
    head = data[:HEAD].rstrip().replace(sealed, seal, 1).ljust(HEAD - 1) + b"\n"
    path.write_bytes(head + rest)
    return path
