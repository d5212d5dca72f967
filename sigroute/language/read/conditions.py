"""The reader of ``only-if``: conditions of variables and of paths."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sigroute.language.read.problems import Mistake, quote
from sigroute.language.read.values import read_names
from sigroute.pid1.condition import Condition

if TYPE_CHECKING:
    from sigroute.language.read.path import Path
    from sigroute.language.read.reading import Reading

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*", re.ASCII)
_EXPANDED = re.compile(r"\$\{?([A-Za-z_][A-Za-z0-9_]*)\}?", re.ASCII)

_FORMS = 'as in "NAME", "!NAME", "NAME=a|b", "NAME!=a", "/path" or "!/path"'


def read_conditions(reading: Reading, path: Path, value: object) -> tuple[Condition, ...] | None:
    """Return the conditions in a string or a list of strings."""
    found = []
    for here, text in read_names(reading, path, value, "a condition"):
        mistake = _mistake_in(text)
        if mistake is None:
            found.append(_condition(text))
        else:
            reading.expanded.add(here)  # what is wrong with a ${ is told
            reading.mistake(here, mistake)
    return tuple(found) or None


def _condition(text: str) -> Condition:
    """Return a condition in which there is no mistake."""
    what, equals, values = text.removeprefix("!").partition("=")
    if not equals or what.startswith("/"):
        return Condition(what=text.removeprefix("!").encode(), negated=text.startswith("!"))
    name = what.removesuffix("!")
    return Condition(what=name.encode(), values=tuple(values.encode().split(b"|")), negated=name != what)


def _mistake_in(text: str) -> Mistake | None:
    what = text.removeprefix("!")
    if not what:
        return Mistake("nothing after the !" if text else "empty condition", _FORMS)
    if "\0" in text:
        return Mistake("a NUL", "neither a variable nor a path has one", text.index("\0"), 1)
    if what.startswith("!"):
        bare = what.lstrip("!")
        return Mistake("a second !", f"write {quote(bare)} or {quote(f'!{bare}')}", 1, 1)
    if not what.startswith("/"):
        return _mistake_with_variable(text, what)
    if "*" in what:
        hint = "paths have no patterns: name the file or its directory"
        return Mistake("a * in a path", hint, text.index("*"), 1)
    return None


def _mistake_with_variable(text: str, what: str) -> Mistake | None:
    name, equals, values = what.partition("=")
    name = name.removesuffix("!") if equals else name
    mistake = _mistake_in_name(name, text.index(name), equals)
    if mistake is None and equals and what != text:
        hint = f"write {quote(f'{name}!={values}')}"
        mistake = Mistake("a ! before a comparison", hint, 0, 1)
    if mistake is None and values.startswith("="):
        mistake = Mistake("a second =", f"one is enough: {quote(text.replace('==', '=', 1))}", text.index("=") + 1, 1)
    return mistake or _mistake_in_values(values, len(text) - len(values))


def _mistake_in_name(name: str, start: int, equals: str) -> Mistake | None:
    if _NAME.fullmatch(name):
        return None
    expanded = _EXPANDED.fullmatch(name)
    if expanded:
        hint = f"write {expanded[1]}: a condition names the variable"
        return Mistake(f"{quote(name)} is no variable's name", hint, start, len(name))
    if equals and name != name.strip():
        return Mistake("a blank beside the =", 'write it without: "NAME=a"', start, len(name))
    if "/" in name and not equals:
        return Mistake(f"{quote(name)} is no absolute path", 'write it from the root, as in "/etc/app.conf"', start)
    return Mistake(f"{quote(name)} is no variable's name", _FORMS, start, len(name) or 1)


def _mistake_in_values(values: str, start: int) -> Mistake | None:
    for value in values.split("|"):
        if value != value.strip():
            return Mistake("a blank beside a value", 'write it without: "NAME=a|b"', start, len(value))
        if "*" in value[1:-1]:
            at = start + value.index("*", 1)
            return Mistake("a * in the middle of a value", "it stands at either end", at, 1)
        start += len(value) + 1
    return None
