"""Reads the lines of ``--log json``: as they are, or among others, as ``docker logs`` has them.

A container that was restarted has several runs in one log. A run ends with ``exit``; if PID 1 was killed, there is
none, and the next run begins when a child that has not ended is started again. Where lines have prefixes, as those of
several containers have, each prefix has runs of its own.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import attrs

from sigroute.pid1.log.messages import MESSAGES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sigroute.timeline.model import Line

#: What each line has beside the fields of its event.
HEAD = ("time", "level", "event")

#: Fields that are numbers, and the least and the largest that they may be.
NUMBERS = ("pid", "uid", "status", "number", "wait")
LEAST, MOST = -(1 << 31), 1 << 40

#: Lines by which a child's process has ended.
ENDED = ("exited", "killed", "not-started", "start-later")

#: What differs between the prefixes of two lines of one source: times, and colours of a terminal.
_VARIES = re.compile(r"\x1b\[[0-9;]*m|\d{4}-\d\d-\d\d[T ][0-9:.,+Z-]+")


@attrs.define
class Run:
    """One run in a log."""

    began: int
    """Milliseconds since 1970."""
    source: str
    """What is before its lines: the name of a container, for example."""
    lines: list[Line] = attrs.field(factory=list)
    """Its lines, with times from its beginning on."""
    went_back: bool = False
    """The clock was set back while it ran: times are wrong."""
    over: bool = False
    _alive: set[str | int] = attrs.field(factory=set)

    def may_take(self, line: Line) -> bool:
        """Tell whether a line may be of this run."""
        _, name, fields = line
        return not self.over and not (name == "started" and fields.get("child", "") in self._alive)

    def take(self, line: Line) -> None:
        """Add a line."""
        now, name, fields = line
        last = self.lines[-1][0] if self.lines else 0
        self.went_back |= now - self.began < last
        self.lines.append((max(now - self.began, last), name, fields))
        self.over = name == "exit"
        if name == "started":
            self._alive.add(fields["child"])
        elif name in ENDED:
            self._alive.discard(fields["child"])

    def beginning(self) -> str:
        """Return when it began, in UTC."""
        return datetime.fromtimestamp(self.began / 1_000, UTC).isoformat(" ", "seconds").removesuffix("+00:00")


def runs(lines: Iterable[str]) -> list[Run]:
    """Return the runs that a log tells of, in the order in which they begin."""
    found: list[Run] = []
    last: dict[str, Run] = {}
    for each in lines:
        got = parsed(each)
        if got is None:
            continue
        source, line = got
        if source not in last or not last[source].may_take(line):
            last[source] = Run(line[0], source)
            found.append(last[source])
        last[source].take(line)
    return found


def parsed(text: str) -> tuple[str, Line] | None:
    """Return a line of the log with what is before it, and with the milliseconds since 1970; None: it is another text.

    Before it, there may be what ``docker logs -t`` or ``kubectl logs --prefix`` writes. The files in which Docker keeps
    logs have each line as a field of another object.
    """
    try:
        begin = text.index("{")
        made, _ = json.JSONDecoder().raw_decode(text, begin)
        if isinstance(made.get("log"), str) and "event" not in made:
            return parsed(made["log"])
        head = [made.pop(key) for key in HEAD]
        now = round(datetime.fromisoformat(head[0]).timestamp() * 1_000)
        whole = complete(head[2], made)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        return None
    return (_VARIES.sub("", text[:begin]).strip(" |\t"), (now, head[2], made)) if whole else None


def complete(name: object, fields: dict[str, object]) -> bool:
    """Tell whether these are the fields of an event, so that its text can be made."""
    if not isinstance(name, str) or name not in MESSAGES:
        return False
    try:
        MESSAGES[name][1].format_map(fields)
    except KeyError:
        return False
    return all(
        type(value) is int and LEAST < value < MOST if field in NUMBERS else isinstance(value, str)
        for field, value in fields.items()
    )
