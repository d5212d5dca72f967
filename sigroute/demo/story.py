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

#: What sigroute's log calls a signal to a child's own process, and to one below it.
SENT = ("sent", "sent-member")

#: How many lines the requests that end get in a timeline, at most.
MILESTONES = 2


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


@attrs.frozen
class Evidence:
    """What was seen on one side: what was told, by whom, and how each request ended (when, and if whole)."""

    place: Sequence[Line]
    programs: Sequence[Line]
    log: Sequence[Line]
    requests: Sequence[tuple[float, bool]]
    stopped: float
    """When TERM was sent, by the monotonic clock."""
    stopped_on_wall: float


def tell(name: str, who: str, seen: Evidence) -> Side:
    """Return one side as it is shown; *who* is what the init is called."""
    ends = sorted((at - seen.stopped, whole) for at, whole in seen.requests)
    events = [
        Event(0.0, f"TERM arrives at {who}"),
        *of_log(seen),
        *of_requests(ends),
        *of_programs(seen, ends),
        *of_end(seen, who),
    ]
    return Side(
        name=name,
        events=tuple(sorted(events, key=lambda event: event.at)),
        requests=len(ends),
        lost=sum(not whole for _, whole in ends),
    )


def stops(seen: Evidence) -> dict[str, float]:
    """Return who got a signal, and when, in seconds since TERM."""
    return {line["program"]: line["at"] - seen.stopped for line in seen.programs if line["event"] == "stop"}


def of_log(seen: Evidence) -> Iterator[Event]:
    """Tell what the init did, from its own log.

    The time in sigroute's is in whole milliseconds and taken after the deed: it is moved to where it must have been,
    after TERM came and before the program knew.
    """
    known = stops(seen)
    for line in seen.log:
        child = line.get("child", "")
        if line["event"] == "sent" and child == "script":
            yield Event(line["at"] - seen.stopped, f"the script gets {line['signal']}")
        elif line["event"] == "killed" and child == "script":
            yield Event(line["at"] - seen.stopped, "the script dies of it")
        elif line["event"] in SENT:
            at = max(0.0, datetime.fromisoformat(line["time"]).timestamp() - seen.stopped_on_wall)
            yield Event(min(at, known.get(child, math.inf)), f"the rule: {line['signal']} for the {child}")


def of_programs(seen: Evidence, ends: Sequence[tuple[float, bool]]) -> Iterator[Event]:
    """Tell what the programs did; a server that is done has sent every answer, whenever that was read."""
    for line in seen.programs:
        at = line["at"] - seen.stopped
        if line["event"] == "stop":
            name = signal.Signals(line["signal"]).name.removeprefix("SIG")
            does = "ends" if name == "TERM" else "finishes"
            yield Event(at, f"the {line['program']} gets {name}, {does}")
        elif line["event"] == "finished":
            yield Event(max((at, *(read for read, _ in ends))), f"the {line['program']} is done")


def of_end(seen: Evidence, who: str) -> Iterator[Event]:
    """Tell of the end of the init, and of who was never told."""
    ended = next(line for line in seen.place if line["event"] == "ended")
    at = ended["at"] - seen.stopped
    yield Event(at, f"{who} ends, exit code {ended['code']}")
    for program in sorted({line["program"] for line in seen.programs} - stops(seen).keys()):
        yield Event(at, f"the {program} is killed, never told")


def of_requests(ends: Sequence[tuple[float, bool]]) -> Iterator[Event]:
    """Tell how many requests were answered, in a few lines, and how many were cut off, in one."""
    whole = [at for at, whole in ends if whole]
    cut = [at for at, whole in ends if not whole]
    for number in sorted({-(-len(whole) * part // MILESTONES) for part in range(1, MILESTONES + 1)} - {0}):
        yield Event(whole[number - 1], f"requests answered: {number} of {len(ends)}")
    if cut:
        yield Event(cut[-1], f"requests cut off: {len(cut)} of {len(ends)}")
