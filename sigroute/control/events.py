"""``sigroute events``: what happens in a running sigroute, as it happens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigroute.control import ask

if TYPE_CHECKING:
    from sigroute.arguments import Parser

DESCRIPTION = """Tell what happens in a running sigroute as it happens: the lines of its log in JSON, whatever the
format and level of the log itself. It ends when sigroute does, or you end it. Events are not kept:
[journal] in the rules keeps them."""

EXAMPLES = """examples:
  docker exec shop sigroute events --follow
  docker exec shop sigroute events --follow | jq 'select(.child == "web")'"""


def main(words: list[str]) -> int:
    """Tell; return the exit code."""
    options = parser().parse_args(words)
    return ask.ask(options.control, ["events", *(["--follow"] if options.follow else [])])


def parser() -> Parser:
    """Return the parser of ``sigroute events``."""
    made = ask.parser("events", DESCRIPTION, EXAMPLES)
    made.add_argument("--follow", action="store_true", help="tell those to come")
    return made
