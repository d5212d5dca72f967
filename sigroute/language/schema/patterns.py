"""Patterns of what stands in strings. Each matches whatever the readers take; it may match more.

ECMAScript, Rust and Python read them alike: there is no look-around, no possessive group, and no class of letters or of
blanks, which has other characters in each. And they are short, as checkers show them to people.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigroute.language.read.action_text import FORWARD_WORD, IDLE_WORD
from sigroute.language.read.durations import UNITS
from sigroute.language.read.signals import ALIASES, SENDER_KEYS, UNRECEIVABLE
from sigroute.language.read.variables import VARIABLE as VARIABLE_READ
from sigroute.pid1.names import RTMAX, RTMIN, STANDARD

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

VARIABLE = VARIABLE_READ.pattern

_BLANK = "[^!-~]"
"""What separates words: all that no word of ours is made of."""

NAME = r"[^\x00-\x2a\x2c\x2f\x3a-\x40\x5b-\x5e\x60\x7b-\x7f]+"
"""A child, a task or a group. Of ASCII that is letters, digits and `_ - . +`; other letters may be of any script."""

CLASS = "[a-z][a-z0-9_-]*"

_FIRST_OF_ACCOUNT, _OF_ACCOUNT = r"[^ \t\r\n:,/\x00-]", r"[^ \t\r\n:,/\x00]"
ACCOUNT = f"{_FIRST_OF_ACCOUNT}{_OF_ACCOUNT}*"

ABSOLUTE = f"^/|^{VARIABLE}"
"""A path from the root; what a variable is, only the start knows."""

_CONDITION_NAME = "[A-Za-z_][A-Za-z0-9_.-]*"
CONDITION = f"^(?:!?/[^*]*|!{_CONDITION_NAME}|{_CONDITION_NAME}(?:!?=(?:[^=](?:.|\\n)*)?)?)$"

ADDRESS = rf"^/|^(?:[0-9.]+|\[[0-9A-Fa-f:.]+\]):[0-9]{{1,5}}$|{VARIABLE}"

_LIMIT = "(?:[0-9]+|unlimited)"
LIMIT = f"^{_LIMIT}(?::{_LIMIT})?$"


def any_of(words: Iterable[str]) -> str:
    """Return the pattern of one of these."""
    return f"(?:{'|'.join(words)})"


def _duration() -> str:
    units = list(UNITS)
    later = {unit: "".join(f"(?:[0-9]+{each})?" for each in units[at + 1 :]) for at, unit in enumerate(units)}
    return any_of(f"[0-9]+{unit}{rest}" for unit, rest in later.items())


DURATION = _duration()

_WAIT = f"(?:[0-9]+{any_of(UNITS)})+"
"""A duration among other words, in short: its units may be in any order."""


def _between(first: int, last: int, without: Collection[int] = ()) -> str:
    """Return the pattern of numbers of two digits at most: a part for each run without a gap that begins alike."""
    runs: list[list[int]] = []
    for number in range(first, last + 1):
        if number in without:
            continue
        if runs and number % 10 and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return any_of(f"{run[0] // 10 or ''}[{run[0] % 10}-{run[-1] % 10}]" for run in runs)


def _names(without: Collection[int]) -> str:
    """Return the pattern of the names of signals."""
    numbers = STANDARD | {alias: STANDARD[name] for alias, name in ALIASES.items()}
    offset = f"0{{0,2}}{_between(0, RTMAX - RTMIN)}"
    real_time = rf"RTMIN(?:\+{offset}|-0{{1,3}})?", rf"RTMAX(?:-{offset}|\+0{{1,3}})?"
    return f"(?:SIG)?{any_of((*(name for name, number in numbers.items() if number not in without), *real_time))}"


UNSENDABLE = [number for number in UNRECEIVABLE if STANDARD["SYS"] < number < RTMIN]
"""Those that can't even be sent."""

_SENDABLE_NUMBER = _between(1, RTMAX, UNSENDABLE)
RECEIVABLE = any_of((_names(UNRECEIVABLE), _between(1, RTMAX, UNRECEIVABLE)))

REPEATED = f"^{any_of((RECEIVABLE, CLASS))}$"
"""A key of `again`."""

KEY = f"^{any_of((RECEIVABLE, CLASS))}(?:@{any_of(SENDER_KEYS)})?$"
"""A key of a table of signals. Any class may be defined, in this file or in one that a child is like."""

MEMBER = f"^[+-]?{RECEIVABLE}(?:@{any_of(SENDER_KEYS)})?$"
"""A member of a class."""


def action(alone: Iterable[str]) -> str:
    """Return the pattern of an action as a string.

    :param alone: the words that may be all of it.
    """
    wait = rf"(?:{_WAIT}|[^ ]*\$\{{[^ ]*){_BLANK}+"
    waits = f"(?:{wait})?(?:{IDLE_WORD}{_BLANK}+{wait})?"
    step = f"{waits}{any_of((FORWARD_WORD, _names(UNSENDABLE)))}(?:{_BLANK}+|$)"
    return f"^{_BLANK}*(?:{any_of((*alone, _SENDABLE_NUMBER))}{_BLANK}*|(?:{step})+)$"


WAITS = f"^{_BLANK}*(?:{DURATION}(?:{_BLANK}+|$))+$|{VARIABLE}"
"""Durations, one after the other."""
