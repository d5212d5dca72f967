"""``sigroute check``: the errors and warnings of rule files; of valid ones, the routes and the longest stop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigroute.arguments import Parser, answer, columns, complain, variable, word
from sigroute.language import RuleError, examine, graph, load, parse_duration, parse_stopsignal, summary
from sigroute.pid1.exit_codes import BAD_RULES
from sigroute.pid1.log.printable import printable

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from sigroute.language import Problem


def main(words: list[str]) -> int:
    """Check the files that the command line names; return the exit code."""
    options = parser().parse_args(words)
    return max(check_file(name, options) for name in options.files)


def parser() -> Parser:
    """Return the parser of ``sigroute check``."""
    made = Parser(
        "sigroute check",
        "Check rule files. If a file is valid, print what each signal does to each child.",
        epilog="Exit codes: 0 all files are valid, 78 one is not (with --strict: or has warnings), 64 bad usage.",
    )
    made.add_argument("--strict", action="store_true", help="treat warnings as errors")
    made.add_argument(
        "--stopsignal", metavar="SIG", type=word(parse_stopsignal),
        help="the image's STOPSIGNAL: it is an error if it begins no stop",
    )  # fmt: skip
    made.add_argument(
        "--platform-grace", metavar="TIME", type=word(parse_duration),
        help="how long the platform waits for a stop before it kills, such as 10s",
    )  # fmt: skip
    who = made.add_mutually_exclusive_group()  # a graph shows all children, whatever the variables say
    who.add_argument(
        "--env", action="append", metavar="NAME=VALUE", type=variable,
        help="a variable that sigroute finds when it starts: tell who is started then (only-if); may be repeated",
    )  # fmt: skip
    who.add_argument(
        "--graph", choices=("text", "mermaid", "dot"),
        help="print the order of the start and of the stop instead, in text, as Mermaid or as DOT",
    )  # fmt: skip
    made.add_argument("files", nargs="+", metavar="FILE|NAME", help="a rule file, or the name of bundled rules")
    return made


def check_file(name: str, options: Namespace) -> int:
    """Print the problems of a rule file and, if it is valid, its summary or its graph; return the exit code."""
    try:
        resolved = load(name)
    except RuleError as error:
        complain(str(error))
        return BAD_RULES
    problems = examine(resolved, stopsignal=options.stopsignal, platform_grace=options.platform_grace)
    for problem in problems:
        complain(str(problem))
    if options.graph is None:
        answer(f"{printable(name)}:\n")
    environ = dict(options.env) if options.env else None
    texts = summary(resolved, columns(), environ) if options.graph is None else graph(resolved, options.graph)
    for text in texts:
        answer(f"{text}\n")
    return BAD_RULES if fails(problems, strict=options.strict) else 0


def fails(problems: Sequence[Problem], *, strict: bool) -> bool:
    """Tell whether the file fails: by an error or, with ``strict``, by a warning."""
    return any(strict or not problem.warning for problem in problems)
