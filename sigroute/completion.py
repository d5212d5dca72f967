"""``sigroute completion``: a script that completes sigroute's words in bash, zsh or tcsh."""

from __future__ import annotations

from argparse import ArgumentParser
from importlib import import_module
from typing import TYPE_CHECKING

from sigroute.arguments import Parser, answer, complain
from sigroute.cli import COMMANDS
from sigroute.pid1.exit_codes import UNAVAILABLE
from sigroute.run import parser as main_parser

if TYPE_CHECKING:
    from argparse import Action

SHELLS = ("bash", "zsh", "tcsh")

#: What the names of arguments begin with whose values are files.
FILES = ("FILE", "LOG", "JOURNAL", "NEW", "INIT", "supervisord.conf")


def main(words: list[str]) -> int:
    """Print the script; return the exit code."""
    shell = parser().parse_args(words).shell
    try:
        import shtab  # noqa: PLC0415 - it is optional
    except ImportError:
        complain("sigroute completion: shtab is missing: pip install 'sigroute[completion]'")
        return UNAVAILABLE
    script: str = shtab.complete(whole(), shell=shell)
    answer(script)
    return 0


def parser() -> Parser:
    """Return the parser of ``sigroute completion``."""
    made = Parser(
        "sigroute completion",
        "Print a script that completes the words of sigroute in a shell.",
        epilog="""examples:
  sigroute completion bash >/usr/share/bash-completion/completions/sigroute
  sigroute completion zsh >/usr/share/zsh/vendor-completions/_sigroute

Exit codes: 0 it is printed, 69 shtab is missing, 64 bad usage.""",
    )
    made.add_argument("shell", choices=SHELLS, help="for which shell")
    return made


def whole() -> ArgumentParser:
    """Return one parser of all commands, as it takes one to complete them."""
    made = ArgumentParser("sigroute", add_help=False)
    _copy(main_parser(), made)
    commands = made.add_subparsers()
    for name, module in COMMANDS.items():
        command = import_module(module).parser()
        # shtab leaves out a command without a help text.
        _copy(command, commands.add_parser(name, help=command.description, add_help=False))
    return made


def _copy(source: ArgumentParser, target: ArgumentParser) -> None:
    """Give a parser what another one takes, but the command to run: a shell completes that by itself."""
    for action in source._actions:  # noqa: SLF001 - argparse has no other list of them
        if action.metavar == "CMD":
            continue
        if _names_file(action):
            import shtab  # noqa: PLC0415 - as above

            action.complete = shtab.FILE  # type: ignore[attr-defined] # shtab looks for it
        target._add_action(action)  # noqa: SLF001 - as above


def _names_file(action: Action) -> bool:
    return isinstance(action.metavar, str) and action.metavar.startswith(FILES)
