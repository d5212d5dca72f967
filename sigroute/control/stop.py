"""``sigroute stop``: a child exits, and stays down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigroute.control import ask

if TYPE_CHECKING:
    from sigroute.arguments import Parser

DESCRIPTION = """Stop a child of a running sigroute, by its stop action, and keep it down: it is not started
again until somebody asks for that (sigroute start), and its exit does not end the container.
The command ends when the child has exited, however long that takes."""

EXAMPLES = """examples:
  docker exec shop sigroute stop worker
  docker exec shop sigroute stop @workers"""


def main(words: list[str]) -> int:
    """Have it done; return the exit code."""
    options = parser().parse_args(words)
    return ask.ask(options.control, ["stop", options.name])


def parser() -> Parser:
    """Return the parser of ``sigroute stop``."""
    made = ask.parser("stop", DESCRIPTION, EXAMPLES)
    ask.add_name(made)
    return made
