"""Reads the lines of ``--log json``: as they are, or among others, as ``docker logs`` has them.

A container that was restarted has several runs in one log. A run ends with ``exit``; if PID 1 was killed, there is
none, and the next run begins as a child is started that has not ended.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING

from sigroute.pid1.log.messages import MESSAGES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sigroute.timeline.model import Line

#: What each line has beside the fields of its event.
HEAD = ("time", "level", "event")

#: Lines by which a child's process has ended.
ENDED = ("exited", "killed", "not-started", "start-later")


def runs(lines: Iterable[str]) -> list[list[Line]]:
    """Return the runs that a log tells of, each with times from its own beginning on."""
    found: list[list[Line]] = []
    alive: set[str | int] = set()
    over, began = True, 0
    for each in lines:
        line = parsed(each)
        if line is None:
            continue
        now, name, fields = line
        child = fields.get("child", "")
        if over or (name == "started" and child in alive):
            found.append([])
            alive, began = set(), now
        over = name == "exit"
        if name == "started":
            alive.add(child)
        elif name in ENDED:
            alive.discard(child)
        found[-1].append((max(now - began, 0), name, fields))
    return found


def parsed(text: str) -> Line | None:
    """Return a line of the log, with the milliseconds since 1970; None: the text is something else.

    What is before the object is passed over: a prefix of ``docker logs -t``, of ``kubectl logs --prefix``.
    """
    try:
        made = json.loads(text[text.index("{") :])
        head = [made.pop(key) for key in HEAD]
        now = round(datetime.fromisoformat(head[0]).timestamp() * 1_000)
        whole = isinstance(made, dict) and complete(head[2], made)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        return None
    return (now, head[2], made) if whole else None


def complete(name: object, fields: dict[str, object]) -> bool:
    """Tell whether these are the fields of an event, so that its text can be made."""
    if not isinstance(name, str) or name not in MESSAGES:
        return False
    try:
        MESSAGES[name][1].format_map(fields)
    except KeyError:
        return False
    return all(isinstance(value, str | int) and not isinstance(value, bool) for value in fields.values())
