"""A child that is started again has the terminal again, without asking for it by reading."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.real.asked import ask

from .screen import CTRL_C

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Sit


def test_what_is_typed_reaches_the_next_life_too(lead: Sit, tmp_path: Path) -> None:
    path = tmp_path / "socket"
    terminal = lead(["sigroute", "--control", str(path), "--", "sleep", "1000"])
    first = terminal.in_foreground("sleep 1000")
    assert ask(path, "restart", "sleep") == (0, "")
    assert terminal.in_foreground("sleep 1000") != first
    terminal.type(CTRL_C)
    assert terminal.wait() == 130
