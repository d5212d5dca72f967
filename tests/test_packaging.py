"""What a release is made of: the wheel, with runtimes and without, under another Python than the runtime's own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest

from runtime.command import write
from runtime.machines import MACHINES
from sigroute.static.runtimes import this_machine
from tests.real.require import need
from tests.real.test_other_pythons import pythons
from tests.runtime.built import built

ROOT = Path(__file__).parent.parent

#: What git does not have, but a checkout may.
IGNORED = (".git", ".venv", ".*_cache", ".hypothesis", "__pycache__", "dist", "build", "runtimes", "wheels")


def run(*command: str | Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run a command that may fail."""
    own = {**os.environ, **environ}
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=300, env=own)


def packed(sources: Path, target: Path) -> tuple[Path, Path]:
    """Return the sdist and the wheel that are built of these sources."""
    done = run(sys.executable, "-m", "build", "--no-isolation", "--outdir", target, sources)
    assert done.returncode == 0, done.stdout + done.stderr
    (sdist,), (wheel,) = target.glob("*.tar.gz"), target.glob("*.whl")
    return sdist, wheel


def installed(wheel: Path, folder: Path) -> Path:
    """Return the Python of a new environment that has this wheel; its own bytecode is not that of the runtimes."""
    others = {number: path for number, path in pythons().items() if number > (3, 11)}
    need(others, "a Python newer than 3.11")
    assert run(others[max(others)], "-m", "venv", folder).returncode == 0
    python = folder / "bin" / "python"
    done = run(python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", wheel)
    assert done.returncode == 0, done.stderr
    return python


def compile_with(python: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
    """Run ``sigroute compile``; what it imports beside sigroute is what these tests import."""
    return run(python.with_name("sigroute"), "compile", *words, PYTHONPATH=sysconfig.get_path("purelib"))


@pytest.fixture(scope="module", name="sources")
def _sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    for name in ("build", "hatchling"):
        need(find_spec(name), name)
    folder = tmp_path_factory.mktemp("packaging") / "sources"
    return Path(shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(*IGNORED)))


def test_a_wheel_with_both_runtimes_compiles_under_another_python(
    sources: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = sources / "sigroute" / "runtimes"
    for machine in MACHINES:
        write(folder / machine, built(tmp_path_factory, machine).read_bytes(), "what is linked in\n")
    try:
        sdist, wheel = packed(sources, tmp_path / "dist")
    finally:
        shutil.rmtree(folder)
    with tarfile.open(sdist) as file:
        names = {name.partition("/")[2] for name in file.getnames()}
    assert {"runtime/src/main.c", "pyproject.toml", "LICENSES/glibc.txt", "tests/test_packaging.py"} <= names
    assert wheel.name.endswith("-py3-none-any.whl")
    assert wheel.stat().st_size < 6_000_000
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    beside = ["SHA256SUMS", *(f"{machine}.txt" for machine in MACHINES)]
    assert {f"sigroute/runtimes/{name}" for name in (*MACHINES, *beside)} <= names
    assert any(name.endswith("/licenses/LICENSES/LGPL-2.1.txt") for name in names)

    python = installed(wheel, tmp_path / "venv")
    init = tmp_path / "init"
    for machine in MACHINES:
        done = compile_with(python, "nginx", "--arch", machine, "-o", init)
        assert done.returncode == 0, done.stderr
        emulator = [] if machine == this_machine() else [f"qemu-{machine}-static"]
        need(all(map(shutil.which, emulator)), f"qemu-{machine}-static (Debian: qemu-user-static)")
        done = run(*emulator, init, "sh", "-c", "kill -USR1 $$; exit 7")
        assert done.returncode == 128 + 10, done.stderr
    done = compile_with(python, "--as", "tini", "-o", init)
    assert done.returncode == 0, done.stderr
    assert run(init, "-s", "--", "sh", "-c", "exit 7").returncode == 7

    (start,) = (tmp_path / "venv").rglob("sigroute/pid1/watch/start.py")
    start.write_text(start.read_text() + "\n")
    done = compile_with(python, "nginx", "-o", init)
    assert done.returncode == 69
    assert "the runtime was built from other sources of sigroute than are here" in done.stderr


def test_a_wheel_without_runtimes_says_how_to_get_one(sources: Path, tmp_path: Path) -> None:
    python = installed(packed(sources, tmp_path / "dist")[1], tmp_path / "venv")
    init = tmp_path / "init"
    done = compile_with(python, "nginx", "-o", init)
    assert (done.returncode, done.stdout, init.exists()) == (69, "", False)
    assert f"there is no runtime for {this_machine()}" in done.stderr
    assert "(in a checkout of sigroute: python -m runtime build, then pip install . again)" in done.stderr


def test_man_finds_the_pages_where_the_wheel_is_installed(sources: Path, tmp_path: Path) -> None:
    need(shutil.which("man"), "man (Debian: man-db)")
    wheel = packed(sources, tmp_path / "dist")[1]
    with zipfile.ZipFile(wheel) as archive:
        names = {name.partition(".data/data/share/man/")[2] for name in archive.namelist()} - {""}
    assert names == {str(page.relative_to(ROOT / "docs" / "man")) for page in (ROOT / "docs" / "man").rglob("*.[15]")}
    found = installed(wheel, tmp_path / "venv").parents[1] / "share" / "man"
    pages = {"sigroute": "man1/sigroute.1", "sigroute check": "man1/sigroute-check.1", "5 sigroute": "man5/sigroute.5"}
    for words, page in pages.items():
        path = f"{tmp_path / 'venv' / 'bin'}:/usr/bin:/bin"
        assert run("man", "-w", *words.split(), PATH=path, MANPATH="").stdout == f"{found / page}\n"
