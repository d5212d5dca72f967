"""``sigroute restart``: a child exits, and is started again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigroute.control import ask

if TYPE_CHECKING:
    from sigroute.arguments import Parser

DESCRIPTION = """Stop a child of a running sigroute, by its stop action, kill what is left of its tree, and start it
again. The command ends when the child is ready. One that is down is started."""

EXAMPLES = """examples:
  docker exec shop sigroute restart web
  docker exec shop sigroute restart --one-by-one @workers     one is always there"""


def main(words: list[str]) -> int:
    """Have it done; return the exit code."""
    options = parser().parse_args(words)
    return ask.ask(options.control, ["restart", *(["--one-by-one"] if options.one_by_one else []), options.name])


def parser() -> Parser:
    """Return the parser of ``sigroute restart``."""
    made = ask.parser("restart", DESCRIPTION, EXAMPLES)
    made.add_argument("--one-by-one", action="store_true", help="each when the one before it is ready again")
    ask.add_name(made)
    return made
