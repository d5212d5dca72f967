"""What these commands share: where to ask, and the exit codes of what comes back."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

from sigroute.arguments import Parser
from sigroute.pid1.kernel import asking

if TYPE_CHECKING:
    from collections.abc import Sequence

CODES = """Exit codes: 0 it is done, 1 sigroute refuses it, 64 bad usage, 69 no sigroute answers there, 74 the
answer can't be written, 77 this user may not ask."""


def parser(name: str, description: str, examples: str, codes: str = CODES) -> Parser:
    """Return the parser of a command, with where to ask."""
    made = Parser(f"sigroute {name}", description, epilog=f"{examples}\n\n{codes}")
    path = os.fsdecode(asking.DEFAULT)
    made.add_argument("--control", metavar="PATH", default=path, help=f"the control socket (default: {path})")
    return made


def add_name(made: Parser) -> None:
    """Add whom a command is about."""
    made.add_argument("name", metavar="NAME|@GROUP", help="a child, all instances of one, or a group")


def ask(control: str, words: Sequence[str]) -> int:
    """Ask, and write the answer; return the exit code. Ctrl-C ends it as any program that does not handle it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    return asking.run(f"sigroute {words[0]}", os.fsencode(control), [os.fsencode(each) for each in words])


def answer(control: str, words: Sequence[str]) -> str:
    """Ask; return the whole answer.

    :raises NoAnswerError: there is none, or it is why it is refused.
    """
    code, pieces = asking.answer(os.fsencode(control), [os.fsencode(each) for each in words])
    text = b"".join(pieces).decode("utf-8", "replace")
    if code:
        raise asking.NoAnswerError(text.strip(), code)
    return text
