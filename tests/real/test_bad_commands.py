"""Commands that can't be run: each with its exit code and its message, and nothing is started."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.real.conftest import FORMS
from tests.real.container import SIGROUTE
from tests.real.require import need

pytestmark = [pytest.mark.usefixtures("form"), pytest.mark.forms(*FORMS)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make one of each kind."""
    files = {
        "plain": ("echo plain\n", 0o644),
        "script": ("echo by sh: $1\n", 0o755),
        "lost": ("#!/no/such/interpreter\n", 0o755),
        "garbage": ("\x7fELF\x00\x01\x02 garbage", 0o755),
        "closed": ("#!/bin/sh\necho closed\n", 0o311),
        "empty": ("", 0o755),
    }
    for name, (text, mode) in files.items():
        path = tmp_path / name
        path.write_text(text)
        path.chmod(mode)
    (tmp_path / "folder").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("command", "code", "said"),
    [
        ("no-such-program", 127, "cannot start no-such-program: 'no-such-program' was not found in PATH"),
        ("./no-such-file", 127, "cannot start no-such-file: './no-such-file': No such file or directory"),
        ("./plain/more", 126, "cannot start more: './plain/more': Not a directory"),
        ("./folder", 126, "cannot start folder: './folder' is a directory"),
        ("./plain", 126, "cannot start plain: './plain' is not executable (chmod +x?)"),
        ("plain", 126, "cannot start plain: 'plain' is in PATH, but: Permission denied"),
        ("./lost", 127, "cannot start lost: './lost' is there, but the interpreter it names is not"),
        ("", 127, "cannot start command: the command is an empty word"),
    ],
)
def test_what_can_not_be_run(folder: Path, command: str, code: int, said: str) -> None:
    environ = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}
    done = subprocess.run(
        [*SIGROUTE, "--log-level", "error", "--", command], cwd=folder, env=pythonpath(environ), check=False,
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == code
    assert done.stderr.partition(" sigroute: error: ")[2] == f"{said}\n", done.stderr


def pythonpath(environ: dict[str, str]) -> dict[str, str]:
    """Let this sigroute be found from another folder."""
    return {**environ, "PYTHONPATH": str(Path.cwd())}


def test_a_script_without_an_interpreter_line_is_run_by_sh(folder: Path) -> None:
    done = subprocess.run(
        [*SIGROUTE, "--quiet", "--", "./script", "it"], cwd=folder, env=pythonpath({**os.environ}), check=False,
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "by sh: it\n")


def test_an_empty_script_does_nothing_well(folder: Path) -> None:
    command = [*SIGROUTE, "--quiet", "--", "./empty"]
    assert subprocess.run(command, cwd=folder, env=pythonpath({**os.environ}), check=False, timeout=60).returncode == 0


@pytest.mark.parametrize("name", ["garbage", "closed"])
def test_what_the_interpreter_refuses_is_its_own_failure(folder: Path, name: str) -> None:
    """As with execvp(3): /bin/sh is asked to read it, and says what it thinks."""
    command = [*SIGROUTE, "--quiet", "--", f"{folder}/{name}"]
    if os.geteuid() == 0:  # who may read everything, but for this capability
        need(shutil.which("setpriv"), "setpriv, to give up capabilities")
        command = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", *command]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode in (2, 126, 127)
    assert name in done.stderr
