"""A timeline as text: a bar for each child, what happens at which moment, and what takes the longest."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from sigroute.timeline.model import (
    AFTER,
    BACK_OFF,
    COMMAND,
    DELAY,
    HELD,
    KINDS,
    RUNS,
    STARTS,
    STOPS,
    TREE,
    WAITS,
)
from sigroute.timeline.scale import Scale
from sigroute.timeline.words import moments, sentences, time

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sigroute.timeline.model import Lane, Timeline

#: By kind: what a bar is made of. It is plain ASCII, for every terminal and every log.
CHARACTERS: Mapping[str, str] = {
    WAITS: ".", STARTS: "+", RUNS: "=", BACK_OFF: ",", HELD: "h", AFTER: ":", COMMAND: "c", DELAY: "-", STOPS: "#",
    TREE: "~",
}  # fmt: skip

#: The fewest columns of a bar.
NARROWEST = 20


def text(timeline: Timeline, columns: int, grace: int | None = None) -> Iterator[str]:
    """Yield the lines of the text.

    :param columns: how wide it may be.
    :param grace: the milliseconds after which the platform kills; None: that is not known.
    """
    yield from happenings(timeline, columns)
    yield ""
    if timeline.end:
        yield from bars(timeline, columns)
        yield ""
    for each in sentences(timeline, grace):
        yield from textwrap.wrap(each, columns)


def happenings(timeline: Timeline, columns: int) -> Iterator[str]:
    """Yield what happens, with the seconds since the start in front of each moment."""
    told = list(moments(timeline))
    margin = max((len(seconds(at)) for at, _ in told), default=0)
    for at, texts in told:
        for number, each in enumerate(texts):
            head = seconds(at) if number == 0 else ""
            first, *more = textwrap.wrap(each, max(columns - margin - 2, NARROWEST), subsequent_indent="  ") or [""]
            yield f"{head:>{margin}}  {first}"
            yield from (f"{'':{margin}}  {line}" for line in more)


def seconds(milliseconds: int) -> str:
    """Return a time in seconds, with the three places that milliseconds have."""
    return f"{milliseconds / 1000:.3f}"


def bars(timeline: Timeline, columns: int) -> Iterator[str]:
    """Yield a bar for each child, an axis below them, and the meaning of their characters."""
    lanes = [lane for lane in timeline.lanes if lane.spans]
    margin = min(max((len(lane.name) for lane in lanes), default=0), columns // 3)
    width = max(columns - margin - 2, NARROWEST)
    scale = Scale(timeline)
    path = timeline.critical()
    for lane in lanes:
        marked = any((lane.name, span.end) in path for span in lane.spans)
        name = lane.name if len(lane.name) <= margin else f"{lane.name[: margin - 1]}~"
        yield f"{name:{margin}} {'*' if marked else ' '}{bar(lane, scale, width)}".rstrip()
    yield f"{'':{margin}}  {axis(scale, width)}"
    kinds = {span.kind for lane in lanes for span in lane.spans}
    legend = [f"{CHARACTERS[kind]} {KINDS[kind]}" for kind in KINDS if kind in kinds]
    if path:
        legend.append("* on the critical path")
    if scale.cut is not None:
        legend.append(f"/ here {time(scale.cut[1] - scale.cut[0])} are drawn short")
    yield from textwrap.wrap(", ".join(legend), columns)


def bar(lane: Lane, scale: Scale, width: int) -> str:
    """Return the bar of a child: each span has at least one column, unless a shorter one has it."""
    columns = [" "] * width
    for span in sorted(lane.spans, key=lambda each: scale.place(each.start) - scale.place(each.end)):
        first = min(int(scale.place(span.start) * width), width - 1)
        last = max(int(scale.place(span.end) * width), first + 1)
        for column in range(first, min(last, width)):
            columns[column] = CHARACTERS[span.kind]
    return "".join(columns).rstrip()


def axis(scale: Scale, width: int) -> str:
    """Return the axis: its beginning, its end, and what is drawn short."""
    line = [" "] * width
    if scale.cut is not None:
        first, last = (int(scale.place(each) * width) for each in scale.cut)
        line[first:last] = "/" * (last - first)
    end = f" {seconds(scale.end)} s"
    return f"0{''.join(line)[1:]}"[: width - len(end)] + end
