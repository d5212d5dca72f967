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

from sigroute.pid1.exit_codes import BY_SIGNAL, CANNOT_WRITE, USAGE
from sigroute.pid1.log.printable import printable
from sigroute.pid1.names import STANDARD

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn, TypeVar

    T = TypeVar("T")

#: Columns of a help text. Without it argparse asks for the terminal's width whenever an option is added, and for that
#: loads shutil with all archive formats: 3 ms of each start.
WIDTH = 78


#: Columns of the output where it goes to no terminal.
WIDE = 100

#: The fewest columns of the output: in less, hardly a word fits beside another.
NARROWEST = 40


class Parser(argparse.ArgumentParser):
    """argparse with sigroute's exit code for bad usage, and without abbreviated options."""

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
        """Report what is wrong and exit with 64."""
        complain(f"{self.format_usage()}{self.prog}: {printable(message)}")
        raise SystemExit(USAGE)

    def _print_message(self, message: str, file: object = None) -> None:  # noqa: ARG002 - argparse names it
        """Print the answer to ``--help`` or ``--version``. argparse itself ignores it if that fails."""
        answer(message)


def add_on(parser: Parser) -> None:
    """Add ``--on``."""
    parser.add_argument(
        "--on", action="append", default=[], metavar="KEY=ACTION",
        help="one rule, such as 'stop=5s QUIT 30s KILL'; it overrides the file; may be repeated",
    )  # fmt: skip


def add_log(parser: Parser) -> None:
    """Add the options of the log."""
    parser.add_argument(
        "--log", choices=["text", "json"], default="text", help="format of the log on stderr (default: text)"
    )
    parser.add_argument(
        "--journal", metavar="FILE", help="write what sigroute is told and decides to this file, as [journal] path does"
    )
    parser.add_argument(
        "--control",
        metavar="PATH",
        help="listen there for sigroute status and the like, as [control] path does",
    )
    level = parser.add_mutually_exclusive_group()
    level.add_argument(
        "--log-level", choices=["debug", "info", "warning", "error"], default="info",
        help="lowest level to log (default: info)",
    )  # fmt: skip
    level.add_argument(
        "--quiet", action="store_const", dest="log_level", const="quiet", help="log nothing, not even errors"
    )


def complain(text: str) -> None:
    """Write a message to standard error, if that is possible.

    It does not use ``sys.stderr``: that is None if standard error was closed from the start. And if a disk is full,
    Python tries to write the rest again at its exit, fails, and turns any exit code into 120.
    """
    with suppress(OSError):
        os.write(2, f"{text}\n".encode(errors="backslashreplace"))


def answer(text: str) -> None:
    """Write the output of a command; exit with 74 if that fails, as on a full disk.

    ``sys.stdout`` is None if standard output was closed from the start. Then nothing is written to descriptor 1, as it
    may belong to another file by now.
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
    """Exit, as the output can't be written. The interpreter's own exit would try to write it again."""
    if number == errno.EPIPE:  # as a program that SIGPIPE kills; Python ignores it
        os._exit(BY_SIGNAL + STANDARD["PIPE"])
    complain(f"sigroute: cannot write to standard output: {os.strerror(number)}")
    os._exit(CANNOT_WRITE)


def word(parse: Callable[[str], T]) -> Callable[[str], T]:
    """Let argparse report a mistake in a word as a rule file's would be, with its hint."""
    from sigroute.language import Mistake  # noqa: PLC0415 - a start by bundled rules needs no parser of rules

    def parsed(text: str) -> T:
        try:
            return parse(text)
        except Mistake as mistake:
            way_out = f" ({mistake.hint})" if mistake.hint else ""
            raise argparse.ArgumentTypeError(mistake.message + way_out) from None

    return parsed


def variable(text: str) -> tuple[bytes, bytes]:
    """Return a variable and its value.

    :raises ArgumentTypeError: it is none.
    """
    name, equals, value = os.fsencode(text).partition(b"=")
    if not name or not equals:
        message = f"{text!r} is no variable (as in ROLE=web, or ROLE= for an empty one)"
        raise argparse.ArgumentTypeError(message)
    return name, value


def columns() -> int:
    """Return how wide the output may be: what COLUMNS says, else the terminal's width (ioctl_tty(2), TIOCGWINSZ).

    A terminal whose size nobody has set says 0.
    """
    found = 0
    with suppress(ValueError):
        found = int(os.environ.get("COLUMNS", ""))
    if found <= 0:
        with suppress(OSError):
            found = os.get_terminal_size(1).columns
    return max(found, NARROWEST) if found > 0 else WIDE
