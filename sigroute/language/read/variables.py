"""Variables in values: ``${NAME}``, ``${NAME:-default}``, ``${NAME...}`` for all its words; ``$${`` is just ``${``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import attrs

from sigroute.language.read.problems import Mistake, quote

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sigroute.language.read.path import Path
    from sigroute.language.read.reading import Reading

_BEGIN = re.compile(r"\$?\$\{")
VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?:(\.\.\.)|:-([^}]*))?\}", re.ASCII)
_SHELL_OPERATOR = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*):?[-=](.*)\}", re.ASCII)

SHELLS = ("sh", "ash", "bash", "dash", "ksh", "mksh", "zsh")
_SCRIPT_OPTION = re.compile(r"-[A-Za-z]*c[A-Za-z]*", re.ASCII)
_OPTION_WITH_NAME = re.compile(r"[-+][A-Za-z]*o", re.ASCII)


@attrs.frozen
class Variable:
    """One variable in a value."""

    name: str
    default: str | None
    """What stands for it where it is unset or empty; None: it must be set."""
    words: bool = False
    """It stands alone, for all its words."""


Parts = tuple["str | Variable", ...]
"""What a value is made of, from left to right."""


def parse_variables(text: str, *, alone: bool = False) -> Parts:
    """Return the parts of a value.

    :param alone: it is a word of a command, which ``${NAME...}`` may take the place of.
    :raises Mistake: a ``${`` begins no variable.
    """
    parts: list[str | Variable] = []
    at = 0
    while (begin := _BEGIN.search(text, at)) is not None:
        parts.append(text[at : begin.start()])
        if begin[0] == "$${":
            parts.append("${")
            at = begin.end()
            continue
        found = VARIABLE.match(text, begin.start())
        if found is None or "${" in (found[3] or ""):
            raise _mistake(text, begin.start())
        if found[2] and (not alone or found[0] != text):
            message = f"{quote(found[0])} {'beside other text' if alone else 'outside a command'}"
            hint = 'it stands alone as a word of a command: "${NAME...}"'
            raise Mistake(message, hint, found.start(), len(found[0]))
        parts.append(Variable(found[1], found[3], words=bool(found[2])))
        at = found.end()
    parts.append(text[at:])
    return tuple(part for part in parts if part)


def _mistake(text: str, start: int) -> Mistake:
    """Return what is wrong with the ``${`` at this place."""
    end = text.find("}", start)
    if end < 0:
        return Mistake("a ${ without its }", "close it, or write $${ for a plain ${", start)
    if "${" in text[start + 2 : end]:
        inner = text.index("${", start + 2)
        hint = "a default is plain text: have whoever starts the container set it"
        return Mistake("a variable within another", hint, inner, end + 1 - inner)
    shown = text[start : end + 1]
    operator = _SHELL_OPERATOR.fullmatch(shown)
    hint = "the forms are ${NAME} and ${NAME:-default}; a plain ${ is written $${"
    if operator:
        hint = f"write ${{{operator[1]}:-{operator[2]}}}"
    return Mistake(f"{quote(shown)} is no variable", hint, start, len(shown))


def plain_begin(text: str) -> int | None:
    """Return where the first ``${`` is that is no ``$${``."""
    return next((found.start() for found in _BEGIN.finditer(text) if found[0] == "${"), None)


def read_variables(reading: Reading, path: Path, text: str, *, alone: bool = False) -> str | None:
    """Report what is wrong with the variables of a value; return what it is by their defaults, None if that is unknown.

    :param alone: as for ``parse_variables``.
    """
    reading.expanded.add(path)
    try:
        parts = parse_variables(text, alone=alone)
    except Mistake as mistake:
        reading.mistake(path, mistake)
        return None
    return by_defaults(parts)


def by_defaults(parts: Parts) -> str | None:
    """Return what a value is where all variables are unset; None: one has no default."""
    values = [part.default if isinstance(part, Variable) else part for part in parts]
    return None if None in values else "".join(filter(None, values))


def script_of(words: Sequence[object]) -> int | None:
    """Return which word of a command a shell runs as a script, as in ``sh -c``; None: none."""
    shells = (index for index, word in enumerate(words) if isinstance(word, str) and word.rpartition("/")[2] in SHELLS)
    at = next(shells, len(words)) + 1
    while at < len(words):
        word = words[at]
        if not isinstance(word, str) or word[:1] not in ("-", "+"):
            return None
        if _SCRIPT_OPTION.fullmatch(word):
            return at + 1 if at + 1 < len(words) else None
        at += 2 if _OPTION_WITH_NAME.fullmatch(word) else 1
    return None


def read_command_variables(reading: Reading, path: Path, words: Sequence[object]) -> None:
    """Report what is wrong with the variables of a command; a shell's script has none of ours."""
    script = script_of(words)
    for index, word in enumerate(words):
        if not isinstance(word, str) or "${" not in word:
            continue
        here = (*path, index)
        begin = plain_begin(word)
        if index == script and begin is not None:
            reading.expanded.add(here)
            hint = "write $${ where the shell is to expand it; or pass it on as a word after the script"
            reading.report(here, "a ${ in what a shell runs", hint, start=begin, length=2)
        else:
            read_variables(reading, here, word, alone=True)


def report_misplaced(reading: Reading, document: dict[str, Any]) -> None:
    """Report each ``${`` where nothing is expanded, in place of all else that is wrong with that key or value."""
    unknown = {finding.path for finding in reading.findings if finding.on_key}
    for path, text, on_key in _strings(document, ()):
        begin = plain_begin(text)
        if begin is None or (path in reading.expanded and not on_key):
            continue
        if any(path[:length] in unknown for length in range(1, len(path) + (not on_key))):
            continue  # nobody knows what its value is
        reading.findings[:] = [each for each in reading.findings if (each.path, each.on_key) != (path, on_key)]
        keys = "commands, ready, env, env-file, user, cwd, output, instances and durations"
        hint = f"variables are for {keys}; a plain ${{ is written $${{"
        reading.report(path, "a ${ where nothing is expanded", hint, on_key=on_key, start=begin, length=2)


def _strings(value: object, path: Path) -> Iterator[tuple[Path, str, bool]]:
    """Yield the keys and strings of a document, each with its place and whether it is a key."""
    if isinstance(value, str):
        yield path, value, False
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _strings(each, (*path, index))
    elif isinstance(value, dict):
        for name, each in value.items():
            yield (*path, name), name, True
            yield from _strings(each, (*path, name))
