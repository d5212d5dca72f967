"""What the terminal sends arrives once, whoever gets it from the terminal: the child, or sigroute and its rules."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

from tests.real.container import SIGROUTE, Container
from tests.real.programs import is_ready, names, recorder
from tests.real.traffic import until

from .screen import CTRL_BACKSLASH, CTRL_C, CTRL_Z, Terminal

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Sit

KEYS = {"INT": CTRL_C, "QUIT": CTRL_BACKSLASH, "TSTP": CTRL_Z}

#: With no stop but TERM, each INT and QUIT is only routed.
RULES = '[signals]\nstop = ["TERM"]\n[child.one]\nterminal = "{}"\n'

TIMES = 3


def cause(terminal: Terminal, name: str, row: int) -> None:
    """Have the terminal send this signal."""
    if name == "WINCH":
        terminal.resize(50 + row)
    else:
        terminal.type(KEYS[name])


@pytest.mark.parametrize("whose", ["child", "sigroute"])
@pytest.mark.parametrize("name", ["INT", "QUIT", "TSTP", "WINCH"])
def test_each_arrives_once(lead: Sit, tmp_path: Path, whose: str, name: str) -> None:
    rules, got = tmp_path / "rules.toml", tmp_path / "got"
    rules.write_text(RULES.format(whose))
    terminal = lead(["sigroute", "--rules", str(rules), "--", *recorder(got, "TERM=5")])
    line = f"{name} from tty"
    terminal.until(lambda: is_ready([got]), "the child is ready")
    for count in range(1, TIMES + 1):
        cause(terminal, name, count)
        terminal.until(lambda: len(names(got)) >= count, f"{name} arrives")  # noqa: B023 - called before the next
        if whose == "sigroute":  # the next key would flush a line that nobody has read yet (NOFLSH, termios(3))
            terminal.until(lambda: terminal.shown.count(line) >= count, f"{line!r} is shown")  # noqa: B023 - as above
    os.kill(terminal.leader(), signal.SIGTERM)
    assert terminal.wait() == 5
    assert names(got) == [name] * TIMES + ["TERM"]
    assert terminal.shown.count(line) == (TIMES if whose == "sigroute" else 0)


def test_without_rules_the_terminal_is_the_childs(lead: Sit, tmp_path: Path) -> None:
    got = tmp_path / "got"
    terminal = lead(["sigroute", "--", *recorder(got, "TERM=5")])
    terminal.until(lambda: is_ready([got]), "the child is ready")
    for count, name in enumerate(["INT", "WINCH", "QUIT", "INT"], 1):
        cause(terminal, name, count)
        terminal.until(lambda: len(names(got)) >= count, f"{name} arrives")  # noqa: B023 - called before the next
    os.kill(terminal.leader(), signal.SIGTERM)
    assert terminal.wait() == 5
    assert names(got) == ["INT", "WINCH", "QUIT", "INT", "TERM"]
    assert " from tty" not in terminal.shown


@pytest.mark.parametrize("whose", ["child", "sigroute"])
def test_in_a_namespace_typed_at_a_shell(tmp_path: Path, whose: str) -> None:
    """``unshare`` leads the session, and its group had the terminal: PID 1 knows neither by number (they are 0)."""
    rules, got = tmp_path / "rules.toml", tmp_path / "got"
    rules.write_text(RULES.format(whose))
    command = [*SIGROUTE, "--rules", str(rules), "--", *recorder(got, "TERM=5")]
    with Container(tmp_path, command, terminal=True) as container:
        until(lambda: is_ready([got]), "the child is ready")
        os.write(container.terminal, CTRL_C.encode())  # unshare ignores INT while it waits
        until(lambda: names(got) == ["INT"], "INT arrives")
        container.resize(50)
        until(lambda: names(got) == ["INT", "WINCH"], "WINCH arrives")
        container.send(signal.SIGTERM)
        assert container.wait() == 5
    assert names(got) == ["INT", "WINCH", "TERM"]
    assert (" from tty" in container.log()) == (whose == "sigroute")
