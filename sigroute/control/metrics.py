"""``sigroute metrics``: what a running sigroute has counted, as OpenMetrics text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigroute.control import ask

if TYPE_CHECKING:
    from sigroute.arguments import Parser

DESCRIPTION = """Print what a running sigroute has counted, and how its children are, as OpenMetrics text:
signals, stops and how long they took, starts, processes reaped. It needs [control] path in the
rules, or --control. sigroute exporter serves the same over HTTP."""

EXAMPLES = """examples:
  docker exec web sigroute metrics
  docker exec web /nginx-init --sigroute metrics     in an image without this command"""


def main(words: list[str]) -> int:
    """Print them; return the exit code."""
    return ask.ask(parser().parse_args(words).control, ["metrics"])


def parser() -> Parser:
    """Return the parser of ``sigroute metrics``."""
    return ask.parser("metrics", DESCRIPTION, EXAMPLES)
