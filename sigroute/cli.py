"""The command line: run a command by rules (the rest of the commands follow)."""

from __future__ import annotations

import argparse
import os
import signal
import sys

from sigroute import __version__
from sigroute.handover import hand_over, original_environ
from sigroute.language import RuleError, UsageError, bundled, compile_plan, load
from sigroute.language.durations import parse_duration
from sigroute.language.problems import Mistake
from sigroute.language.signals import parse_signal
from sigroute.pid1.plan import Launch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import NoReturn

USAGE, BAD_RULES, CANNOT_RUN = 64, 78, 126


class Parser(argparse.ArgumentParser):
    """argparse, with the exit code that sigroute documents for bad usage."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and end with 64."""
        self.print_usage(sys.stderr)
        self.exit(USAGE, f"sigroute: {message}\n")


def argument(parse: Callable[[str], int]) -> Callable[[str], int]:
    """Let a mistake in a word of the command line be told as one in a rule file."""

    def parsed(text: str) -> int:
        try:
            return parse(text)
        except Mistake as mistake:
            raise argparse.ArgumentTypeError(mistake.message) from None

    return parsed


def main(before: Iterable[int]) -> int:
    """Do what the command line says; ``before`` is the signal mask to go back to where nothing is run."""
    words = sys.argv[1:]
    if words[:1] == ["rules"]:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        return rules(words[1:])
    if words[:1] == ["check"]:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        return check(words[1:])
    return run(words)


def rules(words: list[str]) -> int:
    """List the bundled rules, or print one file of them."""
    parser = Parser(prog="sigroute rules", description="List the bundled rule files, or show one.")
    parser.add_argument("what", nargs="?", choices=["show"])
    parser.add_argument("name", nargs="?")
    options = parser.parse_args(words)
    if options.what is None:
        for name in bundled.names():
            print(f"{name:10} {bundled.describe(name)}")  # noqa: T201 - it is what was asked for
        return 0
    try:
        print(bundled.show(options.name or ""), end="")  # noqa: T201 - likewise
    except KeyError:
        parser.error(f"no bundled rules {options.name!r}; there are {', '.join(bundled.names())}")
    return 0


def check(words: list[str]) -> int:
    """Check rule files: their errors and warnings, the table, the longest stop."""
    from sigroute.check import check_file  # noqa: PLC0415 - PID 1 never needs it

    parser = Parser(
        prog="sigroute check",
        description="Tell what is wrong with rule files; for a good one, what each signal does to each child.",
        epilog="Exit codes: 0 good, 78 something is wrong (with --strict: or a warning), 64 bad usage.",
    )
    parser.add_argument("--strict", action="store_true", help="take warnings for errors")
    parser.add_argument("--stopsignal", metavar="SIG", type=argument(parse_signal), help="the image's STOPSIGNAL: fail if it starts no stop")
    parser.add_argument("--platform-grace", metavar="TIME", type=argument(parse_duration), help="what the platform gives a stop, as 10s")
    parser.add_argument("files", nargs="+", metavar="FILE|NAME")
    options = parser.parse_args(words)
    codes = [
        check_file(name, strict=options.strict, stopsignal=options.stopsignal, platform_grace=options.platform_grace)
        for name in options.files
    ]
    return max(codes)


def run(words: list[str]) -> int:
    """Compile the rules and become PID 1's resident."""
    parser = Parser(
        prog="sigroute",
        description="Run a command as PID 1, routing signals by rules. Also: sigroute check, sigroute rules.",
    )
    parser.add_argument("--rules", metavar="FILE|NAME", help="the rules: a file, or the name of bundled ones")
    parser.add_argument("--on", action="append", default=[], metavar="KEY=ACTION", help="a rule; beats the file's")
    parser.add_argument("--log", choices=["text", "json"], default="text", help="the form of the log lines")
    parser.add_argument("--log-level", choices=["debug", "info", "warning", "error"], default="info")
    parser.add_argument("--quiet", action="store_true", help="no log lines at all")
    parser.add_argument("--version", action="version", version=f"sigroute {__version__}")
    parser.add_argument("command", nargs=argparse.REMAINDER, metavar="CMD")
    options = parser.parse_args(words)
    command = options.command[1:] if options.command[:1] == ["--"] else options.command
    try:
        loaded = load(options.rules, options.on)
        plan = compile_plan(loaded.rules, [os.fsencode(word) for word in command])
    except RuleError as error:
        print(error, file=sys.stderr)  # noqa: T201 - there is no log yet
        return BAD_RULES
    except UsageError as error:
        print(f"sigroute: {error}", file=sys.stderr)  # noqa: T201 - there is no log yet
        return USAGE
    level = "quiet" if options.quiet else options.log_level
    launch = Launch(
        plan=plan,
        environ=original_environ(),
        log_format=options.log,
        log_level=level,
        notes=subreaper(),
    )
    try:
        hand_over(launch)
    except OSError as error:
        print(f"sigroute: cannot become PID 1's resident: {error}", file=sys.stderr)  # noqa: T201 - likewise
    return CANNOT_RUN


def subreaper() -> tuple[str, ...]:
    """Become a subreaper where we are not PID 1 (PR_SET_CHILD_SUBREAPER(2const); exec keeps it)."""
    if os.getpid() == 1:
        return ()
    import ctypes  # noqa: PLC0415 - slow to load, and PID 1 never needs it

    pr_set_child_subreaper = 36
    if ctypes.CDLL(None, use_errno=True).prctl(pr_set_child_subreaper, 1, 0, 0, 0) == 0:
        return ("not PID 1: orphans are adopted as a subreaper",)
    return ("not PID 1, and no subreaper: orphans are left to another",)
