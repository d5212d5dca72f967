"""``sigroute help``: what ``--help`` prints, of sigroute or of one command."""

from __future__ import annotations

from importlib import import_module

from sigroute.arguments import Parser
from sigroute.cli import COMMANDS
from sigroute.language import did_you_mean, quote
from sigroute.run import parser as main_parser


def main(words: list[str]) -> int:
    """Print a help text; return the exit code."""
    name = parser().parse_args(words).command
    if name is None:
        main_parser().print_help()
    elif name in COMMANDS:
        import_module(COMMANDS[name]).main(["--help"])  # it ends there
    else:
        hint = did_you_mean(name, list(COMMANDS)) or f"the commands are {', '.join(COMMANDS)}"
        parser().error(f"there is no command {quote(name)} ({hint})")
    return 0


def parser() -> Parser:
    """Return the parser of ``sigroute help``."""
    made = Parser("sigroute help", "Print the help of sigroute, or of one of its commands.")
    made.add_argument("command", nargs="?", metavar="COMMAND", help="which command")
    return made
