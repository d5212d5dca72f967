"""A line for a shell, as far as it is plain: words, quotes, variables, redirections, ``&&`` and ``;`` (POSIX, XCU 2).

Whatever else is in it is left to a shell.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable

_VARIABLE = r"\$(?:\{(?P<braced>[A-Za-z_]\w*)\}|(?P<bare>[A-Za-z_]\w*))"
VARIABLE = re.compile(_VARIABLE, re.ASCII)
_ANY_VARIABLE = r"\$(?:\{[A-Za-z_]\w*\}|[A-Za-z_]\w*)"


def _piece(plain: str) -> re.Pattern[str]:
    quoted = rf"'(?P<single>[^']*)'|\"(?P<double>(?:[^\"`\\$]|{_ANY_VARIABLE})*)\""
    return re.compile(rf"(?P<plain>[{plain}]+)|{quoted}|{_VARIABLE}", re.ASCII)


#: A part of a word that means itself, but for its quotes and variables; the same of an assignment, without patterns
#: (XCU 2.9.1); and a part that only a shell understands.
_PIECE, _ASSIGNED = _piece(r"\w@%+=:,./^-"), _piece(r"\w@%+=:,./^*?\[\]-")
_FURTHER = re.compile(r"[*?~\[\]]|\$\([^()'\"`\\]*\)|\$\{[A-Za-z_]\w*:?[-+=][^{}'\"`\\$;&|()]*\}", re.ASCII)
_REDIRECTION = re.compile(r"\d*(?:>>|>&|<&|>|<)[ \t]*(?=[\w./$'\"-])", re.ASCII)
_BETWEEN = re.compile(r"[ \t]*(&&|;)[ \t]*")
_BLANK = re.compile(r"[ \t]*")

ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=", re.ASCII)

#: What a shell does itself, and no program (XCU 2.14; bash(1)): ``exec`` can't become one of these.
BUILTINS = frozenset((
    ".", ":", "alias", "bg", "break", "builtin", "cd", "command", "continue", "declare", "enable", "eval", "exec",
    "exit", "export", "fc", "fg", "getopts", "hash", "jobs", "let", "local", "read", "readonly", "return", "set",
    "shift", "shopt", "source", "times", "type", "typeset", "ulimit", "umask", "unalias", "unset", "wait",
))  # fmt: skip

#: A command that begins so is more than a simple one (XCU 2.9.4), or needs the shell afterwards.
KEYWORDS = frozenset((
    "case", "do", "done", "elif", "else", "esac", "fi", "for", "function", "if", "in", "select", "then", "time", "trap",
    "until", "while",
))  # fmt: skip


@attrs.frozen
class Word:
    """A word, or what a redirection goes to."""

    text: str
    """As it is written."""
    is_plain: bool
    """No shell is needed for it."""

    def value(self, variable: Callable[[str], str]) -> str:
        """Return what it means; ``variable`` returns what stands for a variable in it."""

        def named(match: re.Match[str]) -> str:
            return variable(match["braced"] or match["bare"])

        parts = []
        for piece in _ASSIGNED.finditer(self.text):
            if piece["single"] is not None:
                parts.append(piece["single"].replace("${", "$${"))
            elif piece["double"] is not None:
                parts.append(VARIABLE.sub(named, piece["double"]))
            else:
                parts.append(piece["plain"] or named(piece))
        return "".join(parts)

    @property
    def is_assignment(self) -> bool:
        """Whether it sets a variable, before a command."""
        return ASSIGNMENT.match(self.text) is not None

    @property
    def bare(self) -> str:
        """The name of the variable that it is, without quotes: a shell splits that; empty: it is none."""
        match = VARIABLE.fullmatch(self.text)
        return (match["braced"] or match["bare"]) if match else ""


@attrs.frozen
class Command:
    """A simple command."""

    begin: int
    """Where in the line it begins."""
    words: tuple[Word, ...]

    @property
    def is_program(self) -> bool:
        """Whether a program is run, which a shell could become."""
        first = self.words[0]
        return first.is_plain and not first.is_assignment and first.text not in BUILTINS and first.value(str) != ""


def commands_of(line: str) -> list[Command] | None:
    """Return the simple commands of a line, one after the other; None: there is more to it."""
    found: list[Command] = []
    at = 0
    while True:
        at = _end(_BLANK, line, at)
        begin = at
        words: list[Word] = []
        while (end := _token(line, at)) > at:
            text = line[at:end]
            assigned = ASSIGNMENT.match(text) and all(word.is_assignment for word in words)
            words.append(Word(text, is_plain=_ends_with(_ASSIGNED if assigned else _PIECE, text)))
            at = _end(_BLANK, line, end)
        if not words or _REDIRECTION.match(words[0].text) or words[0].text in KEYWORDS:
            return None
        found.append(Command(begin, tuple(words)))
        if at == len(line):
            return found
        after = _BETWEEN.match(line, at)
        if after is None:
            return None
        at = after.end()


def _end(pattern: re.Pattern[str], line: str, at: int) -> int:
    match = pattern.match(line, at)
    return match.end() if match else at


def _token(line: str, at: int) -> int:
    """Return where the word or redirection ends that begins here."""
    at = _end(_REDIRECTION, line, at)
    while (end := max(_end(_PIECE, line, at), _end(_FURTHER, line, at))) > at:
        at = end
    return at


def _ends_with(pattern: re.Pattern[str], text: str) -> bool:
    """Tell whether a text is nothing but pieces of this kind."""
    at = 0
    while (end := _end(pattern, text, at)) > at:
        at = end
    return at == len(text)
