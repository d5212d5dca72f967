"""``sigroute status``: what a running sigroute does, child by child."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigroute.control import ask

if TYPE_CHECKING:
    from sigroute.arguments import Parser

DESCRIPTION = """Tell what a running sigroute does: each child with its phase, since when, and what it waits
for; processes that leave zombies behind. It needs [control] path in the rules, or --control."""

EXAMPLES = """examples:
  docker exec web sigroute status
  docker exec web /nginx-init --sigroute status     in an image without this command"""


def main(words: list[str]) -> int:
    """Tell; return the exit code."""
    options = parser().parse_args(words)
    if options.watch:
        from sigroute.control.live import watch  # noqa: PLC0415 - where it is asked for

        return watch(options.control)
    return ask.ask(options.control, ["status", *(["--json"] if options.json else [])])


def parser() -> Parser:
    """Return the parser of ``sigroute status``."""
    made = ask.parser("status", DESCRIPTION, EXAMPLES)
    how = made.add_mutually_exclusive_group()
    how.add_argument("--json", action="store_true", help="tell it as JSON")
    how.add_argument("--watch", action="store_true", help="tell it again every second, in one place of the terminal")
    return made
