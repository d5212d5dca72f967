"""No shell above: nobody else could continue what Ctrl-Z stops, and the terminal may go away."""

from __future__ import annotations

import os
import shutil
import signal
from typing import TYPE_CHECKING

import pytest

from tests.real.programs import is_ready, names, recorder
from tests.real.require import need

from . import processes
from .screen import CTRL_C, CTRL_Z
from .shells import LESS, SHELLS, prompts, shell

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Sit

SED = ["sed", "--unbuffered", "s/ping/pong/"]


def test_ctrl_z_does_not_wedge_a_plain_program(lead: Sit) -> None:
    """Its group has sigroute's, in the same session, above it: so the kernel does stop it (POSIX, orphaned groups)."""
    terminal = lead(["sigroute", "--", *SED])
    child = terminal.in_foreground(" ".join(SED))
    for _ in range(3):
        terminal.type(CTRL_Z)
        terminal.type("ping\n")
        terminal.expect("pong")
        assert terminal.foreground() == child
    terminal.type(CTRL_C)
    assert terminal.wait() == 130
    assert " from tty" not in terminal.shown


def test_nor_one_that_stops_itself_as_full_screen_programs_do(lead: Sit, tmp_path: Path) -> None:
    """less restores the terminal, sends itself TSTP, and draws its screen again when it goes on."""
    need(shutil.which("less"), "less, a program with the whole screen")
    (tmp_path / "text").write_text("first\n" + "line\n" * 500 + "last\n")
    terminal = lead(["sigroute", "--", *LESS, "text"])
    terminal.expect("first")
    terminal.type(CTRL_Z)
    terminal.expect("first")
    terminal.type("G")
    terminal.expect("last")
    terminal.type("q")
    assert terminal.wait() == 0


def test_a_hang_up_is_routed(lead: Sit, tmp_path: Path) -> None:
    got = tmp_path / "got"
    terminal = lead(["sigroute", "--on", "HUP@tty=USR2", "--", *recorder(got, "TERM=5")])
    terminal.until(lambda: is_ready([got]), "the child is ready")
    terminal.hang_up()
    terminal.until(lambda: "USR2" in names(got), "HUP arrives as USR2")
    os.kill(terminal.leader(), signal.SIGTERM)
    assert terminal.wait() == 5
    assert [name for name in names(got) if name != "CONT"] == ["USR2", "TERM"]


@pytest.mark.parametrize("name", SHELLS)
def test_a_hang_up_ends_a_shell(lead: Sit, name: str) -> None:
    """dash has no handler for HUP, and so is not sent it; but it finds nothing more to read."""
    terminal = lead(["sigroute", "--", *shell(name)])
    prompts(terminal)
    terminal.hang_up()
    terminal.wait()


def test_a_hang_up_ends_what_a_shell_runs(lead: Sit) -> None:
    """bash has a handler, and hands HUP on to its jobs."""
    terminal = lead(["sigroute", "--", *shell("bash")])
    prompts(terminal)
    terminal.type("sleep 1234\n")
    job = terminal.in_foreground("sleep 1234")
    terminal.hang_up()
    terminal.wait()
    terminal.until(lambda: processes.state(job) in ("", "Z"), "the job has ended, too")


def test_a_hang_up_does_not_end_who_does_not_read(lead: Sit) -> None:
    """It has no handler for HUP and would die of it: sigroute keeps it from that, as from any such signal."""
    terminal = lead(["sigroute", "--", "sleep", "1234"])
    child = terminal.in_foreground("sleep 1234")
    terminal.hang_up()
    os.kill(terminal.leader(), signal.SIGURG)
    os.kill(terminal.leader(), signal.SIGTERM)
    assert terminal.wait() == 143
    assert processes.state(child) == ""
