"""From what was told and measured on one side to what is shown of it: no clock, no process."""

from __future__ import annotations

import math
import signal
from datetime import datetime
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sigroute.demo.lines import Line

#: How many lines the requests that end get in a timeline, at most.
MILESTONES = 4


@attrs.frozen
class Event:
    """A line of the timeline."""

    at: float
    """Seconds since TERM."""
    text: str


@attrs.frozen
class Side:
    """One of the two that are compared."""

    name: str
    events: tuple[Event, ...]
    requests: int
    lost: int
    zombies: int | None
    seconds: float
    code: int


@attrs.frozen
class Evidence:
    """What was seen on one side: what was told, by whom, and how each request ended (when, and if whole)."""

    place: Sequence[Line]
    server: Sequence[Line]
    log: Sequence[Line]
    requests: Sequence[tuple[float, bool]]
    zombies: int | None
    stopped: float
    """When TERM was sent, by the monotonic clock."""
    stopped_on_wall: float


def tell(name: str, who: str, seen: Evidence) -> Side:
    """Return one side as it is shown; *who* is what the init is called."""
    ended = next(line for line in seen.place if line["event"] == "ended")
    ends = sorted((at - seen.stopped, whole) for at, whole in seen.requests)
    events = [
        Event(0.0, f"TERM arrives at {who}"),
        *of_log(seen),
        *of_server(seen),
        *of_requests(ends),
        Event(ended["at"] - seen.stopped, f"{who} ends, exit code {ended['code']}"),
    ]
    return Side(
        name=name,
        events=tuple(sorted(events, key=lambda event: event.at)),
        requests=len(ends),
        lost=sum(not whole for _, whole in ends),
        zombies=seen.zombies,
        seconds=ended["at"] - seen.stopped,
        code=ended["code"],
    )


def of_log(seen: Evidence) -> Iterator[Event]:
    """Tell what sigroute did, from its own log.

    Its time is in whole milliseconds and taken after the deed: it is moved to where it must have
    been, after TERM came and before the server knew.
    """
    known = min([line["at"] - seen.stopped for line in seen.server if line["event"] == "stop"], default=math.inf)
    for line in seen.log:
        at = max(0.0, datetime.fromisoformat(line["time"]).timestamp() - seen.stopped_on_wall)
        if line["event"] == "sent":
            yield Event(min(at, known), f"the rule says: send {line['signal']}")
        elif line["event"] in ("exited", "killed") and "child" in line:
            yield Event(at, "the server has ended, is reaped")


def of_server(seen: Evidence) -> Iterator[Event]:
    """Tell what the server did."""
    for line in seen.server:
        at = line["at"] - seen.stopped
        if line["event"] == "stop":
            name = signal.Signals(line["signal"]).name.removeprefix("SIG")
            does = "ends at once" if name == "TERM" else "finishes"
            yield Event(at, f"the server gets {name}, {does}")


def of_requests(ends: Sequence[tuple[float, bool]]) -> Iterator[Event]:
    """Tell how many requests were answered, in a few lines, and how many were cut off, in one."""
    whole = [at for at, whole in ends if whole]
    cut = [at for at, whole in ends if not whole]
    for number in sorted({-(-len(whole) * part // MILESTONES) for part in range(1, MILESTONES + 1)} - {0}):
        yield Event(whole[number - 1], f"requests answered: {number} of {len(ends)}")
    if cut:
        yield Event(cut[-1], f"requests cut off: {len(cut)} of {len(ends)}")
