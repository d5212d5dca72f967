"""What the commands that draw a timeline share: their options, and where the drawing goes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sigroute.arguments import answer, columns, complain, word
from sigroute.language import parse_duration
from sigroute.pid1.exit_codes import CANNOT_WRITE
from sigroute.pid1.log.printable import printable
from sigroute.timeline.forms import FORMS, Wish, drawn

if TYPE_CHECKING:
    from argparse import Namespace

    from sigroute.arguments import Parser
    from sigroute.timeline import Timeline

#: The endings of the files that have a form.
ENDINGS = ", ".join(ending for ending, _ in FORMS.values())


def add_drawing(parser: Parser) -> None:
    """Add the options that say what is drawn, and where it goes."""
    parser.add_argument(
        "--grace", metavar="TIME", type=word(parse_duration),
        help="how long the platform waits for a stop before it kills, such as 10s",
    )  # fmt: skip
    parser.add_argument("--format", choices=FORMS, help="which form (default: as OUT ends, else text)")
    parser.add_argument("-o", "--output", metavar="OUT", help=f"write to OUT, a file that ends in {ENDINGS}")


def form_of(options: Namespace, parser: Parser) -> str:
    """Return the form that is asked for; end with a message if the file's name tells none."""
    if options.format or not options.output:
        return options.format or "text"
    named = next((name for name, (ending, _) in FORMS.items() if options.output.endswith(ending)), None)
    if named is None:
        parser.error(f"{options.output!r} ends in none of {ENDINGS}: say which form it has, as in --format svg")
    return named


def put(timeline: Timeline, title: str, form: str, options: Namespace) -> int:
    """Print or write a timeline; return the exit code."""
    made = drawn(timeline, form, Wish(printable(title), columns(), options.grace))
    if not options.output:
        answer(made)
        return 0
    try:
        Path(options.output).write_text(made, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        complain(f"sigroute: cannot write {printable(options.output)}: {error.strerror}")
        return CANNOT_WRITE
    return 0
