"""``python -m bench`` measures who is there, names who is not, and says what the machine lacks."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from bench.needs import MODULES
from tests.real.require import need

if TYPE_CHECKING:
    from pathlib import Path


def bench(*words: str, path: str | None = None) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PATH": path or os.environ["PATH"]}
    command = [sys.executable, "-m", "bench", *words]
    return subprocess.run(command, check=False, capture_output=True, text=True, env=environment)


def folder_with(folder: Path, *programs: str) -> str:
    """Make a PATH of these programs alone."""
    folder.mkdir()
    for program in programs:
        found = shutil.which(program)
        need(found, program)
        (folder / program).symlink_to(str(found))
    return str(folder)


@pytest.fixture(name="_able", autouse=True)
def _fixture_able() -> None:
    need(os.geteuid() == 0, "root, for PID namespaces")
    need(shutil.which("cc"), "a C compiler")
    if any(importlib.util.find_spec(name) is None for name in MODULES):
        pytest.skip("what pip installs for the extra bench")  # which the tests' own extra has not


def measured(data: dict[str, Any]) -> set[str]:
    return {row["contestant"] for row in data["results"] if row["median"] > 0}


def test_a_quick_run_writes_json_and_pictures(tmp_path: Path) -> None:
    need(shutil.which("tini"), "tini")
    file, plots = tmp_path / "out.json", tmp_path / "plots"
    done = bench("--quick", "--only", "start", "--json", str(file), "--plots", str(plots))
    assert done.returncode == 0, done.stderr
    data = json.loads(file.read_text())
    assert measured(data) >= {"tini", "floor", "sigroute (rules)", "import attrs, tomli"}
    assert data["quick"] is True
    ratio = next(goal for goal in data["reach"] if goal["whose"].startswith("sigroute (rules) / (imports"))
    assert ratio["value"] > 0
    assert ratio["met"] is (ratio["value"] <= ratio["limit"])
    assert "from exec to the child's first instruction (ms, less is better)" in done.stdout
    assert (plots / "start.svg").read_text().startswith("<?xml")


def test_a_peer_that_is_not_there_is_named_and_left_out(tmp_path: Path) -> None:
    file = tmp_path / "out.json"
    path = folder_with(tmp_path / "bin", "cc", "as", "ld", "env", "dumb-init")
    done = bench("--quick", "--only", "start", "--json", str(file), path=path)
    assert done.returncode == 0, done.stderr
    data = json.loads(file.read_text())
    assert data["left_out"]["tini"] == "no tini in PATH"
    assert measured(data) >= {"dumb-init", "floor"}
    assert "tini" not in measured(data)
    assert "left out: tini (no tini in PATH)" in done.stdout


def test_without_a_compiler_it_says_what_to_do(tmp_path: Path) -> None:
    done = bench("--quick", path=folder_with(tmp_path / "bin", "env"))
    assert done.returncode == 1
    assert done.stderr.startswith("bench: no C compiler (cc) in PATH: apt-get install gcc")


def test_what_is_no_measure_is_bad_usage() -> None:
    done = bench("--only", "nonsense")
    assert done.returncode == 64
    assert "nonsense" in done.stderr
