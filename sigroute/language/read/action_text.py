"""The string form of an action, read left to right: a duration waits, a signal is sent."""

from __future__ import annotations

import re

from sigroute.language.read.durations import UNITS, OpenDuration, format_duration, is_meant_as_duration, parse_duration
from sigroute.language.read.problems import MOST, Mistake, did_you_mean, quote
from sigroute.language.read.signals import ALIASES, STOP_CLASS, parse_sendable
from sigroute.language.read.variables import by_defaults, parse_variables
from sigroute.pid1.names import STANDARD, name_of
from sigroute.pid1.plan import FORWARD, Step

FORWARD_WORD = "forward"

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
        word in (*ALONE, FORWARD_WORD)
        or _is_known(word.upper())
        or not (word.islower() or word in _OPERATORS)
        or "${" in word
        for word, _ in words
    )


def _parse_chain(words: list[tuple[str, int]], alone: tuple[str, ...], mistakes: list[Mistake]) -> tuple[Step, ...]:
    steps = []
    wait: tuple[int, str, int] | None = None  # milliseconds, word, place
    single = len(words) == 1
    for word, start in words:
        if len(mistakes) == MOST:
            break
        try:
            if "${" in word or (is_meant_as_duration(word) and not (single and _DIGITS.fullmatch(word))):
                wait = (_parse_wait(word, wait[1] if wait else ""), word, start)
                continue
            signal = _parse_word(word, alone if single else ())
            steps.append(Step(wait=wait[0] if wait else 0, signal=signal))
        except Mistake as wrong:
            mistakes.append(_or_commas(word, wrong).moved(start, len(word)))
        wait = None
    if wait is not None:
        mistake = Mistake("a wait at the end", f"name the signal that follows {wait[1]}, or remove it")
        mistakes.append(mistake.moved(wait[2], len(wait[1])))
    return tuple(steps)


def _parse_wait(word: str, before: str) -> int:
    """Return the milliseconds of a wait.

    :param before: the wait right before it, or nothing.
    """
    number, space, unit = word.partition(" ")
    if space or _DIGITS.fullmatch(word):
        raise _bare_number(number, unit.strip())
    milliseconds = _parse_open_wait(word) if "${" in word else parse_duration(word)
    if before:
        message = "two waits in a row"
        raise Mistake(message, f"add {before} and {word} up, or name a signal between them")
    return milliseconds


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
        words = [FORWARD_WORD, *alone]
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
        words.append(FORWARD_WORD if step.signal == FORWARD else name_of(step.signal))
    return " ".join(words) or "drop"
