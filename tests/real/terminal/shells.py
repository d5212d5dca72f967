"""Shells with job control, as a person uses them."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from tests.real.require import need

if TYPE_CHECKING:
    from .screen import Terminal

PROMPT = "ready> "

SHELLS = {"bash": ["bash", "--norc", "--noprofile", "-i"], "dash": ["dash", "-i"]}

#: A program with the whole screen, which stays where it is: it moves the cursor, and clears nothing at its end.
LESS = ["env", "TERM=vt100", "less", "--no-init"]

#: No colours, no keys of one's own, nothing from the environment of whoever runs the tests.
ENVIRONMENT = {
    "PS1": PROMPT, "TERM": "dumb", "INPUTRC": "/dev/null", "ENV": "", "HISTFILE": "", "MAILCHECK": "0", "LC_ALL": "C",
    "PYTHONSTARTUP": "", "PYTHON_BASIC_REPL": "1", "PYTHON_HISTORY": "/dev/null", "LESS": "", "LESSHISTFILE": "-",
}  # fmt: skip


def shell(name: str) -> list[str]:
    """Return the command of an interactive shell."""
    need(shutil.which(name), f"{name}, a shell with job control")
    return SHELLS[name]


def prompts(terminal: Terminal) -> None:
    """Wait until a shell asks for the next line."""
    terminal.expect(PROMPT)


def status(terminal: Terminal) -> int:
    """Ask a shell for the status of what ended last."""
    terminal.type('echo "status $?"\n')
    found = terminal.expect(r"status (\d+)")
    prompts(terminal)
    return int(found[1])
