"""``sigroute schema``: the JSON Schema of rule files, for editors and for checks without sigroute."""

from __future__ import annotations

import json

from sigroute.arguments import Parser, answer
from sigroute.language import rule_schema


def main(words: list[str]) -> int:
    """Print the schema; return the exit code."""
    parser().parse_args(words)
    answer(json.dumps(rule_schema(), indent=2) + "\n")
    return 0


def parser() -> Parser:
    """Return the parser of ``sigroute schema``."""
    return Parser(
        "sigroute schema",
        "Print the JSON Schema (draft 7) of rule files, with what each key means: for editors and their linters.",
        epilog="Exit codes: 0 it is printed, 74 the output can't be written, 64 bad usage.",
    )
