"""A program that is used for hours: Python's own prompt, with readline."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import pytest

from . import processes
from .screen import CTRL_BACKSLASH, CTRL_C, CTRL_D, CTRL_Z, Terminal, quiet
from .shells import prompts, status

if TYPE_CHECKING:
    from .conftest import Sit

REPL = f"{sys.executable} -q"


def sleeps(repl: Terminal) -> None:
    """Have it do something that takes long.

    Its prompt is not waited for: readline writes that by the letter, and lines of the log may come between; so those
    of the start are waited for, as they are told after it, and no later prompt is to be torn by them.
    """
    repl.type("import time; print(f'go{chr(105)}ng'); time.sleep(1234)\n")
    repl.expect("going")
    repl.until(lambda: re.search(r"\(pid \d+\) started", repl.shown), "the log tells of the start")


def goes_on(repl: Terminal) -> None:
    """Wait for the last line of the log on a stop: told after the child goes on, it could tear a prompt of that."""
    repl.expect(r"\(pid \d+\) goes on")


def interrupt(repl: Terminal) -> None:
    """Type Ctrl-C while it does something; that ends."""
    repl.type(CTRL_C)
    repl.expect("KeyboardInterrupt")
    repl.type("print(6 * 7)\n")
    repl.expect(r"\n42")


@pytest.mark.parametrize(("key", "code"), [(CTRL_D, 0), (CTRL_BACKSLASH, 131)])
@pytest.mark.parametrize("options", [[], ["--rules", "nginx"]], ids=["no rules", "rules for nginx"])
def test_keys_mean_to_it_what_they_always_do(lead: Sit, options: list[str], key: str, code: int) -> None:
    repl = lead(["sigroute", *options, "--", *REPL.split()])
    sleeps(repl)
    interrupt(repl)
    repl.expect(">>> ")
    repl.type(key)
    assert repl.wait() == code
    quiet(repl)


def test_ctrl_z_without_a_shell_leaves_it_usable(lead: Sit) -> None:
    repl = lead(["sigroute", "--", *REPL.split()])
    sleeps(repl)
    repl.type(CTRL_Z)
    goes_on(repl)
    interrupt(repl)
    repl.expect(">>> ")
    repl.type(CTRL_D)
    assert repl.wait() == 0
    quiet(repl)


def test_ctrl_z_under_a_shell_stops_it(above: Terminal) -> None:
    above.type(f"sigroute -- {REPL}\n")
    sleeps(above)
    above.type(CTRL_Z)
    above.expect("Stopped")
    prompts(above)
    repl = above.process(REPL)
    assert processes.state(repl) == "T"
    above.type("fg\n")
    above.in_foreground(REPL)
    goes_on(above)
    above.until(lambda: processes.state(repl) == "S", "it sleeps again")
    interrupt(above)
    above.expect(">>> ")
    above.type(CTRL_D)
    prompts(above)
    assert status(above) == 0
    quiet(above)
