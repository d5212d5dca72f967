"""The string form of an action, read left to right: a duration waits, ``idle`` makes it end early, a signal is sent."""

from __future__ import annotations

import re

from sigroute.language.read.durations import UNITS, OpenDuration, format_duration, is_meant_as_duration, parse_duration
from sigroute.language.read.problems import MOST, Mistake, did_you_mean, quote
from sigroute.language.read.signals import ALIASES, STOP_CLASS, parse_sendable
from sigroute.language.read.variables import by_defaults, parse_variables
from sigroute.pid1.names import STANDARD, name_of
from sigroute.pid1.plan import FORWARD, Step

FORWARD_WORD = "forward"

#: Before a duration: a wait that ends early.
IDLE_WORD = "idle"

ALONE = {
    "drop": "alone it means that nothing is sent",
    "hold": 'it is an action of its own: "hold", or { hold = "60s", else = "TERM" }',
    "ignore": "it is a value of again",
    "next": "it is a value of again",
    "repeat": "it is a value of again",
}
"""Words that are a whole value, never a step among others; each with the hint for where it is not allowed."""

SYNONYMS = {"skip": ("next", "drop"), "none": ("ignore", "drop"), "nothing": ("ignore", "drop"), "restart": ("repeat",)}
"""Words that people use for words of the language, each with what it may stand for."""

_OPERATORS = ("&&", "||", "|", ";", "&", "<", ">", ">>")
_UNIT_WORDS = (*UNITS, "sec", "secs", "second", "seconds", "min", "minutes")
_WORD = re.compile(rf"[0-9]+ +(?:{'|'.join(_UNIT_WORDS)})(?!\S)|\S+")
_DIGITS = re.compile(r"[0-9]+")


def parse_text(text: str, alone: tuple[str, ...], mistakes: list[Mistake]) -> str | tuple[Step, ...]:
    """Return the steps that a string means, or the word itself if it is one of ``ALONE``.

    :param alone: the words of ``ALONE`` that are allowed here.
    :param mistakes: gets every mistake, with its place in ``text``; if there is one, ignore the result.
    """
    words = [(found.group(), found.start()) for found in _WORD.finditer(text)]
    if not words:
        mistakes.append(Mistake("empty string", 'write "forward" to send what arrived, "drop" to send nothing'))
        return ()
    if len(words) == 1 and words[0][0] in ALONE:
        word, start = words[0]
        if word not in alone:
            mistakes.append(_misplaced(word, alone).moved(start, len(word)))
        return word
    if _is_command(words):
        hint = "write { run = [...] } for a command, its words as a list"
        mistakes.append(Mistake("a command where signals belong", hint).moved(words[0][1], len(text.strip())))
        return ()
    return _parse_chain(words, alone, mistakes)


def _is_command(words: list[tuple[str, int]]) -> bool:
    """Tell whether the words look like a program and its arguments: none is a signal or a wait, even in upper case."""
    return len(words) > 1 and not any(
        word in (*ALONE, FORWARD_WORD, IDLE_WORD)
        or _is_known(word.upper())
        or not (word.islower() or word in _OPERATORS)
        or "${" in word
        for word, _ in words
    )


def _parse_chain(words: list[tuple[str, int]], alone: tuple[str, ...], mistakes: list[Mistake]) -> tuple[Step, ...]:
    steps = []
    waits = _Waits()
    single = len(words) == 1
    for word, start in words:
        if len(mistakes) == MOST:
            break
        try:
            if word == IDLE_WORD:
                waits.begin_idle(start)
                continue
            if "${" in word or (is_meant_as_duration(word) and not (single and _DIGITS.fullmatch(word))):
                waits.add(word, start)
                continue
            signal = _parse_word(word, alone if single else ())
            steps.append(Step(wait=waits.plain, idle=waits.idle, signal=signal))
        except Mistake as wrong:
            mistakes.append(_or_commas(word, wrong).moved(start, len(word)))
        mistakes += waits.unfinished()
        waits = _Waits()
    mistakes += waits.unfinished() or waits.left_over()
    return tuple(steps)


class _Waits:
    """The waits before a signal: a plain one, then one that ends early; each may be missing."""

    def __init__(self) -> None:
        self.plain = self.idle = 0
        #: The duration before, as it is written.
        self.before = ""
        #: Where the last wait begins and ends.
        self.start = self.end = 0
        #: There is an ``idle``, and its duration is still to come.
        self.is_idle = self.is_open = False

    def begin_idle(self, start: int) -> None:
        """Read ``idle``.

        :raises Mistake: there is one already.
        """
        if self.is_idle:
            self.is_open = False
            message = "idle twice in a row"
            raise Mistake(message, "name a signal between them, or remove one")
        self.start, self.end = start, start + len(IDLE_WORD)
        self.is_idle = self.is_open = True

    def add(self, word: str, start: int) -> None:
        """Read a duration.

        :raises Mistake: it is none, or another one is right before it.
        """
        was_open, self.is_open = self.is_open, False
        milliseconds = _parse_wait(word)
        if self.before and not was_open:
            message = "two waits in a row"
            hint = f"add {self.before} and {word} up, or name a signal between them"
            raise Mistake(message, f'"{word} {IDLE_WORD} {self.before}" waits before idle' if self.is_idle else hint)
        if self.is_idle:
            self.idle, self.before, self.end = milliseconds, word, start + len(word)
        else:
            self.plain, self.before, self.start, self.end = milliseconds, word, start, start + len(word)

    def unfinished(self) -> list[Mistake]:
        """Return the mistake of an ``idle`` without its time, if there is one."""
        if not self.is_open:
            return []
        hint = 'write how long it may last: "idle 30s QUIT"'
        return [Mistake("idle without a time", hint).moved(self.start, self.end - self.start)]

    def left_over(self) -> list[Mistake]:
        """Return the mistake of waits that no signal follows, if there are any."""
        if not self.before:
            return []
        name = f"{IDLE_WORD} {self.before}" if self.is_idle else self.before
        hint = f"name the signal that follows {name}, or remove it"
        return [Mistake("a wait at the end", hint).moved(self.start, self.end - self.start)]


def _parse_wait(word: str) -> int:
    """Return the milliseconds of a wait."""
    number, space, unit = word.partition(" ")
    if space or _DIGITS.fullmatch(word):
        raise _bare_number(number, unit.strip())
    return _parse_open_wait(word) if "${" in word else parse_duration(word)


def _parse_open_wait(word: str) -> int:
    known = by_defaults(parse_variables(word))
    try:
        return OpenDuration(None if known is None else parse_duration(known), word)
    except Mistake:
        message = f"{quote(word)} is no wait"
        raise Mistake(message, 'only waits may have variables, as in "${DRAIN:-5s} QUIT"') from None


def _parse_word(word: str, alone: tuple[str, ...]) -> int:
    if word == FORWARD_WORD:
        return FORWARD
    if word in ALONE:
        message = f'"{word}" among other words'
        raise Mistake(message, ALONE[word])
    if word == STOP_CLASS:
        message = '"stop" is a class, and no signal to send'
        raise Mistake(message, 'name one, as in "TERM"')
    try:
        return parse_sendable(word)
    except Mistake as mistake:
        words = [FORWARD_WORD, IDLE_WORD, *alone]
        meant = next((each for each in SYNONYMS.get(word.lower(), ()) if each in alone), "")
        if meant:
            raise Mistake(mistake.message, f"did you mean {meant}?") from None
        near = did_you_mean(word, words) if word.islower() or word.lower() in words else ""
        raise Mistake(mistake.message, near or mistake.hint) from None


def _misplaced(word: str, alone: tuple[str, ...]) -> Mistake:
    """Return the mistake of a word of ``ALONE`` where it is not allowed."""
    if "ignore" in alone:
        hint = 'write "ignore"' if word == "drop" else 'as in "ignore", "next", "repeat", "KILL"'
        return Mistake(f'"{word}" is no value of again', hint)
    if word == "hold":
        hint = 'write it alone, as KEY = "hold", under [child.NAME.starting]'
        return Mistake('"hold" is for a child that is starting', hint)
    if word == "drop":
        return Mistake('"drop" can\'t be done here', "name what is to be sent")
    return Mistake(f'"{word}" is no action', ALONE[word])


def _bare_number(number: str, unit: str) -> Mistake:
    """Return the mistake of a number without a unit, or with a space before its unit."""
    message = f'duration without a unit: "{number[:12]}"'
    if unit:
        return Mistake(message, f"write {number}{unit if unit in UNITS else unit[0]}, without a space")
    if len(number) <= 2 and int(number) in STANDARD.values():  # noqa: PLR2004 - digits of a signal's number
        return Mistake(message, f"write {number}s to wait, {name_of(int(number))} for signal {number}")
    return Mistake(message, f"write {number[:12]}s")


def _or_commas(word: str, mistake: Mistake) -> Mistake:
    """Return the mistake, with a better hint if only commas are wrong with the word."""
    bare = re.split("[,;]+", word.strip(",;"))
    if bare not in ([word], [""]) and all(_is_known(each) for each in bare):
        return Mistake(mistake.message, "words are separated by spaces alone", mistake.start, mistake.length)
    return mistake


def _is_known(word: str) -> bool:
    return word.removeprefix("SIG") in {*STANDARD, *ALIASES} or is_meant_as_duration(word)


def format_steps(steps: tuple[Step, ...]) -> str:
    """Return steps as a string; ``drop`` if there are none."""
    words = []
    for step in steps:
        if step.wait:
            words.append(format_duration(step.wait))
        if step.idle:
            words += (IDLE_WORD, format_duration(step.idle))
        words.append(FORWARD_WORD if step.signal == FORWARD else name_of(step.signal))
    return " ".join(words) or "drop"
