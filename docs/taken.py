# ruff: noqa: INP001 - a part of the script beside it
"""What a command takes, and what it is for, as the source of its man page."""

from __future__ import annotations

import argparse
import re
from functools import partial
from typing import TYPE_CHECKING

from docs import roff
from sigroute.run import USAGE_TEXT

if TYPE_CHECKING:
    from argparse import Action

    from sigroute.arguments import Parser

#: What a usage is made of: a word, or what belongs together in brackets.
WORD = re.compile(r"\[[^\[\]]*(?:\[[^\[\]]*\][^\[\]]*)*\]\S*|\S+")

#: In it: an option; what it is to be put in place of; all else.
PART = re.compile(r"(?P<option>(?<![\w.-])--?[a-z][a-z-]*)|(?P<place>\b[A-Z]+\b)|(?P<other>.)")

#: A line of the usage that is about another command: what to write, and what for.
LINE = re.compile(r" {7}(sigroute .*?\S) {2,}(\S.*)")


def purposes() -> dict[str, str]:
    """Return what each command is for, as the usage of sigroute says it first."""
    found: dict[str, str] = {}
    for words, said in filter(None, map(_divided, USAGE_TEXT.splitlines())):
        found.setdefault(words.split()[1], said)
    return found


def _divided(line: str) -> tuple[str, str] | None:
    """Return the words of a line of the usage, and what they are for. Where the words are long, one blank follows."""
    found = LINE.fullmatch(line)
    if found:
        return found[1], found[2]
    column = min(each.start(2) for each in map(LINE.fullmatch, USAGE_TEXT.splitlines()) if each)
    is_one = line.startswith("       sigroute ") and line[column - 1 : column] == " "
    return (line[:column].strip(), line[column:]) if is_one else None


def forms(parser: Parser) -> list[str]:
    """Return the ways to write a command, each in one line."""
    parser.formatter_class = partial(argparse.RawDescriptionHelpFormatter, width=10_000)
    lines = [(_divided(line) or (line,))[0] for line in parser.format_usage().removeprefix("usage: ").splitlines()]
    text = "\n".join(line.strip() for line in lines)
    return [" ".join(each.split()) for each in re.split(r"\n(?=sigroute\b)", text)]


def synopsis(form: str, command: str) -> str:
    """Return the source of one way to write a command."""
    return roff.synopsis(command, [_marked(word) for word in WORD.findall(form.removeprefix(command))])


def _marked(word: str) -> str:
    marks = {"option": roff.bold, "place": roff.italic, "other": roff.escaped}
    return "".join(marks[str(each.lastgroup)](each[0]) for each in PART.finditer(word))


def options(parser: Parser) -> list[str]:
    """Return an entry for each argument and option, with what its help text says."""
    formatter = argparse.HelpFormatter(parser.prog)
    # argparse has no other list of them, and no other way to put values into a help text.
    actions = [each for each in parser._actions if each.help != argparse.SUPPRESS]  # noqa: SLF001
    told = [formatter._expand_help(each) if each.help else "" for each in actions]  # noqa: SLF001
    return [roff.item(_tag(each), roff.escaped(said)) for each, said in zip(actions, told, strict=True)]


def _tag(action: Action) -> str:
    """Return the spellings of an option, each with its value."""
    place = action.metavar or (f"{{{','.join(map(str, action.choices))}}}" if action.choices else action.dest)
    value = roff.italic(place if isinstance(place, str) else " ".join(place))
    if not action.option_strings:
        return value
    after = "" if action.nargs == 0 else f" {value}"
    return ", ".join(roff.bold(each) + after for each in action.option_strings)
