"""The child has the terminal from its first instruction, and whoever had it before has it again afterwards."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.real.require import need

from .screen import CTRL_BACKSLASH, CTRL_C, CTRL_D

if TYPE_CHECKING:
    from .conftest import Sit

#: Tells its pid, its process group and the terminal's (proc_pid_stat(5)) with nothing but what a small shell has built
#: in, so within a millisecond of its start.
TELL = 'read pid _ _ _ group _ _ foreground _ </proc/$$/stat; echo "i am $pid $group $foreground."'

#: Reads a line. In a background group it would get TTIN; there is nobody to continue it.
READ = "read line && echo got-$line"

TIMES = 10


def test_it_is_in_the_foreground_before_it_does_anything(lead: Sit) -> None:
    need(shutil.which("dash"), "dash, a small shell")
    for _ in range(TIMES):
        terminal = lead(["sigroute", "--", "dash", "-c", TELL])
        pid, group, foreground = terminal.expect(r"i am (\d+) (\d+) (\d+)\.").groups()
        assert pid == group == foreground
        assert terminal.wait() == 0


def test_in_a_script_all_of_the_job_has_it(lead: Sit) -> None:
    need(shutil.which("dash"), "dash, a small shell")
    script = f"for each in {'x ' * TIMES}; do sigroute -- dash -c '{TELL}'; done"
    terminal = lead(["sh", "-c", script])
    for _ in range(TIMES):
        pid, group, foreground = terminal.expect(r"i am (\d+) (\d+) (\d+)\.").groups()
        assert pid != group == foreground
    assert terminal.wait() == 0


@pytest.mark.parametrize(
    ("program", "status"),
    [("true", 0), ("sh -c 'exit 3'", 3), ("sh -c 'kill -9 $$'", 137), ("no-such-program", 127)],
)
def test_a_script_has_it_again(lead: Sit, program: str, status: int) -> None:
    """A script's shell has no job control: it does not take the terminal back itself."""
    terminal = lead(["sh", "-c", f'sigroute -- {program}; echo "status $?."; {READ}'])
    terminal.expect(rf"status {status}\.")
    terminal.type("this\n")
    terminal.expect("got-this")
    assert terminal.wait() == 0


@pytest.mark.parametrize(("key", "code"), [(CTRL_C, 130), (CTRL_D, 0), (CTRL_BACKSLASH, 131)])
def test_what_is_typed_reaches_the_child(lead: Sit, key: str, code: int) -> None:
    terminal = lead(["sigroute", "--", "sed", "--unbuffered", "s/ping/pong/"])
    terminal.in_foreground("sed --unbuffered s/ping/pong/")
    terminal.type("ping\n")
    terminal.expect("pong")
    terminal.type(key)
    assert terminal.wait() == code
    assert " from tty" not in terminal.shown


def test_it_reads_the_terminal_while_standard_input_is_a_pipe(lead: Sit) -> None:
    """As a pager does: ``cat FILE | less``."""
    script = "read -r piped; read -r typed </dev/tty; echo $piped-$typed"
    terminal = lead(["sh", "-c", f"echo piped | sigroute -- sh -c '{script}'; {READ}"])
    terminal.process(f"sh -c {script}")
    terminal.type("typed\n")
    terminal.expect("piped-typed")
    terminal.type("this\n")
    terminal.expect("got-this")


@pytest.mark.parametrize("how", ["</dev/null", "</dev/null >file 2>&1", "<&-"])
def test_standard_input_is_not_the_terminal(lead: Sit, how: str) -> None:
    """It is the controlling one nevertheless: Ctrl-C ends the child."""
    terminal = lead(["sh", "-c", f"exec sigroute -- sleep 1234 {how}"])
    terminal.in_foreground("sleep 1234")
    terminal.type(CTRL_C)
    assert terminal.wait() == 130


def test_without_a_terminal_nothing_is_missed(sit: Sit) -> None:
    """``setsid`` has a session of its own, which has no terminal: neither is there anything to give, nor to return."""
    terminal = sit(["setsid", "--fork", "--wait", "sigroute", "--", "sh", "-c", "echo in-$((40 + 2)); exit 4"])
    terminal.expect("in-42")
    assert terminal.wait() == 4
    assert "annot" not in terminal.shown


def test_settings_stay_as_they_are(lead: Sit) -> None:
    """sigroute changes none, and takes none back that the child has changed."""
    script = 'stty quit ^P; stty -g; sigroute -- true; stty -g; sigroute -- stty quit ^Q; stty -g; echo "end."'
    terminal = lead(["sh", "-c", script])
    terminal.expect(r"end\.")
    before, after, changed = (line for line in terminal.shown.splitlines() if line.count(":") > 20)
    assert before == after
    assert changed != before
    assert changed == before.replace(":10:", ":11:", 1)
