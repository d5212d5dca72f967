"""Durations: ``250ms``, ``5s``, ``1m30s``, ``2h``."""

from __future__ import annotations

import re

from sigroute.language.read.problems import Mistake, quote

UNITS = {"h": 3_600_000, "m": 60_000, "s": 1_000, "ms": 1}
"""Milliseconds of each unit, in the order in which they are written."""

LONGEST = 365 * 24 * UNITS["h"]
"""A year. A longer duration is a slip, and the kernel's timers have an end."""

_DURATION = re.compile(r"(?:([0-9]+)h)?(?:([0-9]+)m)?(?:([0-9]+)s)?(?:([0-9]+)ms)?", re.ASCII)
_NUMBER = re.compile(r"[0-9]+", re.ASCII)
_DIGITS = 12


def is_meant_as_duration(word: str) -> bool:
    """Tell whether a word is meant as a duration: it begins as a number does."""
    return word[:1].isdigit() or (word[:1] in "+-." and word[1:2].isdigit())


def parse_duration(text: str) -> int:
    """Return a duration in milliseconds.

    :raises Mistake: the text is no duration; its hint shows one.
    """
    found = _DURATION.fullmatch(text)
    if not text or found is None:
        raise _mistake(text)
    if len(text) > _DIGITS * len(UNITS):
        raise _too_long(text)
    value = sum(int(number or 0) * unit for number, unit in zip(found.groups(), UNITS.values(), strict=True))
    if value > LONGEST:
        raise _too_long(text)
    return value


class OpenDuration(int):
    """A duration with variables: as many milliseconds as their defaults make, 0 where one has none."""

    text: str
    """As it is written."""
    known: bool
    """Every variable has a default."""

    def __new__(cls, milliseconds: int | None, text: str) -> OpenDuration:  # noqa: PYI034 - nobody inherits from it
        """Return one that is written so; None: it is unknown."""
        made = super().__new__(cls, milliseconds or 0)
        made.text, made.known = text, milliseconds is not None
        return made

    def __eq__(self, other: object) -> bool:
        return isinstance(other, OpenDuration) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __bool__(self) -> bool:
        """Tell that it may last."""
        return True


def is_no_time(milliseconds: int | None) -> bool:
    """Tell whether a duration is 0: with variables, whether their defaults make it 0."""
    if isinstance(milliseconds, OpenDuration):
        return milliseconds.known and int(milliseconds) == 0
    return milliseconds == 0


def format_duration(milliseconds: int) -> str:
    """Return the shortest text that ``parse_duration`` reads as this duration; with variables, as it is written."""
    if isinstance(milliseconds, OpenDuration):
        return milliseconds.text
    text, left = "", milliseconds
    for unit, size in UNITS.items():
        count, left = divmod(left, size)
        text += f"{count}{unit}" if count else ""
    return text or "0s"


def _too_long(text: str) -> Mistake:
    return Mistake(f"{quote(text)} is longer than a year", "at most 8760h")


def _mistake(text: str) -> Mistake:  # noqa: PLR0911 - one for each kind of mistake
    if not text:
        return Mistake("empty duration", 'write a number and its unit, as in "5s"')
    if _NUMBER.fullmatch(text):
        return Mistake(f"duration without a unit: {quote(text)}", f"write {text[:_DIGITS]}s or {text[:_DIGITS]}ms")
    message = f"{quote(text)} is no duration"
    spaceless = "".join(text.split())
    small = spaceless.lower()
    if spaceless != text and _DURATION.fullmatch(small):
        return Mistake(message, f"write it without a space: {small}")
    if text != small and _DURATION.fullmatch(small):
        return Mistake(message, f"units are in lower case: {small}")
    spelt = _respell(small)
    if spelt is not None:
        return Mistake(message, f"write {spelt}")
    if re.fullmatch(r"[0-9]{1,2}:[0-9]{2}(:[0-9]{2})?", text):
        return Mistake(f"{quote(text)} is a time of day, no duration", 'write a number and its unit, as in "25s"')
    if text.startswith("-"):
        return Mistake(message, "no wait is shorter than 0s")
    return Mistake(message, "the units are h, m, s and ms, in this order: 2h, 1m30s, 5s, 250ms")


def _respell(text: str) -> str | None:
    """Return the duration that ``1.5s``, ``5sec``, ``2 minutes`` or ``1d`` means, or None for anything else."""
    found = re.fullmatch(r"([0-9]{1,9})(?:[.,]([0-9]{1,3}))?\s*([a-zµ]+)", text)
    if found is None:
        return None
    whole, part, word = found.groups()
    names = {
        "d": 24 * UNITS["h"], "day": 24 * UNITS["h"], "days": 24 * UNITS["h"],
        "h": UNITS["h"], "hr": UNITS["h"], "hrs": UNITS["h"], "hour": UNITS["h"], "hours": UNITS["h"],
        "m": UNITS["m"], "min": UNITS["m"], "mins": UNITS["m"], "minute": UNITS["m"], "minutes": UNITS["m"],
        "s": UNITS["s"], "sec": UNITS["s"], "secs": UNITS["s"], "second": UNITS["s"], "seconds": UNITS["s"],
        "ms": 1, "msec": 1, "millis": 1, "milliseconds": 1,
    }  # fmt: skip
    if word not in names:
        return None
    size = names[word]
    value = int(whole) * size + int((part or "0").ljust(3, "0")) * size // 1000
    return format_duration(value) if value <= LONGEST else None
