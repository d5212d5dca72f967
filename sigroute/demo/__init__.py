"""``sigroute demo``: two stops, each seen twice, on a machine with nothing installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sigroute.arguments import Parser

DESCRIPTION = """Stop two small servers with requests in flight, each under a plain forwarder and under sigroute, and
show both as a timeline. Nothing is installed, written or left behind."""


def main(words: list[str]) -> int:
    """Show the demo; return the exit code."""
    from sigroute.demo import waiting  # noqa: PLC0415 - block signals first: one during an import shows a traceback

    waiting.hold()
    from sigroute.arguments import complain  # noqa: PLC0415 - as above
    from sigroute.demo.presentation import show  # noqa: PLC0415 - as above
    from sigroute.demo.trouble import Trouble  # noqa: PLC0415 - as above
    from sigroute.demo.way import find_way  # noqa: PLC0415 - as above

    parser().parse_args(words)
    try:
        show(find_way())
    except Trouble as trouble:
        complain(f"sigroute demo: {trouble}")
        return 1
    except waiting.Interrupted as interrupted:
        return 128 + interrupted.number
    return 0


def parser() -> Parser:
    """Return the parser of ``sigroute demo``."""
    from sigroute.arguments import Parser  # noqa: PLC0415 - as above

    return Parser("sigroute demo", DESCRIPTION, usage="sigroute demo")
