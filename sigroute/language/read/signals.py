"""Names of signals in rule files, and keys of signal tables: a signal or a class, and perhaps a sender."""

from __future__ import annotations

import re
import signal

import attrs

from sigroute.language.read.problems import Mistake, did_you_mean, quote
from sigroute.pid1.names import RTMAX, RTMIN, STANDARD, name_of
from sigroute.pid1.plan import SENDERS

ALIASES = {"IOT": "ABRT", "POLL": "IO", "CLD": "CHLD"}
"""Other names of the same numbers (signal(7))."""

STOP_CLASS = "stop"
"""The class that is built in."""

STOP_SIGNALS = (*(STANDARD[name] for name in ("TERM", "INT", "QUIT", "PWR")), RTMIN + 3)
"""Its signals, unless ``[signals]`` says otherwise. Container runtimes send RTMIN+3 to systemd."""

SENDER_KEYS = tuple(sender for sender in SENDERS if sender != "sigroute")
"""The names that may follow the ``@`` of a key."""

UNRECEIVABLE = {
    STANDARD["KILL"]: "the kernel ends a process without asking it",
    STANDARD["STOP"]: "the kernel stops a process without asking it",
    STANDARD["CHLD"]: "it is how the kernel tells that a child has exited",
    32: "the C library keeps it for its threads",
    33: "the C library keeps it for its threads",
}
"""Signals that can't be keys, each with the reason."""

_REAL_TIME = re.compile(r"RT(MIN|MAX)(?:([+-])([0-9]{1,3}))?", re.ASCII)
_NUMBER = re.compile(r"[1-9][0-9]?", re.ASCII)
_DECIMAL = re.compile(r"[+-]?[0-9]{1,9}", re.ASCII)
_CLASS = re.compile(r"[a-z][a-z0-9_-]*", re.ASCII)


@attrs.frozen(repr=False)
class Key:
    """The key of an entry: the signals it is for, and their sender."""

    text: str
    """As it is written."""
    word: str
    """The part before the ``@``: a signal or a class."""
    signals: frozenset[int]
    """The signals it names: one, or those of a class."""
    is_class: bool = False
    sender: str | None = None
    """One of ``SENDER_KEYS``; None: every sender."""


def parse_signal(text: str) -> int:
    """Return the number of a signal, written as ``TERM``, ``SIGTERM``, ``15``, ``RTMIN+3`` or ``RTMAX-1``.

    :raises Mistake: there is none of that name.
    """
    number = _number(text)
    if number is None:
        message = f"unknown signal {quote(text)}"
        raise Mistake(message, _hint(text))
    return number


def parse_stopsignal(text: str) -> int:
    """Return the number of a STOPSIGNAL, in any form that Docker takes: ``sigquit``, ``Quit``, ``3``, ``+03``.

    Docker reads a number as Go's ``strconv.Atoi`` does, and takes a name in any case, with SIG or without (ParseSignal
    in github.com/moby/sys/signal).

    :raises Mistake: there is none of that name.
    """
    try:
        return parse_signal(str(int(text)) if _DECIMAL.fullmatch(text) else text.upper())
    except Mistake:
        return parse_signal(text)  # its message quotes the text as it was written


def parse_sendable(text: str) -> int:
    """Return the number of a signal that a rule may send.

    :raises Mistake: there is none of that name, or the C library reserves it.
    """
    number = parse_signal(text)
    if STANDARD["SYS"] < number < RTMIN:
        message = f"{number} can't be sent"
        raise Mistake(message, f"{UNRECEIVABLE[number]}; the first one for programs is RTMIN, 34")
    return number


def parse_key(text: str, classes: dict[str, frozenset[int]]) -> Key:
    """Return the key of a signal table.

    :param classes: the signals of each class, by name.
    :raises Mistake: it names no signal that can arrive and no class, or no sender.
    """
    word, sender = part_sender(text)
    if word in classes:
        return Key(text, word, classes[word], is_class=True, sender=sender)
    number = _number(word)
    if number is None:
        if _number(word.upper()) in UNRECEIVABLE and word.lower() not in classes:
            raise unreceivable(_number(word.upper()) or 0).moved(0, len(word))
        what = "class" if is_class_name(word) and _number(word.upper()) is None else "signal"
        message = f"unknown {what} {quote(word)}"
        raise Mistake(message, _hint(word, tuple(classes)), 0, len(word))
    if number in UNRECEIVABLE:
        raise unreceivable(number).moved(0, len(word))
    return Key(text, word, frozenset([number]), sender=sender)


def part_sender(text: str) -> tuple[str, str | None]:
    """Return the part before an ``@``, and the sender after it, if there is one.

    :raises Mistake: there is no sender of this name.
    """
    word, at, sender = text.partition("@")
    if at and sender not in SENDER_KEYS:
        hint = did_you_mean(sender, list(SENDER_KEYS)) if sender else ""
        known = ", ".join(SENDER_KEYS)
        message = f"unknown sender {quote(sender)}"
        raise Mistake(message, hint or f"a sender is one of {known}", len(word) + 1)
    return word, sender or None


def unreceivable(number: int) -> Mistake:
    """Return the mistake of a key that is in ``UNRECEIVABLE``."""
    return Mistake(f"{name_of(number)} can't be received", f"{UNRECEIVABLE[number]}: remove it")


def is_class_name(text: str) -> bool:
    """Tell whether a text could be the name of a class."""
    return _CLASS.fullmatch(text) is not None


def _number(text: str) -> int | None:
    if _NUMBER.fullmatch(text):
        return int(text) if int(text) <= RTMAX else None
    name = text.removeprefix("SIG")
    if name in STANDARD:
        return STANDARD[name]
    if name in ALIASES:
        return STANDARD[ALIASES[name]]
    found = _REAL_TIME.fullmatch(name)
    if found is None:
        return None
    base = RTMIN if found[1] == "MIN" else RTMAX
    number = base + int((found[2] or "+") + (found[3] or "0"))
    return number if RTMIN <= number <= RTMAX else None


def _hint(text: str, classes: tuple[str, ...] = ()) -> str:
    """Return a hint for a word that is no signal."""
    upper = text.upper().strip()
    if text.lower() in classes:
        return f"did you mean {text.lower()}?"
    if _number(upper) is not None:
        return f"did you mean {upper.removeprefix('SIG')}?"
    if _REAL_TIME.fullmatch(upper.removeprefix("SIG")):
        return f"the real-time signals are RTMIN ({RTMIN}) to RTMIN+{RTMAX - RTMIN} ({RTMAX})"
    if upper.lstrip("+-").isdigit():
        return f"a number is from 1 to {RTMAX}"
    names = [name for name, number in STANDARD.items() if not classes or number not in UNRECEIVABLE]
    hint = did_you_mean(upper.removeprefix("SIG"), [*names, "RTMIN", "RTMAX"])
    near = did_you_mean(text, list(classes)) if is_class_name(text) and classes else ""
    return near or hint or ("a class is defined in [signals]" if classes else "kill -l lists the names")


def is_musl() -> bool:
    """Tell whether the C library is musl: it reserves signal 34, which is glibc's SIGRTMIN."""
    return signal.SIGRTMIN != RTMIN


def is_signal_or_class(text: str, classes: dict[str, frozenset[int]]) -> bool:
    """Tell whether a text could be the key of a signal table."""
    word = text.partition("@")[0]
    return word in classes or _number(word) is not None
