"""``python -m runtime build``: what it writes, and what it says where it cannot."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from runtime.command import main
from runtime.machines import MACHINES
from runtime.needs import explain
from tests.real.require import need

ROOT = Path(__file__).parent.parent.parent

ASK = "import sys; from runtime.command import main; sys.exit(main(sys.argv[1:]))"


def test_it_writes_an_executable_file(runtime: Path, tmp_path: Path) -> None:
    path = tmp_path / "new" / "file"
    assert main(["build", "-o", str(path)]) == 0
    assert path.read_bytes() == runtime.read_bytes()
    assert os.access(path, os.X_OK)


@pytest.mark.usefixtures("runtime")
def test_a_file_that_cannot_be_written_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["build", "-o", str(tmp_path)]) == 74
    assert capsys.readouterr().err == f"python -m runtime: cannot write {tmp_path}: Is a directory\n"


@pytest.mark.parametrize("words", [[], ["biuld"], ["build", "--arch", "vax"], ["build", "more"]])
def test_wrong_usage_has_its_exit_code(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(words)
    assert end.value.code == 64
    assert "usage: python -m runtime" in capsys.readouterr().err


def test_all_that_is_missing_is_named_with_its_package() -> None:
    """Without a PATH there are no tools, and in empty folders no libraries."""
    need(os.geteuid() == 0, "root, to hide folders")
    machine = MACHINES[platform.machine()]
    folders = f"/usr/lib/python3.*/config-3.*-{machine.triplet}"
    script = f'for each in {folders}; do mount -t tmpfs none "$each"; done; PATH=/nowhere exec "$0" "$@"'
    command = ["unshare", "-m", "sh", "-c", script, sys.executable, "-c", ASK, "build"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert done.returncode == 1
    assert done.stderr.startswith(
        f"python -m runtime: cannot build for {machine.name}: some of what it needs is missing\n"
        f"  {machine.triplet}-gcc (Debian: gcc)\n"
        f"  {machine.triplet}-ar (Debian: binutils)\n"
        f"  a static libpython3.11.a for {machine.name} (Debian: libpython3.11-dev)\n"
    ), done.stderr
    assert done.stderr.splitlines()[-1].startswith("  as root: apt-get install gcc binutils libpython3.11-dev")


def test_packages_of_another_machine_need_its_lists() -> None:
    (other,) = (each for each in MACHINES.values() if not each.native)
    package = other.package("libc6-dev")
    assert explain(other, [("libc.a", package)]) == (
        f"cannot build for {other.name}: some of what it needs is missing\n"
        f"  libc.a (Debian: {package})\n"
        f"  as root: dpkg --add-architecture {other.debian} && apt-get update && apt-get install {package}"
    )
