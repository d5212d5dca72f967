"""``sigroute rules``: list the bundled rule files, or print one."""

from __future__ import annotations

from sigroute.arguments import Parser, answer
from sigroute.language import bundled


def main(words: list[str]) -> int:
    """List the bundled rules, or print one file of them; return the exit code."""
    options = parser().parse_args(words)
    if options.what is None:
        answer("".join(f"{name:10} {bundled.describe(name)}\n" for name in bundled.names()))
        return 0
    if options.what != "show":
        parser().error(f"unknown word {options.what!r}: sigroute rules show NAME prints one file")
    if bundled.find(options.name or "") is None:
        trouble = f"no bundled rules {options.name!r}: there are" if options.name else "show which?"
        parser().error(f"{trouble} {', '.join(bundled.names())}")
    answer(bundled.show(options.name))
    return 0


def parser() -> Parser:
    """Return the parser of ``sigroute rules``."""
    made = Parser(
        "sigroute rules",
        "List the bundled rule files, or print one: a start for your own.",
        usage="sigroute rules [show NAME]",
    )
    made.add_argument("what", nargs="?", metavar="show", help="print one file")
    made.add_argument("name", nargs="?", metavar="NAME", help="which one")
    return made
