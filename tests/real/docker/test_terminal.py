"""The images at a person's terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .database import TRUST
from .terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def sit() -> Iterator[Callable[..., Terminal]]:
    terminals = []

    def sit_down(image: str, *words: str) -> Terminal:
        terminals.append(Terminal(image, *words))
        return terminals[-1]

    yield sit_down
    for terminal in terminals:
        terminal.close()


def test_ctrl_c_ends_nginx(nginx: str, sit: Callable[..., Terminal]) -> None:
    terminal = sit(nginx)
    terminal.expect("start worker processes")
    terminal.type("\x03")
    terminal.expect("signal 15 (SIGTERM) received from 1")
    assert terminal.wait() == 0


def test_ctrl_c_stops_postgres(postgres: str, sit: Callable[..., Terminal]) -> None:
    terminal = sit(TRUST, postgres)
    terminal.expect("the database is made")
    terminal.expect("ready to accept connections")
    terminal.type("\x03")
    terminal.expect("database system is shut down")
    assert terminal.wait() == 0


@pytest.mark.parametrize("image", ["nginx", "postgres"])
def test_a_shell_has_job_control(request: pytest.FixtureRequest, image: str, sit: Callable[..., Terminal]) -> None:
    terminal = sit(request.getfixturevalue(image), "bash", "--norc", "-i")
    terminal.expect("# ")
    terminal.type("PS1=ready'> '; set +H\n")
    terminal.expect("ready> ")
    terminal.type("sleep 1000\n")
    terminal.foreground("sleep 1000")
    terminal.type("\x1a")
    terminal.expect("Stopped")
    terminal.expect("ready> ")
    terminal.type("fg\n")
    terminal.foreground("sleep 1000")
    terminal.type("\x03")
    terminal.expect("ready> ")
    terminal.type("echo status $?; echo sum $((40 + 2))\n")
    terminal.expect("status 130")
    terminal.expect("sum 42")
    terminal.type("exit 5\n")
    assert terminal.wait() == 5
    assert "job control" not in terminal.everything
