"""A terminal: what is typed there reaches a child once, whether it has the terminal or not."""

from __future__ import annotations

import os
import shutil
import signal
from typing import TYPE_CHECKING

import pytest

from tests.real.container import SIGROUTE, Container
from tests.real.programs import is_ready, names, recorder
from tests.real.require import need
from tests.real.test_zombies import state
from tests.real.traffic import until

if TYPE_CHECKING:
    from pathlib import Path

CTRL_C, CTRL_D, CTRL_Z, CTRL_BACKSLASH = b"\x03", b"\x04", b"\x1a", b"\x1c"

#: QUIT would end unshare, which is in the foreground, too, and ignores INT only.
KEYS = {"INT": CTRL_C, "TSTP": CTRL_Z}


@pytest.mark.parametrize("name", ["INT", "TSTP", "WINCH"])
def test_what_the_terminal_sends_arrives_once(tmp_path: Path, name: str) -> None:
    """The terminal signals its foreground group (tty_ioctl(4)): that is sigroute, and not the child as well."""
    path = tmp_path / "child.got"
    with Container(tmp_path, [*SIGROUTE, "--", *recorder(path, "USR1=5")], terminal=True) as container:
        until(lambda: is_ready([path]), "the child is ready")
        if name == "WINCH":
            container.resize(50)
        else:
            os.write(container.terminal, KEYS[name])
        container.said(f"{name} from tty")
        until(lambda: names(path), "the child has it")
        container.send(signal.SIGUSR1)
        assert container.wait() == 5
        assert names(path) == [name, "USR1"]


@pytest.mark.parametrize(("key", "code"), [(CTRL_C, 130), (CTRL_D, 0), (CTRL_BACKSLASH, 131)])
def test_one_that_reads_is_lent_the_terminal(tmp_path: Path, key: bytes, code: int) -> None:
    """It asks with TTIN, and gets from the terminal itself what is typed then."""
    with Container(tmp_path, [*SIGROUTE, "--log-level", "debug", "--", "cat"], terminal=True) as container:
        os.write(container.terminal, b"typed\n")
        container.said("asks for the terminal")
        container.said("\ntyped")
        os.write(container.terminal, key)
        assert container.wait() == code
        assert " from tty" not in container.log()


def test_a_shell_has_job_control(tmp_path: Path) -> None:
    need(shutil.which("bash"), "bash, a shell with job control")
    with Container(tmp_path, [*SIGROUTE, "--", "bash", "--norc", "-i"], terminal=True) as container:
        os.write(container.terminal, b"sleep 60\n")
        until(lambda: container.processes("sleep 60"), "the program runs")
        os.write(container.terminal, CTRL_Z)
        container.said("Stopped")
        os.write(container.terminal, b"fg\n")
        (program,) = container.processes("sleep 60")
        until(lambda: state(program) == "S", "it goes on")
        os.write(container.terminal, CTRL_C)
        until(lambda: not container.processes("sleep 60"), "it has got INT")
        os.write(container.terminal, b"exit 6\n")
        assert container.wait() == 6
        said = container.log()
        assert "cannot set terminal process group" not in said
        assert "no job control" not in said
        assert " from tty" not in said
