"""Under a shell with job control sigroute is a job like any program: it stops, goes on, and asks for the terminal."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
from typing import TYPE_CHECKING

import pytest

from tests.real.require import need

from . import processes
from .screen import CTRL_C, CTRL_D, CTRL_Z, quiet
from .shells import LESS, prompts, status

if TYPE_CHECKING:
    from pathlib import Path

    from .screen import Terminal

#: In its answer pong begins a line; the shell shows the command, too, as it was typed and at "fg".
SED = "sed -u s/ping/pong/"


def job(terminal: Terminal) -> set[str]:
    """Return the states of all processes there but the shell's."""
    states = {processes.state(pid) for pid in processes.of_session(terminal.leader()) if pid != terminal.leader()}
    return states - {""}


def stop(terminal: Terminal) -> None:
    """Type Ctrl-Z; wait until the shell shows a stopped job, and asks."""
    terminal.type(CTRL_Z)
    terminal.expect("Stopped")
    prompts(terminal)
    # The shell waits for those that it has started, and prompts when these have stopped: the rest is about to.
    terminal.until(lambda: job(terminal) == {"T"}, "all of it has stopped")
    assert terminal.foreground() == terminal.leader()


def fetch(terminal: Terminal) -> None:
    """Have the shell bring a job to the foreground that runs.

    It gives the terminal to the group it knows, sigroute's, and bash leaves it at that: it sends no CONT to what is
    not stopped, and the kernel tells nobody whose the terminal is now (TIOCSPGRP, tty_ioctl(4)). So sigroute may have
    the terminal until it is sent something from there, or the child reads.
    """
    terminal.type("fg\n")
    terminal.until(lambda: terminal.foreground() != terminal.leader(), "the job has the terminal")


def test_it_stops_and_goes_on(above: Terminal) -> None:
    above.type(f"sigroute -- {SED}\n")
    above.in_foreground(SED)
    for _ in range(3):
        stop(above)
        above.type("fg\n")
        above.in_foreground(SED)
        above.type("ping\n")
        above.expect(r"\npong")
    above.type(CTRL_C)
    prompts(above)
    assert status(above) == 130
    assert above.foreground() == above.leader()
    quiet(above)


def test_it_goes_on_in_the_background(above: Terminal) -> None:
    above.type("sigroute -- sleep 1234\n")
    above.in_foreground("sleep 1234")
    stop(above)
    above.type("bg\n")
    prompts(above)
    above.until(lambda: job(above) == {"S"}, "it goes on")
    assert above.foreground() == above.leader()
    fetch(above)
    stop(above)
    above.type("bg\n")
    prompts(above)
    above.type("kill %1; wait %1\n")  # TERM
    prompts(above)
    assert status(above) == 143


def test_one_that_reads_in_the_background_is_stopped(above: Terminal) -> None:
    above.type(f"sigroute -- {SED} &\n")
    prompts(above)
    above.until(lambda: job(above) == {"T"}, "it is stopped")
    above.type("jobs\n")
    above.expect("Stopped")
    prompts(above)
    above.type("fg\n")
    above.in_foreground(SED)
    above.type("ping\n")
    above.expect(r"\npong")
    above.type(CTRL_D)
    prompts(above)
    assert status(above) == 0
    quiet(above)


def test_one_that_is_stopped_can_be_ended(above: Terminal) -> None:
    """As the shell does it: with TERM, then CONT. By then the child reads again, and is stopped again."""
    for _ in range(5):
        above.type(f"sigroute -- {SED} &\n")
        prompts(above)
        above.until(lambda: job(above) == {"T"}, "it is stopped")
        above.type("kill %%; kill -CONT %% 2>/dev/null\n")
        prompts(above)
        above.until(lambda: job(above) <= {"Z"}, "it has ended")
        above.type("wait\n")
        prompts(above)


def test_one_that_does_not_read_runs_in_the_background(above: Terminal) -> None:
    above.type("sigroute -- sleep 1234 &\n")
    prompts(above)
    above.process("sleep 1234")
    assert above.foreground() == above.leader()
    fetch(above)
    stop(above)
    above.type("fg\n")
    above.in_foreground("sleep 1234")
    above.type(CTRL_C)
    prompts(above)
    assert status(above) == 130


def test_fetched_from_the_background_it_has_the_keys(above: Terminal) -> None:
    above.type("sigroute -- sleep 1234 &\n")
    prompts(above)
    above.process("sleep 1234")
    fetch(above)
    above.type(CTRL_C)
    prompts(above)
    assert status(above) == 130


def test_fetched_from_the_background_it_can_read(above: Terminal, tmp_path: Path) -> None:
    """It runs until then, and asks when it has the terminal."""
    script = f"while [ ! -e go ]; do sleep 0.05; done; exec {SED}"
    above.type(f"sigroute -- sh -c '{script}' &\n")
    prompts(above)
    above.process(f"sh -c {script}")
    fetch(above)
    above.type("ping\n")
    (tmp_path / "go").touch()
    above.expect(r"\npong")
    above.in_foreground(SED)
    above.type(CTRL_D)
    prompts(above)
    assert status(above) == 0


def test_output_in_the_background_can_be_made_to_wait(above: Terminal) -> None:
    """``stty tostop``: who writes there is stopped with TTOU (termios(3))."""
    script = "echo written-$((40 + 2))"
    above.type("stty tostop\n")
    prompts(above)
    above.type(f"sigroute -- sh -c '{script}' &\n")
    prompts(above)
    above.until(lambda: job(above) == {"T"}, "it is stopped")
    assert "written-42" not in above.shown
    above.type("fg\n")
    above.expect("written-42")
    prompts(above)
    assert status(above) == 0
    quiet(above)


@pytest.mark.parametrize(
    ("program", "code"),
    [("true", 0), ("sh -c 'exit 3'", 3), ("sh -c 'kill -9 $$'", 137), ("no-such-program", 127)],
)
def test_afterwards_the_shell_has_the_terminal(above: Terminal, program: str, code: int) -> None:
    above.type(f"sigroute -- {program}\n")
    prompts(above)
    assert above.foreground() == above.leader()
    assert status(above) == code


def test_a_program_with_the_whole_screen(above: Terminal, tmp_path: Path) -> None:
    """It has the keys from the terminal and the text from a pipe, and stops itself."""
    need(shutil.which("less"), "less, a program with the whole screen")
    (tmp_path / "text").write_text("first\n" + "line\n" * 500 + "last\n")
    above.type(f"cat text | sigroute -- {shlex.join(LESS)}\n")
    above.expect("first")
    above.in_foreground("less --no-init")
    stop(above)
    above.type("fg\n")
    above.expect("first")
    above.type("G")
    above.expect("last")
    above.type("q")
    prompts(above)
    assert status(above) == 0


@pytest.mark.parametrize("background", ["", " &"])
def test_what_another_stops_and_continues_is_not_followed(above: Terminal, background: str) -> None:
    """As cpulimit(1) does, ten times a second: it knows the program, and would never send CONT to sigroute."""
    above.type(f"sigroute -- sleep 1234{background}\n")
    child = above.process("sleep 1234")
    above.expect("started")
    for _ in range(5):
        os.kill(child, signal.SIGSTOP)
        above.expect("was suspended by STOP")
        os.kill(child, signal.SIGCONT)
        above.expect("goes on")
    assert processes.state(processes.parent(child)) in ("S", "R")  # and not stopped: it may just have said so
    os.kill(processes.parent(child), signal.SIGTERM)
    above.expect("ends with 143")


def test_one_that_stops_itself_gives_the_terminal_back(above: Terminal) -> None:
    """With its whole process group, as nano does, and with STOP, which bash's suspend sends as well."""
    above.type("sigroute -- sh -c 'kill -STOP 0; echo on-$((40 + 2))'\n")
    above.expect("Stopped")
    prompts(above)
    assert job(above) == {"T"}
    above.type("fg\n")
    above.expect("on-42")
    prompts(above)
    assert status(above) == 0


def test_it_stops_with_the_script_it_is_in(above: Terminal, tmp_path: Path) -> None:
    """The shell knows the script's process group only: that is what has to stop, and what it continues."""
    (tmp_path / "script").write_text(f"sigroute -- {SED}\necho after-$((40 + 2))\n")
    above.type("sh script\n")
    above.process(SED)
    stop(above)
    above.type("fg\n")
    above.type("ping\n")
    above.expect(r"\npong")
    above.type(CTRL_D)
    above.expect("after-42")
    prompts(above)
    quiet(above)
