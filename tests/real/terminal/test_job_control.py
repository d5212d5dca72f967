"""A shell inside has job control, whether the terminal is its own or lent by rules that wait for another program."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from . import processes
from .screen import CTRL_BACKSLASH, CTRL_C, CTRL_Z, Terminal, quiet
from .shells import SHELLS, prompts, shell, status

if TYPE_CHECKING:
    from .conftest import Sit

RULES = {
    "no rules": [],
    "rules for nginx": ["--rules", "nginx"],
    "as tini": ["--as", "tini"],  # not as catatonit, in whose child TSTP, TTIN and TTOU are blocked
}


@pytest.fixture(params=RULES)
def options(request: pytest.FixtureRequest) -> list[str]:
    return RULES[request.param]


@pytest.fixture(params=SHELLS)
def inside(request: pytest.FixtureRequest, lead: Sit, options: list[str]) -> Terminal:
    """A terminal with a shell under sigroute, which asks for a line."""
    terminal = lead(["sigroute", *options, "--", *shell(request.param)])
    prompts(terminal)
    return terminal


def test_a_job_stops_and_goes_on(inside: Terminal) -> None:
    owner = inside.foreground()
    inside.type("sleep 1234\n")
    job = inside.in_foreground("sleep 1234")
    inside.type(CTRL_Z)
    inside.expect("Stopped")
    prompts(inside)
    assert inside.foreground() == owner
    inside.type("fg\n")
    inside.in_foreground("sleep 1234")
    inside.until(lambda: processes.state(job) == "S", "it goes on")
    inside.type(CTRL_Z)
    inside.expect("Stopped")
    prompts(inside)
    inside.type("bg\n")
    prompts(inside)
    inside.until(lambda: processes.state(job) == "S", "it goes on, in the background")
    assert inside.foreground() == owner
    inside.type("fg\n")
    inside.in_foreground("sleep 1234")
    inside.type(CTRL_C)
    prompts(inside)
    assert status(inside) == 130
    inside.type("exit 6\n")
    assert inside.wait() == 6
    quiet(inside)


def test_each_key_ends_a_job_and_not_the_shell(inside: Terminal) -> None:
    for key, code in ((CTRL_C, 130), (CTRL_BACKSLASH, 131), (CTRL_C, 130)):
        inside.type("sleep 1234\n")
        inside.in_foreground("sleep 1234")
        inside.type(key)
        prompts(inside)
        assert status(inside) == code
    inside.type("exit 6\n")
    assert inside.wait() == 6
    quiet(inside)


def test_keys_at_the_prompt_do_not_end_it(inside: Terminal) -> None:
    for key in (CTRL_C, CTRL_BACKSLASH, CTRL_Z):
        inside.type(key)
    inside.type("\necho still-$((40 + 2))\n")
    inside.expect("still-42")
    prompts(inside)
    inside.type("exit 6\n")
    assert inside.wait() == 6
    quiet(inside)


def test_a_job_in_the_background_has_to_ask(inside: Terminal) -> None:
    """It reads and is stopped, until it is fetched."""
    inside.type("sed -u s/ping/pong/ &\n")
    prompts(inside)
    job = inside.process("sed -u s/ping/pong/")
    inside.until(lambda: processes.state(job) == "T", "it is stopped")
    inside.type("fg\n")
    inside.in_foreground("sed -u s/ping/pong/")
    inside.type("ping\n")
    inside.expect(r"\npong")  # and not "s/ping/pong/", which the shell shows at "fg"
    inside.type(CTRL_C)
    prompts(inside)
    inside.type("exit 6\n")
    assert inside.wait() == 6
    quiet(inside)
