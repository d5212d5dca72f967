"""From the compiler to the resident, where a memfd can't be had, and what is told where nobody can be told."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sigroute import handover
from tests.real.container import SIGROUTE

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parent.parent

#: Bytes: less than any plan has.
TINY = 512

WITHOUT_MEMFD = "import os, sys; del os.memfd_create; from sigroute.start import main; sys.exit(main())"


def read(descriptor: int) -> bytes:
    with os.fdopen(descriptor, "rb") as file:
        return file.read()


@pytest.mark.parametrize("size", [0, 1, 1 << 16, 3 << 20])
def test_a_plan_of_any_size_goes_either_way(size: int) -> None:
    data = b"x" * size
    ways: list[Callable[[bytes], int]] = [handover.in_memory, handover.by_pipe]
    for way in ways:
        descriptor = way(data)
        assert os.get_inheritable(descriptor)
        assert read(descriptor) == data
    os.wait()


def no_large_files() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (TINY, TINY))


def as_it_is() -> None:
    """Leave all limits alone."""


@pytest.mark.parametrize(
    ("command", "before"), [(SIGROUTE, no_large_files), ([sys.executable, "-c", WITHOUT_MEMFD], as_it_is)]
)
def test_it_runs_where_there_can_be_no_memfd(command: list[str], before: Callable[[], None]) -> None:
    """Memory counts as a file for RLIMIT_FSIZE; a Python that was built on an old glibc has no memfd_create."""
    done = subprocess.run(
        [*command, "--", "sh", "-c", "echo it runs; exit 5"], check=False, capture_output=True, text=True, timeout=60,
        preexec_fn=before, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (5, "it runs\n"), done.stderr


def test_pid_1_leaves_no_bytecode_behind(tmp_path: Path) -> None:
    """A copy that nothing was compiled of; a full disk would leave half a module, and no later start would work."""
    for name in ("sigroute", "rules"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run([*SIGROUTE, "--", "true"], check=True, cwd=tmp_path, env=environ, timeout=60, capture_output=True)
    written = {path.name.partition(".")[0] for path in tmp_path.rglob("*.pyc")}
    assert written <= {"__init__", "__main__", "start", "cli"}, "what is loaded before it is known what to run"
    assert not list((tmp_path / "sigroute" / "pid1").rglob("*.pyc"))


@pytest.mark.parametrize("stderr", ["2>&-", "2>/dev/full"])
@pytest.mark.parametrize(
    ("words", "code"),
    [("", 64), ("--no-such-option", 64), ("--rules /no/such -- true", 78), ("check /no/such", 78), ("rules show", 64)],
)
def test_the_exit_code_tells_where_nothing_else_can(words: str, code: int, stderr: str) -> None:
    """Standard error closed, or a full disk."""
    script = f'unset PYTHONUNBUFFERED; "$@" {words} {stderr} >/dev/null'
    assert subprocess.run(["sh", "-c", script, "sh", *SIGROUTE], check=False, timeout=60).returncode == code
