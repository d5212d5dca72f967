"""Where the control socket can't be: the container runs all the same, and the engine is told why."""

from __future__ import annotations

import ast
import contextlib
import errno
import os
import shutil
import socket
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.real.require import need
from tests.runtime.control.inits import CHILD, connect, left_over, rules, running

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from tests.runtime.control.inits import Make, Speaking


def a_file(place: Path) -> None:
    place.write_text("kept")


def a_link(place: Path) -> None:
    left_over(place.with_name("target"))
    place.symlink_to(place.with_name("target"))


def a_listener(place: Path) -> socket.socket:
    made = socket.socket(socket.AF_UNIX)
    made.bind(str(place))
    made.listen()
    return made


def no_folder(place: Path) -> None:
    place.parent.rmdir()


def a_folder_to_read(place: Path) -> None:
    place.parent.chmod(0o555)


#: What is in the way, and the error of that.
OBSTACLES: dict[str, tuple[Callable[[Path], socket.socket | None], int]] = {
    "a file": (a_file, errno.EADDRINUSE),
    "a link": (a_link, errno.EADDRINUSE),
    "a live listener": (a_listener, errno.EADDRINUSE),
    "no folder": (no_folder, errno.ENOENT),
    "a folder to read": (a_folder_to_read, errno.EACCES),
}


@pytest.fixture(name="place_in_folder")
def _place_in_folder(tmp_path: Path) -> Path:
    (tmp_path / "folder").mkdir()
    return tmp_path / "folder" / "socket"


@pytest.fixture(name="before")
def _before() -> tuple[str, ...]:
    """Have root obey the modes of folders, too (capabilities(7), CAP_DAC_OVERRIDE)."""
    need(shutil.which("setpriv"), "setpriv")
    return ("setpriv", "--bounding-set=-dac_override") if os.geteuid() == 0 else ()


def state_of(place: Path) -> tuple[int, bytes] | None:
    """Return what must not change."""
    try:
        status = place.lstat()
    except OSError:
        return None
    return status.st_ino, place.read_bytes() if place.is_file() else b""


@pytest.mark.parametrize("obstacle", OBSTACLES)
def test_where_it_cannot_be_the_container_runs_and_nothing_is_overwritten(
    make: Make, place_in_folder: Path, before: Sequence[str], obstacle: str
) -> None:
    init = make(rules(place_in_folder))
    with OBSTACLES[obstacle][0](place_in_folder) or contextlib.nullcontext() as other:
        kept = state_of(place_in_folder)
        with running(*before, init, "--", *CHILD):
            pass
        assert state_of(place_in_folder) == kept
        done = subprocess.run([*before, init, "--", "sh", "-c", "exit 7"], check=False, timeout=60)
        assert done.returncode == 7
        if other is not None:
            connect(place_in_folder).close()


@pytest.mark.parametrize("obstacle", OBSTACLES)
def test_the_engine_is_told_why_and_starts_the_child(
    speaking: Speaking,
    place_in_folder: Path,
    before: Sequence[str],
    obstacle: str,
) -> None:
    init = speaking(place_in_folder)
    with OBSTACLES[obstacle][0](place_in_folder) or contextlib.nullcontext():
        done = subprocess.run([*before, init, "--", *CHILD], check=False, timeout=60, capture_output=True, text=True)
    assert ast.literal_eval(done.stderr) == (-1, -1, -1, OBSTACLES[obstacle][1], 0)
