"""The string form of an action, read left to right: a duration waits, a signal is sent."""

from __future__ import annotations

import re

from sigroute.language.durations import UNITS, looks_like, parse_duration, spell_duration
from sigroute.language.problems import Mistake
from sigroute.language.signals import ALIASES, STOP, parse_sendable
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
"""Words that are a whole value and no part of a chain, each with what to say of it where it can't be."""

_WORD = re.compile(r"\S+")
_UNIT_WORDS = frozenset([*UNITS, "sec", "secs", "second", "seconds", "min", "minutes"])


def parse_text(text: str, alone: tuple[str, ...], mistakes: list[Mistake]) -> str | tuple[Step, ...]:
    """Return the steps that a string means, or the word itself where it is one that stands alone.

    :param alone: which of the words of ``ALONE`` are right here.
    :param mistakes: gets all that is wrong, each with its place within ``text``; what is returned then is of no use.
    """
    words = [(found.group(), found.start()) for found in _WORD.finditer(text)]
    if not words:
        mistakes.append(Mistake("empty string", 'write "forward" to send what arrived, "drop" to send nothing'))
        return ()
    if len(words) == 1 and words[0][0] in ALONE:
        word, start = words[0]
        if word not in alone:
            mistakes.append(_stray(word, alone).moved(start, len(word)))
        return word
    return _parse_chain(words, mistakes)


def _parse_chain(words: list[tuple[str, int]], mistakes: list[Mistake]) -> tuple[Step, ...]:
    steps = []
    wait: tuple[int, str, int] | None = None  # its milliseconds, word and place
    skip = False
    for index, (word, start) in enumerate(words):
        if skip:
            skip = False
            continue
        following = words[index + 1][0] if index + 1 < len(words) else ""
        try:
            if word.isdigit() and len(words) > 1:
                skip = following in _UNIT_WORDS
                raise _bare_number(word, following)
            if looks_like(word) and not word.isdigit():
                milliseconds = parse_duration(word)
                if wait is not None:
                    raise Mistake(f"two waits in a row: {wait[1]} {word}", "add them up, or name a signal between them")
                wait = (milliseconds, word, start)
                continue
            signal = _parse_word(word)
        except Mistake as wrong:
            length = words[index + 1][1] + len(following) - start if skip else len(word)
            mistakes.append(_clean(word, wrong).moved(start, length))
            wait = None
            continue
        steps.append(Step(wait=wait[0] if wait else 0, signal=signal))
        wait = None
    if wait is not None:
        mistake = Mistake(
            f"a wait at the end: {wait[1]} leads to nothing", "name the signal that follows, or remove it"
        )
        mistakes.append(mistake.moved(wait[2], len(wait[1])))
    return tuple(steps)


def _parse_word(word: str) -> int:
    if word == FORWARD_WORD:
        return FORWARD
    if word in ALONE:
        raise Mistake(f'"{word}" among other words', ALONE[word])
    if word == STOP:
        raise Mistake('"stop" is a class, and no signal to send', 'name one, as in "TERM"')
    return parse_sendable(word)


def _stray(word: str, alone: tuple[str, ...]) -> Mistake:
    """Return what is wrong with a word that stands alone where it may not."""
    if "ignore" in alone and word == "drop":
        return Mistake('"drop" is no value of again', 'write "ignore"')
    if word == "hold":
        return Mistake('"hold" is for a child that is starting', "write it under [child.NAME.starting]")
    if word == "drop":
        return Mistake('"drop" can\'t be done here', "name what is to be sent")
    return Mistake(f'"{word}" is no action', ALONE[word])


def _bare_number(word: str, following: str) -> Mistake:
    message = f'duration without a unit: "{word}"'
    if following in _UNIT_WORDS:
        return Mistake(message, f"write {word}{following[0] if following not in UNITS else following}, without a space")
    if len(word) <= 2 and int(word) and _is_standard(int(word)):  # noqa: PLR2004 - what could be a signal's number
        return Mistake(message, f"write {word}s to wait, {name_of(int(word))} for signal {word}")
    return Mistake(message, f"write {word}s" if len(word) < 10 else "durations are like 5s, 250ms, 1m30s")  # noqa: PLR2004


def _is_standard(number: int) -> bool:
    return number in STANDARD.values()


def _clean(word: str, mistake: Mistake) -> Mistake:
    """Return the mistake, with the better hint where a word is right but for its commas."""
    bare = word.strip(",;")
    if bare not in (word, "") and (bare.removeprefix("SIG") in {*STANDARD, *ALIASES} or looks_like(bare)):
        return Mistake(mistake.message, "words are separated by spaces alone", mistake.start, mistake.length)
    return mistake


def spell_steps(steps: tuple[Step, ...]) -> str:
    """Return the string form of steps; ``drop`` for none."""
    words = []
    for step in steps:
        if step.wait:
            words.append(spell_duration(step.wait))
        words.append(FORWARD_WORD if step.signal == FORWARD else name_of(step.signal))
    return " ".join(words) or "drop"
