"""Readers of single values: durations, commands, names, choices, codes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sigroute.language.read.durations import OpenDuration, parse_duration
from sigroute.language.read.problems import Mistake, did_you_mean, quote
from sigroute.language.read.reading import Reading, kind_of
from sigroute.language.read.variables import VARIABLE, read_command_variables, read_variables

if TYPE_CHECKING:
    from sigroute.language.read.path import Path

#: What names of children, tasks and groups are made of, as a class of a pattern has it.
NAME_CHARACTERS = r"\w.+-"

_NAME = re.compile(f"[{NAME_CHARACTERS}]+")
_SHELL = re.compile(r"[|&;<>()$`*?~#]|\n")
"""Characters that a shell acts on, and a program does not (POSIX, XCU 2.2)."""

_QUOTED = re.compile("'[^']*'|\"[^\"$`]*\"")
"""A string in which a shell expands nothing."""

ALL = "all"
RESERVED = ("any", ALL)
HIGHEST_CODE = 255
MOST_SHOWN = 8

#: Stands for a value with an error, so that nobody complains of a missing one as well.
UNKNOWN = "?"


def read_duration(reading: Reading, path: Path, value: object) -> int | None:
    """Return milliseconds."""
    if isinstance(value, str) and "${" in value:
        return _read_open_duration(reading, path, value)
    if isinstance(value, str):
        try:
            return parse_duration(value)
        except Mistake as mistake:
            reading.mistake(path, mistake)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        shown = format_number(value)
        unit = f'write "{shown}s"' if shown.isdigit() else 'as in "25s" or "1s500ms"'
        reading.report(path, f"duration without a unit: {shown}", unit)
    elif kind_of(value) == "a time of day":
        reading.report(path, "a time of day for a duration", 'write a number and its unit, as in "25s" or "1m30s"')
    else:
        reading.report(path, f"{kind_of(value)} for a duration", 'write a number and its unit, as in "25s"')
    return 0


def _read_open_duration(reading: Reading, path: Path, text: str) -> int:
    known = read_variables(reading, path, text)
    try:
        return OpenDuration(None if known is None else parse_duration(known), text)
    except Mistake as mistake:
        reading.report(path, mistake.message, mistake.hint)
        return 0


def read_command(reading: Reading, path: Path, value: object) -> tuple[str, ...]:
    """Return an argv."""
    if isinstance(value, str):
        reading.expanded.add(path)  # the words that it is to be may have variables
        words = (
            ["sh", "-c", value.replace("${", "$${")]
            if _SHELL.search(VARIABLE.sub("", _QUOTED.sub("", value)))
            else _words(value)
        )
        listed = ", ".join([*map(quote, words[:MOST_SHOWN]), *["…"] * (len(words) > MOST_SHOWN)])
        reading.report(path, "a string where a list belongs", f"there is no shell here: [{listed}]")
        return (UNKNOWN,)
    if not isinstance(value, list):
        reading.report(path, f"{kind_of(value)} where a list belongs", 'as in ["nginx", "-g", "daemon off;"]')
        return (UNKNOWN,)
    if not value:
        reading.report(path, "empty list", "name the program to run")
    for index, word in enumerate(value):
        here = (*path, index)
        if not isinstance(word, str):
            number = isinstance(word, (int, float)) and not isinstance(word, bool)
            hint = f'write it as a string: "{format_number(word)}"' if number else "each word is a string"
            reading.report(here, f"{kind_of(word)} where a string belongs", hint)
        elif "\0" in word:
            hint = "no word of a command can contain one: execve(2)"
            reading.report(here, "a NUL", hint, start=word.index("\0"), length=1)
        elif not index and not word:
            reading.report(here, "empty program name", "name the program to run")
    read_command_variables(reading, path, value)
    return tuple(word for word in value if isinstance(word, str)) or (UNKNOWN,)


def _words(command: str) -> list[str]:
    """Return the first words of a command that is one string, split as a shell would."""
    import shlex  # noqa: PLC0415 - only where something is wrong

    most = 1_000  # characters: few words are shown, and shlex takes a second for 256 KiB
    try:
        return shlex.split(command[:most])
    except ValueError:
        return command[:most].split()


def read_names(reading: Reading, path: Path, value: object, what: str) -> list[tuple[Path, str]]:
    """Return the names in a string or a list of strings, each with its place."""
    if isinstance(value, str):
        return [(path, value)]
    if not isinstance(value, list):
        reading.report(path, f"{kind_of(value)} where {what} belongs", f"write {what} or a list of them")
        return []
    if not value:
        reading.report(path, "empty list", f"name {what}, or remove it")
    found: dict[str, Path] = {}
    for index, each in enumerate(value):
        here = (*path, index)
        if not isinstance(each, str):
            reading.report(here, f"{kind_of(each)} where {what} belongs", "each is a string")
        elif each in found:
            reading.report(here, f"{quote(each)} twice", "remove one")
        else:
            found[each] = here
    return [(here, name) for name, here in found.items()]


def read_programs(reading: Reading, path: Path, value: object) -> tuple[str, ...]:
    """Return the names that a program may have."""
    names = read_names(reading, path, value, "a program's name")
    for here, name in names:
        if not name or name == "*":
            reading.report(here, f"{quote(name)} is no program's name", 'as in "nginx" or "php-fpm*"')
        elif "/" in name:
            hint = f"write {quote(name.rstrip('/').rpartition('/')[2])}: names are compared, not paths"
            reading.report(here, "a path where a program's name belongs", hint)
        elif "*" in name[:-1]:
            start = name.index("*")
            reading.report(here, "a * that is not at the end", "names are whole or a prefix", start=start, length=1)
    return tuple(name for _, name in names) or (UNKNOWN,)


def read_groups(reading: Reading, path: Path, value: object) -> tuple[str, ...]:
    """Return the names of groups."""
    names = read_names(reading, path, value, "a group")
    for here, name in names:
        if name.startswith("@"):
            reading.report(here, f"unknown group {quote(name)}", f"write {quote(name[1:])}: the @ is for after")
        else:
            check_name(reading, here, name, "group", on_key=False)
    return tuple(name for _, name in names)


def read_after(reading: Reading, path: Path, value: object) -> tuple[str, ...]:
    """Return the children and groups to wait for; ``(ALL,)`` for every other child."""
    if value == []:
        return ()
    if value == ALL:
        return (ALL,)
    names = read_names(reading, path, value, "a child or @group")
    known = reading.waitable
    for here, name in names:
        if name in known:
            continue
        if name in reading.tasks:
            hint = "a stop waits for every task; name those that need it"
            reading.report(here, f"task {quote(name)} where a child belongs", hint)
            continue
        what = "group" if name.startswith("@") else "child"
        hint = f"did you mean @{name}?" if f"@{name}" in known else did_you_mean(name, list(known))
        reading.report(here, f"unknown {what} {quote(name)}", hint or _known_to_wait_for(reading, name))
    return tuple(name for _, name in names if name in known)


def read_when(reading: Reading, path: Path, value: object) -> str | tuple[str, ...]:
    """Return when the container ends: ``any``, ``all``, or the names of children and groups."""
    if isinstance(value, str) and value in RESERVED:
        return value
    if isinstance(value, str) and not value.startswith("@"):
        return (read_child(reading, path, value, RESERVED),)
    names = read_names(reading, path, value, "a child or @group")
    for here, name in names:
        if name in RESERVED:
            reading.report(here, f"{quote(name)} in a list", "it stands alone")
        elif name.startswith("@"):
            if name not in reading.waitable:
                reading.report(here, f"unknown group {quote(name)}", _known_to_wait_for(reading, name))
        else:
            read_child(reading, here, name)
    return tuple(name for _, name in names if name in reading.waitable) or RESERVED[0]


def _known_to_wait_for(reading: Reading, name: str) -> str:
    """Return a hint for an unknown child or ``@group``: which ones there are."""
    if not name.startswith("@"):
        return listed(reading.children, "this file's children")
    if not reading.groups:
        return f"put a child into it: groups = [{quote(name[1:])}]"
    return listed(tuple(f"@{group}" for group in reading.groups), "this file's groups")


def read_child(reading: Reading, path: Path, value: object, others: tuple[str, ...] = ()) -> str:
    """Return the name of a child, or one of the other words that are allowed here."""
    known = (*others, *reading.children)
    if not isinstance(value, str):
        reading.report(path, f"{kind_of(value)} where a child's name belongs", listed(known, "it is one of"))
    elif value in reading.tasks:
        reading.report(path, f"task {quote(value)} where a child belongs", listed(known, "it is one of"))
    elif value not in known:
        hint = did_you_mean(value, list(known)) or listed(known, "it is one of")
        reading.report(path, f"unknown child {quote(value)}", hint)
    else:
        return value
    return known[0] if known else UNKNOWN


def read_choice(reading: Reading, path: Path, value: object, choices: tuple[str, ...]) -> str:
    """Return one of these words."""
    if isinstance(value, str) and value in choices:
        return value
    hint = listed(choices, "it is one of")
    if isinstance(value, str):
        reading.report(path, f"unknown value {quote(value)}", did_you_mean(value, list(choices)) or hint)
    else:
        reading.report(path, f"{kind_of(value)} where a word belongs", hint)
    return choices[0]


def read_codes(reading: Reading, path: Path, value: object) -> dict[int, int]:
    """Return an exit map: ANY_CODE or a code, to a code."""
    if not isinstance(value, dict):
        reading.report(path, f"{kind_of(value)} where a table belongs", "as in { 143 = 0 }")
        return {}
    codes: dict[int, int] = {}
    for name, code in value.items():
        here = (*path, name)
        number = _code_key(reading, here, name)
        if number in codes:
            reading.report(here, f"code {number} twice", "remove one", on_key=True)
        if type(code) is int and 0 <= code <= HIGHEST_CODE:
            if number is not None:
                codes[number] = code
        elif isinstance(code, bool):
            reading.report(here, f"{kind_of(code)} for an exit code", "write 0 for success")
        else:
            number = isinstance(code, (int, float))
            shown = quote(code) if isinstance(code, str) else format_number(code) if number else kind_of(code)
            reading.report(here, f"{shown} is no exit code", f"a code is a number from 0 to {HIGHEST_CODE}")
    return codes


def _code_key(reading: Reading, path: Path, name: str) -> int | None:
    """Return the exit code that a key of an exit map names."""
    from sigroute.language.read.signals import parse_signal  # noqa: PLC0415 - few files have a map
    from sigroute.pid1.plan import ANY_CODE  # noqa: PLC0415 - as above

    if name == "any":
        return ANY_CODE
    if re.fullmatch(r"[0-9]{1,3}", name, re.ASCII) and int(name) <= HIGHEST_CODE:
        return int(name)
    try:
        hint = f"write {128 + parse_signal(name)}, the code of a child that was killed by it"
    except Mistake:
        hint = did_you_mean(name, ["any"]) or f"a code is a number from 0 to {HIGHEST_CODE}, or any"
    reading.report(path, f"{quote(name)} is no exit code", hint, on_key=True)
    return None


def format_number(value: float) -> str:
    """Return a number for a message. Python refuses to format an integer of thousands of digits."""
    most = 20
    if isinstance(value, int) and abs(value) >= 10**most:
        return "a huge number"
    return repr(value)


def check_name(reading: Reading, path: Path, name: str, what: str, *, on_key: bool) -> None:
    """Report a name that a child or group can't have."""
    if what in ("child", "task") and name in RESERVED:
        reading.report(
            path, f"no {what} can be called {quote(name)}", "[exit] when has a meaning for it", on_key=on_key, where=()
        )
    elif name.startswith("@"):
        hint = f"write {quote(name[1:])}: the @ is for after"
        reading.report(path, f"no {what} can be called {quote(name)}", hint, on_key=on_key, where=())
    elif not _NAME.fullmatch(name):
        hint = "a name is made of letters, digits and _ - . +"
        reading.report(path, f"no {what} can be called {quote(name)}", hint, on_key=on_key, where=())


def listed(names: tuple[str, ...], before: str) -> str:
    """Return names for a hint, of many only the first ones."""
    if not names:
        return "there is none here"
    return f"{before}: {', '.join(names[:MOST_SHOWN])}{', …' if len(names) > MOST_SHOWN else ''}"
