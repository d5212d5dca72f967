"""What it weighs to have sigroute as PID 1: memory of its own, against a bare Python that does nothing but wait.

What a static init weighs is measured by bench/measures/, beside tini.
"""

from __future__ import annotations

import compileall
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.compiled import compiled, environment
from tests.real.container import SIGROUTE, Container
from tests.real.traffic import until

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).parent.parent.parent

#: The least that a PID 1 in Python could be: it starts the child, and waits.
BARE = """
import _signal, posix
_signal.pthread_sigmask(_signal.SIG_BLOCK, _signal.valid_signals())
posix.posix_spawn("/bin/sh", ["sh", "-c", "echo ready; exec sleep 60"], posix.environ)
_signal.sigwaitinfo(_signal.valid_signals())
"""

CHILD = ["sh", "-c", "echo ready; exec sleep 60"]

#: Of a bare Python's memory; measured: 1.43 for a compiled init, 1.5 as it is installed (an import of enum adds 0.3).
MOST, MOST_INSTALLED = 1.5, 1.6

#: Of a compiled init with a control socket; measured: 1.57.
MOST_CONTROL = 1.6


def dirty(folder: Path, command: Sequence[str]) -> int:
    """Return the kB that are a PID 1's alone, once it waits (proc_pid_smaps_rollup(5))."""
    with Container(folder, command, environment=environment()) as container:
        container.said("ready")
        until(lambda: waits(container.pid), "it waits")
        lines = Path(f"/proc/{container.pid}/smaps_rollup").read_text().splitlines()
    (line,) = (line for line in lines if line.startswith("Private_Dirty:"))
    return int(line.split()[1])


def waits(pid: int) -> bool:
    """Tell whether a process is in sigtimedwait(2): what it waits for is then not blocked (proc_pid_status(5))."""
    (line,) = (line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("SigBlk:"))
    return int(line.split()[1], 16) == 0


@pytest.fixture(scope="module", name="bare")
def _bare(tmp_path_factory: pytest.TempPathFactory) -> int:
    return dirty(tmp_path_factory.mktemp("bare"), [sys.executable, "-ISBc", BARE])


def test_the_memory_of_a_compiled_init(tmp_path: Path, bare: int) -> None:
    ours = dirty(tmp_path, [str(compiled(tmp_path)), "--", *CHILD])
    assert 0 < ours / bare < MOST, f"{ours} kB, and {bare} kB bare"


def test_the_memory_of_sigroute_as_it_is_installed(tmp_path: Path, bare: int) -> None:
    """With bytecode, which pip makes: to compile at every start leaves more behind."""
    for name in ("sigroute", "rules"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    assert compileall.compile_dir(tmp_path / "sigroute", quiet=1)
    ours = dirty(tmp_path, ["env", f"--chdir={tmp_path}", f"PYTHONPATH={tmp_path}", *SIGROUTE, "--", *CHILD])
    assert 0 < ours / bare < MOST_INSTALLED, f"{ours} kB, and {bare} kB bare"


def with_control(folder: Path) -> Path:
    """Return rules with a control socket."""
    path = folder / "control.toml"
    path.write_text(f'[control]\npath = "{folder}/socket"\n')
    return path


def test_the_memory_with_a_control_socket(tmp_path: Path, bare: int) -> None:
    text = with_control(tmp_path).read_text()
    ours = dirty(tmp_path, [str(compiled(tmp_path, text)), "--", *CHILD])
    assert 0 < ours / bare < MOST_CONTROL, f"{ours} kB, and {bare} kB bare"


def test_the_memory_as_it_is_installed_with_a_control_socket(tmp_path: Path, bare: int) -> None:
    for name in ("sigroute", "rules"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    assert compileall.compile_dir(tmp_path / "sigroute", quiet=1)
    options = ["--rules", str(with_control(tmp_path)), "--", *CHILD]
    ours = dirty(tmp_path, ["env", f"--chdir={tmp_path}", f"PYTHONPATH={tmp_path}", *SIGROUTE, *options])
    assert 0 < ours / bare < MOST_INSTALLED, f"{ours} kB, and {bare} kB bare"
