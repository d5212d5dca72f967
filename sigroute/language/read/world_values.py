"""Readers of the keys of the world: who a child is, where it starts, with which variables and limits."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from sigroute.language.read.problems import did_you_mean, quote
from sigroute.language.read.reading import Reading, kind_of
from sigroute.language.read.values import format_number, read_names
from sigroute.language.read.variables import plain_begin, read_variables
from sigroute.pid1.kernel.addresses import LONGEST_PATH
from sigroute.pid1.kernel.world import LIMITS as BY_NUMBER

if TYPE_CHECKING:
    from sigroute.language.read.path import Path
    from sigroute.language.read.world import Limit

LIMITS = {name: number for number, name in sorted(enumerate(BY_NUMBER), key=lambda each: each[1])}
"""Resources by their names in getrlimit(2), with their numbers."""

UNLIMITED = -1
MOST_LIMITED = (1 << 63) - 1
"""Python's resource module takes no higher ones."""

OUTPUTS = ("inherit", "tag", "null")
NICEST, LEAST_NICE = -20, 19

HIGHEST_ID = (1 << 32) - 2
"""The next number means that nothing changes (setresuid(2))."""

_NUMBER = re.compile(r"[0-9]+", re.ASCII)
_UMASK = re.compile(r"0?[0-7]{3}", re.ASCII)
_SHORT_UMASK = re.compile(r"[0-7]{1,2}", re.ASCII)
_DIGITS = 20


def read_user(reading: Reading, path: Path, value: object) -> str | None:
    """Return a user, perhaps with a group after a colon."""
    text = _string(reading, path, value, 'as in "app", "app:www-data" or "1000:1000"')
    if text is not None:
        known = read_variables(reading, path, text)
        if known is not None:
            _check_user(reading, path, known)
    return text


def _check_user(reading: Reading, path: Path, text: str) -> None:
    user, colon, group = text.partition(":")
    if not text:
        reading.report(path, "empty user", "name it, or remove it")
    elif not user:
        reading.report(path, "a group without a user", f"write the user before the colon: {quote(f'app:{group}')}")
    elif colon and not group:
        hint = f"write {quote(user)} for its own group, or name one after the colon"
        reading.report(path, "a colon without a group", hint)
    elif ":" in group:
        start = text.index(":", len(user) + 1)
        reading.report(path, "a second colon", 'one user and one group, as in "app:www-data"', start=start, length=1)
    else:
        check_account(reading, path, user, "user", 0)
        if colon:
            check_account(reading, path, group, "group", len(user) + 1)


def check_account(reading: Reading, path: Path, name: str, what: str, start: int) -> None:
    """Report a name that no user or group can have (passwd(5), group(5)), or a number that none can have.

    :param start: where it begins in the value.
    """
    if _NUMBER.fullmatch(name):
        if len(name) > _DIGITS or int(name) > HIGHEST_ID:
            message = f"no {what} has the number {name[:_DIGITS]}"
            reading.report(path, message, f"the highest is {HIGHEST_ID}", start=start, length=len(name))
    elif not name or any(each.isspace() or each in ":,/\0" for each in name) or name.startswith("-"):
        message = f"no {what} is called {quote(name)}"
        reading.report(path, message, "a name or a number, as in /etc/passwd and /etc/group", start=start)


def read_extra_groups(reading: Reading, path: Path, value: object) -> tuple[str, ...]:
    """Return the names or numbers of groups."""
    if value == []:
        return ()
    names = read_names(reading, path, value, "a group")
    for here, name in names:
        check_account(reading, here, name, "group", 0)
    return tuple(name for _, name in names)


def read_absolute(reading: Reading, path: Path, value: object) -> str | None:
    """Return a path from the root."""
    text = _string(reading, path, value, 'a path, as in "/srv/app"')
    if text is not None:
        check_absolute(reading, path, text, read_variables(reading, path, text))
    return text


def read_plain_path(reading: Reading, path: Path, value: object) -> str | None:
    """Return a path from the root, without variables."""
    text = _string(reading, path, value, 'a path, as in "/var/log/sigroute.jsonl"')
    if text is not None:
        check_absolute(reading, path, text, text)
    return text


def read_socket_path(reading: Reading, path: Path, value: object) -> str | None:
    """Return the path of a socket, without variables."""
    text = _string(reading, path, value, 'a path, as in "/run/sigroute.sock"')
    if text is not None:
        check_absolute(reading, path, text, text)
        if len(os.fsencode(text)) > LONGEST_PATH:
            message = f"a path of {len(os.fsencode(text))} bytes, for a socket"
            reading.report(path, message, f"the kernel takes {LONGEST_PATH} at most (unix(7)): put it elsewhere")
    return text


def check_absolute(reading: Reading, path: Path, value: str, known: str | None) -> None:
    """Report a path that is not from the root.

    :param known: what it is by the defaults of its variables; None: that is unknown.
    """
    begin = plain_begin(value)
    text = value[:begin] if known is None else known
    if text.startswith("~"):
        reading.report(path, f"{quote(value)} is no absolute path", "there is no shell here: write the directory for ~")
    elif not text.startswith("/") and (text or begin != 0 or known is not None):
        message = f"{quote(value)} is no absolute path" if value else "empty path"
        reading.report(path, message, 'write it from the root, as in "/srv/app"')
    else:
        _check_nul(reading, path, value, "a path")


def read_env_file(reading: Reading, path: Path, value: object) -> tuple[str, ...]:
    """Return the paths of files."""
    if value == []:
        return ()
    names = read_names(reading, path, value, "a path")
    for here, name in names:
        check_absolute(reading, here, name, read_variables(reading, here, name))
    return tuple(name for _, name in names)


def read_output(reading: Reading, path: Path, value: object) -> str | None:
    """Return a word, or a path from the root."""
    listed = 'it is "inherit", "tag", "null" or an absolute path'
    text = _string(reading, path, value, listed)
    known = None if text is None else read_variables(reading, path, text)
    if text is not None and "/" in (text if known is None else known):
        check_absolute(reading, path, text, known)
    elif known is not None and known not in OUTPUTS:
        reading.report(path, f"unknown value {quote(known)}", did_you_mean(known, OUTPUTS) or listed)
    return text


def read_umask(reading: Reading, path: Path, value: object) -> int | None:
    """Return a file mode creation mask."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        hint = 'quote it, as in "027": its digits are octal, and TOML takes a number for decimal'
        reading.report(path, "a number for a umask", hint)
    elif not isinstance(value, str):
        reading.report(path, f"{kind_of(value)} for a umask", 'three octal digits, as in "027"')
    elif _UMASK.fullmatch(value):
        return int(value, 8)
    else:
        hint = f'write "{value:0>3}"' if _SHORT_UMASK.fullmatch(value) else 'three octal digits, as in "027"'
        reading.report(path, f"{quote(value)} is no umask", hint)
    return None


def read_env(reading: Reading, path: Path, value: object) -> dict[str, str | bool]:
    """Return what becomes of variables, by name."""
    if not isinstance(value, dict):
        reading.report(path, f"{kind_of(value)} where a table belongs", 'as in { LANG = "C.UTF-8", DEBUG = false }')
        return {}
    for name, each in value.items():
        here = (*path, name)
        _check_variable(reading, here, name, each)
        if isinstance(each, str):
            read_variables(reading, here, each)
            _check_nul(reading, here, each, "a variable")
        elif not isinstance(each, bool):
            hint = "a string sets it, false removes it, true keeps it"
            if isinstance(each, (int, float)):
                hint = f'write it as a string: "{format_number(each)}"'
            reading.report(here, f"{kind_of(each)} where a string belongs", hint)
    return {name: each for name, each in value.items() if isinstance(each, (str, bool))}


def _check_variable(reading: Reading, path: Path, name: str, value: object) -> None:
    """Report a name that no variable can have, or a pattern in a wrong place."""
    if not name or "=" in name or "\0" in name:
        hint = "a name is not empty, and has neither = nor NUL (environ(7))"
        if name.partition("=")[0].isidentifier():
            hint = f"write the value after the name: {name.partition('=')[0]} = {quote(name.partition('=')[2])}"
        reading.report(path, f"no variable is called {quote(name)}", hint, on_key=True)
    elif "*" in name[:-1]:
        hint = 'a name is whole or a prefix, as in "POD_*"'
        start = name.index("*")
        reading.report(path, "a * that is not at the end", hint, on_key=True, start=start, length=1)
    elif name.endswith("*") and isinstance(value, str):
        hint = "true keeps all inherited variables of such a name, false removes them"
        reading.report(path, f"a value for the pattern {quote(name)}", hint)


def read_limits(reading: Reading, path: Path, value: object) -> dict[str, Limit]:
    """Return soft and hard limits, by resource."""
    if not isinstance(value, dict):
        reading.report(
            path, f"{kind_of(value)} where a table belongs", 'as in { nofile = 65536, core = "0:unlimited" }'
        )
        return {}
    found = {}
    for name, each in value.items():
        here = (*path, name)
        if name not in LIMITS:
            plain = name.lower().removeprefix("rlimit_").removeprefix("limit")
            hint = f"write {plain}" if plain in LIMITS else did_you_mean(plain, list(LIMITS))
            reading.report(here, f"unknown limit {quote(name)}", hint or f"they are {', '.join(LIMITS)}", on_key=True)
        limit = _read_limit(reading, here, each)
        if limit is not None:
            found[name] = limit
    return found


def _read_limit(reading: Reading, path: Path, value: object) -> Limit | None:
    hint = 'a number, "unlimited", or soft and hard as in "1024:65536"'
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        reading.report(path, f"{kind_of(value)} for a limit", hint)
        return None
    if value == UNLIMITED:
        reading.report(path, f"{value} is no limit", 'write "unlimited"')
        return None
    words = str(value).split(":") if isinstance(value, str) else [value]
    numbers = [_number_of(word) for word in words]
    if len(words) > 2 or None in numbers:  # noqa: PLR2004 - soft and hard
        shown = quote(value) if isinstance(value, str) else format_number(value)
        reading.report(path, f"{shown} is no limit", hint)
        return None
    soft, hard = numbers[0], numbers[-1]
    assert soft is not None and hard is not None  # noqa: S101, PT018 - for the type checker
    if hard != UNLIMITED and (soft == UNLIMITED or soft > hard):
        message = f"the soft limit {words[0]} is over the hard limit {words[-1]}"
        reading.report(path, message, f'write the soft limit first, as in "{words[-1]}:{words[0]}"')
    return soft, hard


def _number_of(word: int | str) -> int | None:
    """Return a limit, or None for what is none."""
    if isinstance(word, str):
        if word == "unlimited":
            return UNLIMITED
        word = int(word) if _NUMBER.fullmatch(word) and len(word) <= _DIGITS else -1
    return word if 0 <= word <= MOST_LIMITED else None


def read_nice(reading: Reading, path: Path, value: object) -> int | None:
    """Return a nice value."""
    hint = f"a number from {NICEST} to {LEAST_NICE}: a high one leaves the processor to others (nice(2))"
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        if isinstance(value, str) and re.fullmatch(r"[+-]?[0-9]{1,2}", value, re.ASCII):
            hint = f"write it without quotes: {int(value)}"
        reading.report(path, f"{kind_of(value)} for a nice value", hint)
    elif isinstance(value, float) or not NICEST <= value <= LEAST_NICE:
        reading.report(path, f"{format_number(value)} is no nice value", hint)
    else:
        return value
    return None


def _string(reading: Reading, path: Path, value: object, hint: str) -> str | None:
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        hint = f'write it as a string: "{format_number(value)}"'
    reading.report(path, f"{kind_of(value)} where a string belongs", hint)
    return None


def _check_nul(reading: Reading, path: Path, value: str, what: str) -> None:
    if "\0" in value:
        hint = f"{what} ends at the first one: remove it"
        reading.report(path, "a NUL", hint, start=value.index("\0"), length=1)
