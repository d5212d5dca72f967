"""What these tests share: terminals, ``sigroute`` in PATH, and where it runs."""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.real.container import SIGROUTE
from tests.real.require import need

from .screen import Terminal
from .shells import ENVIRONMENT, SHELLS, prompts, shell

if TYPE_CHECKING:
    from pathlib import Path

Sit = Callable[..., Terminal]

#: What is typed in these tests runs the sigroute under test, whose log tells everything.
SCRIPT = """#!/bin/sh
[ "$1" = --as ] || set -- --log-level debug "$@"
exec {command} "$@"
"""


@pytest.fixture
def sit(tmp_path: Path, form: str) -> Iterator[Sit]:  # noqa: ARG001 - it makes SIGROUTE what it is
    """Sit down at a terminal in which a command runs; a word ``sigroute`` there and in what is typed is ours."""
    script = tmp_path / "bin" / "sigroute"
    script.parent.mkdir()
    script.write_text(SCRIPT.format(command=shlex.join(SIGROUTE)))
    script.chmod(0o755)
    environment = {**ENVIRONMENT, "PATH": f"{script.parent}:{os.environ['PATH']}"}
    terminals = []

    def sit_down(command: Sequence[str], *, init: bool = False) -> Terminal:
        terminals.append(Terminal(command, init=init, folder=tmp_path, environment=environment))
        return terminals[-1]

    yield sit_down
    for terminal in terminals:
        terminal.close()


@pytest.fixture(params=[False, True], ids=["session leader", "PID 1"])
def lead(request: pytest.FixtureRequest, sit: Sit) -> Sit:
    """Sit down where no shell is above: once at a terminal emulator, once in a container."""
    if request.param:
        need(os.geteuid() == 0 and shutil.which("unshare"), "root and unshare, for a PID namespace")
    return partial(sit, init=request.param)


@pytest.fixture(params=SHELLS)
def above(request: pytest.FixtureRequest, sit: Sit) -> Terminal:
    """A terminal with a shell that asks for a line."""
    terminal = sit(shell(request.param))
    prompts(terminal)
    return terminal
