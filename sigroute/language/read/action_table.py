"""Readers of actions, in both forms: a string, or a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sigroute.language.read.action_text import parse_text
from sigroute.language.read.actions import AGAIN, SCOPES, Action
from sigroute.language.read.durations import is_no_time
from sigroute.language.read.fields import keys_of
from sigroute.language.read.keys import Reader, read_keys
from sigroute.language.read.problems import Mistake
from sigroute.language.read.reading import Reading, kind_of
from sigroute.language.read.signals import parse_key
from sigroute.language.read.values import read_after, read_choice, read_command, read_duration
from sigroute.pid1.names import name_of
from sigroute.pid1.plan import FORWARD, Step

if TYPE_CHECKING:
    from sigroute.language.read.path import Path

#: Stands for an action with an error, so that nobody complains of a missing one as well.
UNKNOWN = Action(send=(Step(wait=0, signal=FORWARD),))


def read_action(  # noqa: PLR0913 - a value, its place, and where that is
    reading: Reading, path: Path, value: object, *, stop: bool | None, starting: bool, task: bool = False
) -> Action:
    """Return an action, written as a string or as a table.

    :param stop: whether its key is of class stop; None: unknown, as the key has an error.
    :param starting: whether it is for a child that is starting.
    :param task: whether it is for a task.
    """
    alone = ("drop", "hold") if starting or task else ("drop",)
    if not isinstance(value, dict):
        return Action(send=_read_text(reading, path, value, alone))
    count = len(reading.findings)
    action = read_keys(reading, path, value, Action, READERS, {})
    wrong = {str(finding.path[len(path)]) for finding in reading.findings[count:] if finding.path[: len(path)] == path}
    _check(reading, path, value, action, wrong, stop=stop, starting=starting, task=task)
    return action if len(reading.findings) == count else UNKNOWN


def _check(  # noqa: C901, PLR0913 - a check for each pair of keys, and everything that one may depend on
    reading: Reading,
    path: Path,
    value: dict[str, Any],
    action: Action,
    wrong: set[str],
    *,
    stop: bool | None,
    starting: bool,
    task: bool,
) -> None:
    """Report keys of an action that do not fit together.

    A key with an error is not judged further. An unknown key may be a misspelling of any key that is missing.
    """
    missing = set() if wrong - keys_of(Action).keys() else keys_of(Action).keys() - value.keys()
    if "hold" in value:
        _check_hold(reading, path, value, missing, starting=starting, task=task)
        return
    if {"send", "run"} <= missing:
        reading.report(path, "nothing to send", 'add send = "forward", or what is to be sent')
    if action.do == "drop" and len(value) > 1:
        reading.report((*path, "send"), '"drop" beside other keys', 'write "drop" alone, or what is to be sent')
    if "after" in value and stop is False:
        hint = "stop, and signals of that class, end the children that others wait for"
        reading.report((*path, "after"), "after outside a stop action", hint, on_key=True)
    for name in ("timeout", "else"):
        if name in value and "run" in missing:
            hint = "it is what follows when run fails" if name == "else" else "it is how long run may take"
            reading.report((*path, name), f"{name} without run", hint, on_key=True)
    if "run" in value and stop:
        if "else" in value and not action.else_steps and "else" not in wrong:
            reading.report((*path, "else"), "a stop that sends nothing when run fails", 'as in "TERM 30s KILL"')
        if {"else", "send"} <= missing:
            hint = 'add else = "TERM", done when run fails: the child would never be told'
            reading.report((*path, "run"), "run without send or else in a stop action", hint, on_key=True)
    if is_no_time(action.timeout) and "timeout" not in wrong:
        reading.report((*path, "timeout"), "no time for run", "write how long it may take")


def _check_hold(  # noqa: PLR0913 - a table, its place, and where that is
    reading: Reading, path: Path, value: dict[str, Any], missing: set[str], *, starting: bool, task: bool
) -> None:
    if not (starting or task):
        hint = "it is for a child that is starting: [child.NAME.starting]"
        reading.report((*path, "hold"), "hold for a child that runs its program", hint, on_key=True)
    for name in value:
        beside = ("else", "scope", "again") if task else ("else", "scope")
        if name not in ("hold", *beside) and name in keys_of(Action):
            hint = f"only {', '.join(beside[:-1])} and {beside[-1]} go with it"
            reading.report((*path, name), f"{name} beside hold", hint, on_key=True)
    if "else" in missing:
        hint = 'add else = "TERM", sent when that time is over, or write "hold" alone'
        reading.report((*path, "hold"), "hold with a time and without else", hint, on_key=True)
    elif value.get("else") == "drop":
        reading.report((*path, "else"), '"drop" after a hold', "name what is to be sent when its time is over")


def _read_text(reading: Reading, path: Path, value: object, alone: tuple[str, ...]) -> str | tuple[Step, ...]:
    if type(value) is int and abs(value) < 10**9:
        value, in_string = str(value), False
    elif not isinstance(value, str):
        what, hint = "an action", 'as in "QUIT", "5s QUIT 10s TERM", "forward", "drop"'
        if alone is AGAIN:
            what, hint = "a value of again", 'as in "ignore", "next", "repeat", "KILL", { INT = "KILL" }'
        reading.report(path, f"{kind_of(value)} where {what} belongs", hint)
        return UNKNOWN.steps
    else:
        in_string = True
        reading.expanded.add(path)  # its waits may have variables
    mistakes: list[Mistake] = []
    result = parse_text(value, alone, mistakes)
    for mistake in mistakes:
        if in_string:
            reading.mistake(path, mistake)
        else:
            reading.report(path, mistake.message, mistake.hint)
    return UNKNOWN.steps if mistakes else result


def read_send(reading: Reading, path: Path, value: object) -> str | tuple[Step, ...]:
    """Return the value of ``send`` or ``else``."""
    return _read_text(reading, path, value, ("drop",))


def read_hold(reading: Reading, path: Path, value: object) -> int | None:
    """Return how long ``hold`` lasts, in milliseconds."""
    if isinstance(value, bool):
        reading.report(
            path, f"{kind_of(value)} for a duration", 'write "hold" alone to keep it until the child runs its program'
        )
        return 0
    return read_duration(reading, path, value)


def read_again(
    reading: Reading, path: Path, value: object
) -> str | tuple[Step, ...] | dict[int, str | tuple[Step, ...]]:
    """Return what a repeat does: for every signal, or by signal."""
    if not isinstance(value, dict):
        return _read_text(reading, path, value, AGAIN)
    found: dict[int, str | tuple[Step, ...]] = {}
    if not value:
        reading.report(path, "empty table", 'as in { INT = "KILL", TERM = "next" }')
    in_class: dict[int, str | tuple[Step, ...]] = {}
    for name, each in value.items():
        here = (*path, name)
        how = _read_text(reading, here, each, AGAIN)
        try:
            key = parse_key(name, reading.signals.classes)
        except Mistake as mistake:
            reading.mistake(here, mistake, on_key=True)
            continue
        if key.sender:
            hint = f"write {name.partition('@')[0]}: a repeat counts whoever sent it"
            reading.report(here, "a sender", hint, on_key=True)
        if key.signals & set(found) and not key.is_class:
            reading.report(here, f"{name} is named twice", f"keep {name_of(min(key.signals))}", on_key=True)
        (in_class if key.is_class else found).update(dict.fromkeys(key.signals, how))
    return {**in_class, **found}


def _read_scope(reading: Reading, path: Path, value: object) -> str:
    return read_choice(reading, path, value, SCOPES)


READERS: dict[str, Reader] = {
    "send": read_send,
    "else": read_send,
    "after": read_after,
    "command": read_command,
    "duration": read_duration,
    "scope": _read_scope,
    "again": read_again,
    "hold": read_hold,
}
"""By kind of key."""
