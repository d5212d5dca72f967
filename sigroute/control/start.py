"""``sigroute start``: a child that is down is started."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigroute.control import ask

if TYPE_CHECKING:
    from sigroute.arguments import Parser

DESCRIPTION = """Start a child of a running sigroute that is down, has exited, or backs off. The command ends when
the child is ready."""

EXAMPLES = """examples:
  docker exec shop sigroute start worker"""


def main(words: list[str]) -> int:
    """Have it done; return the exit code."""
    options = parser().parse_args(words)
    return ask.ask(options.control, ["start", options.name])


def parser() -> Parser:
    """Return the parser of ``sigroute start``."""
    made = ask.parser("start", DESCRIPTION, EXAMPLES)
    ask.add_name(made)
    return made
