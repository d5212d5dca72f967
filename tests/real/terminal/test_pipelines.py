"""In a pipeline, or a script, sigroute is in a group with others, and the child in one of its own."""

from __future__ import annotations

import os
import shlex
import signal
from typing import TYPE_CHECKING

import pytest

from tests.real.container import title_of
from tests.real.programs import is_ready, names, recorder
from tests.real.test_start_window import keeps_term

from . import processes
from .screen import CTRL_C, CTRL_D, CTRL_Z, quiet
from .shells import prompts

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Sit
    from .screen import Terminal

SED = "sed -u s/ping/pong/"

#: The pipeline, the child in it, and the other: one that ends when the child does, and ones that don't.
PIPELINES = [
    (f"sigroute -- {SED} | cat", SED, "cat"),
    (f"sigroute -- {SED} | sleep 1234", SED, "sleep 1234"),
    ("sleep 1234 | sigroute -- cat", "cat", "sleep 1234"),
]


@pytest.mark.parametrize(("line", "child", "other"), PIPELINES)
def test_ctrl_c_ends_both(above: Terminal, line: str, child: str, other: str) -> None:
    above.type(f"{line}\n")
    pids = [above.process(child), above.process(other)]
    above.type(CTRL_C)
    prompts(above)
    assert [processes.state(pid) for pid in pids] == ["", ""]
    assert above.foreground() == above.leader()
    quiet(above)


@pytest.mark.parametrize(("line", "child", "other"), PIPELINES)
def test_ctrl_z_stops_both(above: Terminal, line: str, child: str, other: str) -> None:
    above.type(f"{line}\n")
    pids = [above.process(child), above.process(other)]
    for _ in range(2):
        above.type(CTRL_Z)
        above.expect("Stopped")
        prompts(above)
        assert [processes.state(pid) for pid in pids] == ["T", "T"]
        assert above.foreground() == above.leader()
        above.type("fg\n")
        above.until(lambda: [processes.state(pid) for pid in pids] == ["S", "S"], "both go on")
    above.type(CTRL_C)
    prompts(above)
    quiet(above)


def test_what_is_typed_goes_through_it(above: Terminal) -> None:
    above.type(f"sigroute -- {SED} | tr o u\n")
    above.process(SED)
    above.type("ping\n")
    above.type(CTRL_D)
    above.expect("pung")
    prompts(above)
    quiet(above)


def test_ctrl_c_ends_the_script_it_is_in(above: Terminal) -> None:
    above.type(f"dash -c 'sigroute -- {SED}; echo after-$((40 + 2))'\n")
    above.process(SED)
    above.type(CTRL_C)
    prompts(above)
    assert "after-42" not in above.shown
    quiet(above)


def begun(terminal: Terminal) -> None:
    """Wait until sigroute is there, come to its first instruction, though not yet its child, most likely.

    A look may come late, when it waits already: so TERM is asked for, which may then be caught, and which Python, other
    than INT, does not catch itself.
    """

    def look() -> bool:
        pids = processes.of_session(terminal.leader())
        return any("sigroute" in title_of(pid) and keeps_term(pid) for pid in pids)

    terminal.until(look, "sigroute has begun")


def test_ctrl_c_before_the_child_is_there_ends_it_too(above: Terminal) -> None:
    above.type(f"sigroute -- {SED} | sh -c 'trap : INT; cat; cat'\n")
    # Without its trap the other one would die, and leave sigroute alone in their process group.
    above.until(lambda: "cat" in [title_of(pid).strip() for pid in processes.of_session(above.leader())], "cat runs")
    begun(above)
    above.type(CTRL_C)
    prompts(above)
    quiet(above)


def test_ctrl_z_before_the_child_is_there_stops_both(above: Terminal) -> None:
    above.type(f"sigroute -- {SED} | tr o u\n")
    begun(above)
    above.type(CTRL_Z)
    above.expect("Stopped")
    prompts(above)
    above.type("fg\nping\n")
    above.expect("pung")  # until the shell has given it the terminal, Ctrl-D is a character like others (termios(3))
    above.type(CTRL_D)
    prompts(above)
    quiet(above)


def test_the_end_of_the_session_arrives_once(sit: Sit, tmp_path: Path) -> None:
    """The kernel sends HUP to the foreground group when the leader ends (tty_ioctl(4), TIOCNOTTY)."""
    got = tmp_path / "got"
    terminal = sit(["sh", "-c", shlex.join(["sigroute", "--", *recorder(got, "TERM=5")]) + "; :"])
    terminal.until(lambda: is_ready([got]), "the child is ready")
    titles = {pid: title_of(pid) for pid in processes.of_session(terminal.leader())}
    (own,) = (pid for pid, title in titles.items() if "pid1" in title or title.startswith("sigroute"))
    terminal.hang_up()
    terminal.until(lambda: {"HUP", "CONT"} <= set(names(got)), "HUP arrives, and the CONT that follows it")
    os.kill(own, signal.SIGTERM)
    terminal.until(lambda: "TERM" in names(got), "TERM arrives")
    assert sorted(names(got)) == ["CONT", "HUP", "TERM"]
