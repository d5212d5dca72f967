"""At a terminal in the place of another init: as that does it, but a job can be stopped, and nothing comes twice."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.real.container import title_of
from tests.real.programs import is_ready, names, recorder

from . import processes
from .screen import CTRL_C, CTRL_Z
from .shells import prompts, shell, status

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Sit
    from .screen import Terminal

#: In its answer pong begins a line; the shell shows the command, too, as it was typed and at "fg".
SED = "sed -u s/ping/pong/"


@pytest.mark.parametrize("name", ["bash", "dash"])
def test_a_shell_in_a_session_of_its_own_has_job_control(lead: Sit, name: str) -> None:
    """dumb-init gives its terminal to the child's session: HUP and CONT that come of that are nobody's."""
    terminal = lead(["sigroute", "--as", "dumb-init", *shell(name)])
    prompts(terminal)
    terminal.type("sleep 1234\n")
    terminal.until(lambda: in_foreground(terminal, "sleep 1234"), "the job has the terminal")
    terminal.type(CTRL_Z)
    terminal.expect("Stopped")
    prompts(terminal)
    terminal.type("fg\n")
    terminal.until(lambda: in_foreground(terminal, "sleep 1234"), "it has it again")
    terminal.type(CTRL_C)
    prompts(terminal)
    assert status(terminal) == 130
    terminal.type("exit 6\n")
    assert terminal.wait() == 6
    assert "job control" not in terminal.shown


@pytest.mark.parametrize("options", [["tini", "--"], ["dumb-init", "-c"], ["catatonit", "--"]], ids=" ".join)
def test_under_a_shell_it_stops_and_goes_on(above: Terminal, options: list[str]) -> None:
    """tini would not stop with its child, and the shell would wait for both for ever; catatonit's child can't be."""
    above.type(f"sigroute --as {' '.join(options)} {SED}\n")
    child = above.in_foreground(SED)
    above.type(CTRL_Z)
    if options[0] == "catatonit":
        above.type("ping\n")
        above.expect(r"\npong")
    else:
        above.expect("Stopped")
        prompts(above)
        above.until(lambda: processes.state(child) == "T", "the child has stopped")
        above.type("fg\n")
        above.in_foreground(SED)
        above.type("ping\n")
        above.expect(r"\npong")
    above.type(CTRL_C)
    prompts(above)
    assert above.foreground() == above.leader()


@pytest.mark.parametrize(
    ("options", "expected"),
    [((), ["INT"]), (("-r", "2:10"), ["INT", "USR1"]), (("-r", "2:0"), ["INT"])],
    ids=["forwarded", "rewritten", "dropped"],
)
def test_what_the_terminal_has_sent_is_not_sent_again(
    lead: Sit, tmp_path: Path, options: tuple[str, ...], expected: list[str]
) -> None:
    """``dumb-init -c`` leaves the child in its own process group; what it makes of a key is another signal."""
    got = tmp_path / "got"
    terminal = lead(["sigroute", "--as", "dumb-init", "-c", *options, *recorder(got, "TERM=5")])
    terminal.until(lambda: is_ready([got]), "the child is ready")
    for number in range(1, 4):
        terminal.type(CTRL_C)
        terminal.until(partial(has_got, got, expected * number), "it has arrived, and nothing else")


def has_got(path: Path, wanted: list[str]) -> bool:
    """Tell whether a recorder has got these signals, and no other."""
    return names(path) == wanted


def in_foreground(terminal: Terminal, title: str) -> bool:
    """Tell whether this program leads the foreground process group, of whichever session."""
    return title_of(terminal.foreground()).rstrip() == title
