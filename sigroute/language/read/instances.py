"""The reader of ``instances``, and the errors of children that have them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sigroute.language.read.problems import quote
from sigroute.language.read.reading import Reading, kind_of
from sigroute.language.read.values import format_number
from sigroute.language.read.variables import read_variables
from sigroute.pid1.entry.instances import MOST

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sigroute.language.read.model import Child
    from sigroute.language.read.path import Path

_NUMBER = re.compile(r"[0-9]{1,4}", re.ASCII)


def read_instances(reading: Reading, path: Path, value: object) -> str | None:
    """Return how many instances there are, as it is written: a number, or a string with variables."""
    hint = 'a number, or a variable, as in "${WORKERS:-2}"'
    if isinstance(value, str) and "${" in value:
        text = read_variables(reading, path, value)
        if text is None or (_NUMBER.fullmatch(text) and int(text) <= MOST):
            return value
        reading.report(path, f"{quote(text)} is no number of instances", hint)
    elif type(value) is int and 0 <= value <= MOST:
        return str(value)
    elif isinstance(value, str) and _NUMBER.fullmatch(value):
        reading.report(path, f"{kind_of(value)} where a number belongs", f"write it without quotes: {int(value)}")
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        reading.report(path, f"{format_number(value)} instances", f"a number from 0 to {MOST}")
    else:
        reading.report(path, f"{kind_of(value)} where a number belongs", hint)
    return None


def check_instances(reading: Reading, children: Sequence[Child]) -> None:
    """Report instances of the child of the command line, and names that others of them have."""
    several = {child.name: child for child in children if child.instances is not None}
    for child in children:
        if child.instances is not None and not child.command:
            hint = "the command line is for one child: give it command = [...]"
            reading.report((*child.path, "instances"), "instances of the command line", hint, on_key=True)
        name, dot, number = child.name.rpartition(".")
        if dot and number.isdigit() and name in several:
            message = f"{quote(child.name)} is the name of an instance of {name}"
            reading.report(child.path, message, "rename one of them", on_key=True, where=())
