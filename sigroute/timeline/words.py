"""A timeline in words: what takes the longest, and the lines of the log as they are shown to people."""

from __future__ import annotations

import re
from collections import Counter
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from sigroute.language import format_duration
from sigroute.pid1.log.messages import MESSAGES
from sigroute.pid1.log.printable import printable
from sigroute.timeline.build import UNTOLD
from sigroute.timeline.critical import length, longest
from sigroute.timeline.model import (
    AFTER,
    BACK_OFF,
    COMMAND,
    DELAY,
    DRAIN,
    ENDLESS,
    HELD,
    OPEN,
    RUNS,
    STARTS,
    STOPS,
    TREE,
    UNFOLLOWED,
    WAITS,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sigroute.timeline.model import Line, Link, Timeline

#: What the text of a line says of pids, which a run that was only imagined does not have.
_PIDS = re.compile(r" \((?:pid|process group|its process) \{pid\}(?:, uid \{uid\})?\)")

#: Lines that say it otherwise than in the log, where that would name a pid.
INSTEAD = {"sent-other": "a process left behind gets {signal} [{origin}]"}

#: By kind: what the longest link does, and if a signal ends it.
LONGEST: Mapping[str, tuple[str, str]] = {
    DELAY: ("{lane} exits by itself after {time}, before it would get {note}", "{lane} gets {until} only after {time}"),
    COMMAND: ("the command that stops {lane} takes {time}: {note}",) * 2,
    HELD: ("{note} for {lane} is held for {time}, until it has started",) * 2,
    STOPS: ("{lane} takes {time} to exit after {note}", "{lane} goes on for {time} after {note}, until {until}"),
    TREE: ("the tree of {lane} goes on for {time} after {lane} itself has exited",) * 2,
    RUNS: ("{lane} runs on for {time}, as no signal ends it",) * 2,
    STARTS: ("{lane} takes {time} to start",) * 2,
    BACK_OFF: ("{lane} waits {time} to be started again",) * 2,
    WAITS: ("{lane} waits {time} to be started",) * 2,
    AFTER: ("{lane} waits {time} for {note}",) * 2,
}

#: Why nothing is known of the end of a stop.
WITHOUT_END: Mapping[str, str] = {
    OPEN: "The log ends while the stop goes on: {left}.",
    ENDLESS: "The stop does not end: {left}. The platform kills the container in the end.",
    UNFOLLOWED: "The stop was not followed any further. After {time} it goes on: {left}.",
}

#: Of a chain with more names, only the longest are told.
MOST_NAMES = 8


def time(milliseconds: int) -> str:
    """Return a time as people write it: from a second on in tenths."""
    if milliseconds < 1_000 or milliseconds % 1_000 == 0:  # noqa: PLR2004 - a second
        return format_duration(milliseconds)
    minutes, rest = divmod(round(milliseconds, -2), 60_000)
    whole = format_duration(minutes * 60_000) if minutes else ""
    return f"{whole}{rest / 1_000:.1f}s".replace(".0s", "s") if rest else whole


def said(line: Line) -> str:
    """Return the text of a line of the log, without pids, and with durations as people write them."""
    _, name, fields = line
    template = INSTEAD.get(name) or _PIDS.sub("", MESSAGES[name][1])
    template = template.replace("{wait} ms", "{wait}").replace("{number} ms", "{number_of_ms}")
    values = dict(fields)
    if "wait" in values:
        values["wait"] = time(int(values["wait"]))
    if "number_of_ms" in template:
        values["number_of_ms"] = time(int(values["number"]))
    return printable(template.format_map(values))


def moments(timeline: Timeline) -> Iterator[tuple[int, list[str]]]:
    """Yield each moment at which something happens, with the lines about it."""
    lines = [line for line in timeline.lines if line[1] not in UNTOLD]
    for at, those in groupby(lines, key=itemgetter(0)):
        times = Counter(map(said, those))
        yield at, [text if number == 1 else f"{text} ({number} times)" for text, number in times.items()]


def sentences(timeline: Timeline, grace: int | None = None) -> Iterator[str]:
    """Yield what is to be said of a run: how long the start and the stop take, and what takes the longest.

    :param grace: the milliseconds after which the platform kills; None: that is not known.
    """
    start = start_sentence(timeline)
    if start:
        yield start
    if timeline.stop is None and timeline.code is not None:
        yield f"The container ends with {timeline.code} after {time(timeline.end)}; no signal has asked for that."
        return
    if timeline.stop is None:
        yield "No stop begins: the container goes on."
        return
    took = timeline.end - timeline.stop
    if timeline.code is None:
        yield WITHOUT_END[timeline.rest].format(left=", ".join(left(timeline)) or "nothing is left", time=time(took))
        return
    yield f"The stop takes {time(took) if took else 'no time'}, and the container ends with {timeline.code}."
    link = longest(timeline.path)
    if len({each.lane for each in timeline.path}) > 1:
        yield f"Critical path: {chain(timeline.path)}."
    if link is not None:
        yield f"The longest part: {cause(timeline, link)}."
    if grace is not None:
        yield against(timeline, took, grace)


def start_sentence(timeline: Timeline) -> str:
    """Return how long the start takes, and what one thing after the other; empty: it takes no time."""
    took = timeline.start_path[-1].span.end if timeline.start_path else 0
    return f"The start takes {time(took)}: {chain(timeline.start_path)}." if took else ""


def against(timeline: Timeline, took: int, grace: int) -> str:
    """Return how a stop fits into the time that the platform gives it."""
    if took < grace:
        return f"The platform gives it {time(grace)}: {time(grace - took)} are left."
    at = (timeline.stop or 0) + grace
    there = [lane.name for lane in timeline.lanes if any(span.start <= at < span.end for span in lane.spans)]
    those = f", while these are still there: {', '.join(there)}" if there else ""
    return f"The platform gives it only {time(grace)}, and then kills the container{those}."


def left(timeline: Timeline) -> Iterator[str]:
    """Yield who is there at the end of a run that has not ended, and what it does."""
    for lane in timeline.lanes:
        if lane.spans and lane.end >= timeline.end:
            last = lane.spans[-1]
            what = {STOPS: f"goes on after {last.note}", AFTER: f"waits for {last.note}"}
            yield f"{lane.name} {what.get(last.kind, 'goes on')}"


def chain(path: tuple[Link, ...]) -> str:
    """Return a path as a sum: ``front 15s + php 5s``; of a long one, the longest parts."""
    times: dict[str, int] = {}
    for link in path:
        times[link.lane] = times.get(link.lane, 0) + length(link.span)
    named = sorted(times, key=lambda name: -times[name])[:MOST_NAMES]
    told = [f"{name} {time(took)}" for name, took in times.items() if took and name in named]
    others = [took for name, took in times.items() if name not in named]
    return " + ".join([*told, f"{len(others)} more {time(sum(others))}"] if others else told)


def cause(timeline: Timeline, link: Link) -> str:
    """Return what a link of the path does."""
    span, took = link.span, time(length(link.span))
    if link.lane == DRAIN:
        until = ", until KILL" if span.until else ""
        return f"processes that nobody has declared go on for {took} after {span.note}, in the drain{until}"
    if span.kind == RUNS and any(lane.is_task for lane in timeline.lanes if lane.name == link.lane):
        return f"{link.lane} takes {took}"
    said = LONGEST[span.kind][bool(span.until)]
    return said.format(lane=link.lane, time=took, note=span.note, until=span.until)
