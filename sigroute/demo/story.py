"""Makes the timeline of one side from recorded lines and times. It reads no clock and starts no process."""

from __future__ import annotations

import math
import signal
from datetime import datetime
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sigroute.demo.lines import Line

#: The events in sigroute's log for a signal to a child's own process, and to a process below it.
SENT = ("sent", "sent-member")

#: The most lines of a timeline about answered requests.
MILESTONES = 2


@attrs.frozen
class Event:
    """A line of the timeline."""

    at: float
    """Seconds since TERM."""
    text: str


@attrs.frozen
class Side:
    """One of the two inits that are compared."""

    name: str
    events: tuple[Event, ...]
    requests: int
    lost: int


@attrs.frozen
class Evidence:
    """What was recorded on one side: the lines of each source, and of each request when it ended and whether whole."""

    place: Sequence[Line]
    programs: Sequence[Line]
    log: Sequence[Line]
    requests: Sequence[tuple[float, bool]]
    stopped: float
    """When TERM was sent, by the monotonic clock."""
    stopped_on_wall: float


def tell(name: str, who: str, seen: Evidence) -> Side:
    """Return one side as it is shown.

    :param who: the name of the init in the timeline.
    """
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
    """Return, by program, when it got a signal, in seconds since TERM."""
    return {line["program"]: line["at"] - seen.stopped for line in seen.programs if line["event"] == "stop"}


def of_log(seen: Evidence) -> Iterator[Event]:
    """Tell what the init did, from its own log.

    sigroute's log has whole milliseconds, and the time after each signal was sent. So the time is moved to the range in
    which the signal must have been sent: after TERM arrived, and before the program got the signal.
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
    """Tell what the programs did; "done" comes after the last answer, even if a client has read that later."""
    for line in seen.programs:
        at = line["at"] - seen.stopped
        if line["event"] == "stop":
            name = signal.Signals(line["signal"]).name.removeprefix("SIG")
            does = "ends" if name == "TERM" else "finishes"
            yield Event(at, f"the {line['program']} gets {name}, {does}")
        elif line["event"] == "finished":
            yield Event(max((at, *(read for read, _ in ends))), f"the {line['program']} is done")


def of_end(seen: Evidence, who: str) -> Iterator[Event]:
    """Tell that the init ends, and which programs were killed without a signal before."""
    ended = next(line for line in seen.place if line["event"] == "ended")
    at = ended["at"] - seen.stopped
    yield Event(at, f"{who} ends, exit code {ended['code']}")
    for program in sorted({line["program"] for line in seen.programs} - stops(seen).keys()):
        yield Event(at, f"the {program} is killed, never told")


def of_requests(ends: Sequence[tuple[float, bool]]) -> Iterator[Event]:
    """Tell how many requests were answered, in a few lines, and how many were cut off, in one line."""
    whole = [at for at, whole in ends if whole]
    cut = [at for at, whole in ends if not whole]
    for number in sorted({-(-len(whole) * part // MILESTONES) for part in range(1, MILESTONES + 1)} - {0}):
        yield Event(whole[number - 1], f"requests answered: {number} of {len(ends)}")
    if cut:
        yield Event(cut[-1], f"requests cut off: {len(cut)} of {len(ends)}")
