"""The static sigroute makes inits of itself."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from sigroute import __version__

SMALLEST_DIFFERENCE = 2 << 20


@pytest.fixture(scope="module", name="init")
def _init(whole: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("made") / "init"
    done = subprocess.run(
        [whole, "compile", "nginx", "-o", path], check=True, capture_output=True, text=True, timeout=60
    )
    assert "rules nginx.toml" in done.stdout
    return path


def test_an_init_runs_by_its_rules(init: Path) -> None:
    nginx = Path(shutil.copy("/bin/sh", init.with_name("nginx")))  # by its name, it is the program of the rules
    done = subprocess.run(
        [init, "--", nginx, "-c", "trap 'exit 5' QUIT; kill -TERM $PPID; while :; do sleep 0.05; done"],
        check=False, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 5
    assert "nginx" in done.stderr


def test_it_says_what_it_is(init: Path) -> None:
    done = subprocess.run([init, "--sigroute-version"], check=True, capture_output=True, text=True, timeout=60)
    assert done.stdout.startswith(f"sigroute {__version__}\nrules nginx.toml (sha256 ")


def test_it_carries_no_command_line(init: Path, whole: Path) -> None:
    assert init.stat().st_size < whole.stat().st_size - SMALLEST_DIFFERENCE
    again = init.with_name("again")
    done = subprocess.run([init, "compile", "nginx", "-o", again], check=False, capture_output=True, timeout=60)
    assert done.returncode == 127  # "compile" is a command like any other
    assert not again.exists()


def test_the_same_rules_give_the_same_bytes(init: Path, whole: Path) -> None:
    again = init.with_name("same")
    subprocess.run([whole, "compile", "nginx", "-o", again], check=True, stdout=subprocess.DEVNULL, timeout=60)
    assert again.read_bytes() == init.read_bytes()


@pytest.mark.parametrize("name", ["tini", "dumb-init", "catatonit"])
def test_a_stand_in(whole: Path, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    subprocess.run([whole, "compile", "--as", name, "-o", path], check=True, stdout=subprocess.DEVNULL, timeout=60)
    assert subprocess.run([path, "--", "sh", "-c", "exit 6"], check=False, timeout=60).returncode == 6


def test_without_proc_it_can_read_no_runtime(whole: Path, tmp_path: Path) -> None:
    command = [
        "unshare",
        "--mount",
        "sh",
        "-c",
        f"mount -t tmpfs none /proc && exec {whole} compile nginx -o {tmp_path}/init",
    ]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 69
    assert "cannot read this program (/proc/self/exe: No such file or directory)" in done.stderr
