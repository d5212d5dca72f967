"""``sigroute convert``: a supervisord.conf or a Procfile as a rule file, to start from."""

from __future__ import annotations

from pathlib import Path

from sigroute.arguments import Parser, answer, complain
from sigroute.formats import procfile, supervisord
from sigroute.formats.draft import FormatError, written
from sigroute.language import RuleError, read_source
from sigroute.pid1.exit_codes import BAD_RULES


def main(words: list[str]) -> int:
    """Print the rules that the file is converted to; return the exit code."""
    path = Path(parser().parse_args(words).file)
    try:
        text = read_source(str(path), str(path), obeyed=False).text
    except RuleError as error:
        complain(str(error).partition("\n")[0])  # the way out is for rule files
        return BAD_RULES
    module = procfile if path.name.startswith("Procfile") else supervisord
    try:
        tables = module.tables_of(text, str(path))
    except FormatError as error:
        complain(str(error))
        return BAD_RULES
    answer(
        "\n".join(
            written(tables, f"made from {path.name} by sigroute convert: read it, then let sigroute check read it")
        )
        + "\n"
    )
    return 0


def parser() -> Parser:
    """Return the parser of ``sigroute convert``."""
    made = Parser(
        "sigroute convert",
        "Print a rule file for what supervisord or a Procfile runs, with comments for what has no counterpart.",
        epilog="Exit codes: 0 it is printed, 78 the file can't be read, 74 the output can't be written, 64 bad usage.",
    )
    made.add_argument(
        "file",
        metavar="supervisord.conf|Procfile",
        help="one whose name begins with Procfile is read as that",
    )
    return made
