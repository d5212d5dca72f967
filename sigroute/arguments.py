"""What the parsers of every command share: bad usage, answers, words of the rule language."""

from __future__ import annotations

import argparse
import errno
import io
import os
import sys
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from sigroute.language import Mistake
from sigroute.pid1.exit_codes import BY_SIGNAL, CANNOT_WRITE, USAGE
from sigroute.pid1.log.printable import printable
from sigroute.pid1.names import STANDARD

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

#: Columns of a help text. Given, as argparse would ask for the terminal's when an option is added, and load shutil
#: and all the archive formats for it: 3 ms of each start.
WIDTH = 78


class Parser(argparse.ArgumentParser):
    """argparse, with the exit code that sigroute documents for bad usage, and no guessing of options."""

    def __init__(self, prog: str, description: str, *, usage: str | None = None, epilog: str | None = None) -> None:
        super().__init__(
            prog,
            usage,
            description,
            epilog,
            formatter_class=partial(argparse.RawDescriptionHelpFormatter, width=WIDTH),
            allow_abbrev=False,
        )

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and end with 64."""
        complain(f"{self.format_usage()}{self.prog}: {printable(message)}")
        raise SystemExit(USAGE)

    def _print_message(self, message: str, file: object = None) -> None:  # noqa: ARG002 - argparse names it
        """Answer ``--help`` or ``--version``: argparse would go on where it can't be written."""
        answer(message)


def add_on(parser: Parser) -> None:
    """Add what beats a rule file."""
    parser.add_argument(
        "--on", action="append", default=[], metavar="KEY=ACTION",
        help="one rule, such as 'stop=5s QUIT 30s KILL'; beats the file, may be repeated",
    )  # fmt: skip


def add_log(parser: Parser) -> None:
    """Add how the log is written, and how much of it."""
    parser.add_argument(
        "--log", choices=["text", "json"], default="text", help="form of the log lines on stderr (default: text)"
    )
    level = parser.add_mutually_exclusive_group()
    level.add_argument(
        "--log-level", choices=["debug", "info", "warning", "error"], default="info",
        help="the least that is told (default: info)",
    )  # fmt: skip
    level.add_argument(
        "--quiet", action="store_const", dest="log_level", const="quiet", help="no log lines at all, errors neither"
    )


def complain(text: str) -> None:
    """Say what is wrong on standard error, if that can be written.

    Not by way of ``sys.stderr``: that is None where it was closed from the start, and what it could not write to a full
    disk it tries again at the end, which makes 120 of any exit code.
    """
    with suppress(OSError):
        os.write(2, f"{text}\n".encode(errors="backslashreplace"))


def answer(text: str) -> None:
    """Write what was asked for; end with 74 where it can't be written: to a full disk, or to nowhere.

    Python has no ``sys.stdout`` where standard output was closed from the start. Nothing is written then, as the number
    1 may be that of any other file meanwhile.
    """
    if sys.stdout is None:
        unanswered(errno.EBADF)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal in the C locale can't show every name
    try:
        print(text, end="", flush=True)  # noqa: T201 - it is what was asked for
    except OSError as error:
        unanswered(error.errno or errno.EIO)


def unanswered(number: int) -> NoReturn:
    """End, as the answer can't be written; not by way of the interpreter, which would try to write it once more."""
    if number == errno.EPIPE:  # Python ignores SIGPIPE, of which another program would have died without a word
        os._exit(BY_SIGNAL + STANDARD["PIPE"])
    complain(f"sigroute: cannot write to standard output: {os.strerror(number)}")
    os._exit(CANNOT_WRITE)


def word(parse: Callable[[str], int]) -> Callable[[str], int]:
    """Let a mistake in a word of the command line be told as one in a rule file is."""

    def parsed(text: str) -> int:
        try:
            return parse(text)
        except Mistake as mistake:
            way_out = f" ({mistake.hint})" if mistake.hint else ""
            raise argparse.ArgumentTypeError(mistake.message + way_out) from None

    return parsed
