"""``sigroute send``: a signal for a child of a running sigroute, by the rules or past them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigroute.control import ask

if TYPE_CHECKING:
    from sigroute.arguments import Parser

DESCRIPTION = """Send a signal to a child of a running sigroute, as the rules say: it may be rewritten, held or
dropped. Rules for a certain sender do not apply. The container goes on, unless the child's exit
ends it ([exit] when)."""

EXAMPLES = """examples:
  sigroute send nginx HUP
  sigroute send @workers USR1
  sigroute send --raw nginx KILL"""


def main(words: list[str]) -> int:
    """Send; return the exit code."""
    options = parser().parse_args(words)
    raw = ["--raw"] if options.raw else []
    return ask.ask(options.control, ["send", *raw, options.name, options.signal])


def parser() -> Parser:
    """Return the parser of ``sigroute send``."""
    made = ask.parser("send", DESCRIPTION, EXAMPLES)
    made.add_argument("--raw", action="store_true", help="to the child's process itself, whatever the rules say")
    ask.add_name(made)
    made.add_argument("signal", metavar="SIGNAL", help="as in HUP, SIGHUP, 1 or RTMIN+3")
    return made
