"""A model of a child: what it does when it is started, and when a signal reaches it.

It is written as words with commas between them, ``exits:3s,ready:2s``; WORDS has them all. A modelled child handles
every signal. So the protection of the default for a child without a handler never applies to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from sigroute.language import Mistake, did_you_mean, parse_duration, parse_signal, quote
from sigroute.pid1.names import STANDARD

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sigroute.pid1.plan import ChildPlan

#: The word for a time that never comes.
NEVER = "never"

MOST_CODE = 255


@attrs.frozen
class Model:
    """What one child does. Times are in milliseconds; None: never."""

    exits: int | None = 0
    """How long it lives after the signal that asks it to exit."""
    at_last: bool = True
    """That signal is the last one of its action; false: the first one."""
    ignores: frozenset[int] = frozenset()
    """The signals that are no such request, whatever its rules send."""
    code: int = 0
    """Its exit code after such a request."""
    starting: int | None = 0
    """How long after its start it becomes its program."""
    ready: int | None = 0
    """How long after its start it is ready, by whatever its rules look at."""
    ends: int | None = None
    """How long after its start it exits by itself."""
    end_code: int = 0
    """Its exit code then."""
    ends_in_stop: bool = True
    """It does so in a stop, too; false: there it goes on until a signal asks it to exit."""
    run: int | None = 0
    """How long each command of its actions takes."""
    run_code: int = 0
    """The exit code of these commands."""
    busy: int | None = 0
    """How long its connections are busy once an idle wait looks at them."""
    tree: int | None = 0
    """How long its tree goes on after it, where that is waited for (``exited = "tree"``)."""
    leaves: bool = False
    """It starts a daemon, which outlives it: nobody waits for that before the drain."""
    left: int | None = 0
    """How long that takes to exit after TERM."""


#: What is true of a child, and of a task, if nothing is said: a child lives until its last signal, a task does its work
#: at once.
CHILD, TASK = Model(), Model(ends=0)


def _time(text: str) -> int | None:
    return None if text == NEVER else parse_duration(text)


def _code(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > MOST_CODE:
        message = f"{quote(text)} is no exit code"
        raise Mistake(message, f"a number up to {MOST_CODE}")
    return int(text)


def _ignored(text: str) -> int:
    number = parse_signal(text)
    if number in (STANDARD["KILL"], STANDARD["STOP"]):
        message = f"no process can ignore {quote(text)}"
        raise Mistake(message, "leave it out")
    return number


def _run(model: Model, text: str) -> Model:
    if text == "fails":
        return attrs.evolve(model, run=0, run_code=1)
    return attrs.evolve(model, run=_time(text), run_code=0)


#: By word: what its value is called in a help text, what it means, and the model that its value makes of another.
WORDS: Mapping[str, tuple[str, str, Callable[[Model, str], Model]]] = {
    "exits": (
        "TIME",
        "exits TIME after the first signal that asks it to",
        lambda model, text: attrs.evolve(model, exits=_time(text), at_last=False),
    ),
    "ignores": (
        "SIGNAL",
        "goes on after this signal; may be repeated",
        lambda model, text: attrs.evolve(model, ignores=model.ignores | {_ignored(text)}),
    ),
    "code": (
        "N",
        "its exit code after such a signal (default: 0)",
        lambda model, text: attrs.evolve(model, code=_code(text)),
    ),
    "starting": (
        "TIME",
        "becomes its program TIME after its start",
        lambda model, text: attrs.evolve(model, starting=_time(text)),
    ),
    "ready": ("TIME", "is ready TIME after its start", lambda model, text: attrs.evolve(model, ready=_time(text))),
    "ends": (
        "TIME",
        "exits by itself TIME after its start",
        lambda model, text: attrs.evolve(model, ends=_time(text), end_code=0),
    ),
    "crashes": (
        "TIME",
        "the same, with code 1",
        lambda model, text: attrs.evolve(model, ends=_time(text), end_code=1),
    ),
    "run": ("TIME|fails", "its actions' commands take TIME, or fail at once", _run),
    "busy": (
        "TIME",
        "its connections are busy for TIME, once an idle wait looks",
        lambda model, text: attrs.evolve(model, busy=_time(text)),
    ),
    "tree": ("TIME", "its tree goes on for TIME after it", lambda model, text: attrs.evolve(model, tree=_time(text))),
    "leaves": (
        "TIME",
        "leaves a daemon behind, which exits TIME after TERM",
        lambda model, text: attrs.evolve(model, leaves=True, left=_time(text)),
    ),
}


def changed(model: Model, text: str) -> Model:
    """Return a model that these words change.

    :raises Mistake: a word or its value is wrong.
    """
    for each in text.split(","):
        word, colon, value = each.partition(":")
        if each == NEVER:
            model = attrs.evolve(model, exits=None, at_last=False)
            continue
        if word not in WORDS:
            message = f"unknown word {quote(word)}"
            known = ", ".join((*WORDS, NEVER))
            raise Mistake(message, did_you_mean(word, [*WORDS, NEVER]) or f"the words are {known}")
        argument, _, change = WORDS[word]
        if not colon:
            message = f"{quote(word)} needs a value"
            raise Mistake(message, f"write {word}:{argument}")
        model = change(model, value)
    return model


def names_of(programs: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names of a process that runs one of these programs."""
    return tuple(each.rstrip("*") for each in programs)


def never_up(model: Model, rules: ChildPlan) -> bool:
    """Tell whether a child by its model never becomes its program, is never ready or, a task, never done."""
    if rules.task is not None:
        return model.ends is None and rules.task.timeout is None
    if rules.ready is None:
        return bool(rules.program) and rules.needed and model.starting is None
    return model.ready is None and rules.ready.after is None and rules.ready.within is None
