"""The critical path of a stop, and of a start: the chain of links, each of which began when the one before it ended.

It is found from the end: what ended last is its last link. Where that waited for others, the last of these to end
before is the link before it, and so on up to the beginning.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import attrs

from sigroute.timeline.model import AFTER, DRAIN, WAITS, Link, Span

if TYPE_CHECKING:
    from sigroute.timeline.model import Lane, Timeline


#: A link that takes less than this part of a stop, one in so many, is left out: nobody would look for it there.
SMALL = 200


def with_paths(timeline: Timeline) -> Timeline:
    """Return the timeline with its critical paths."""
    return attrs.evolve(timeline, path=stop_path(timeline), start_path=start_path(timeline))


def stop_path(timeline: Timeline) -> tuple[Link, ...]:
    """Return the critical path of the stop; empty: there was none, or it took no time."""
    if timeline.stop is None:
        return ()
    lanes = {lane.name: lane for lane in timeline.lanes if lane.end > timeline.stop}
    path = _path(lanes, timeline.stop, timeline.end, frozenset([AFTER, WAITS]))
    return tuple(link for link in path if length(link.span) * SMALL >= timeline.end - timeline.stop)


def start_path(timeline: Timeline) -> tuple[Link, ...]:
    """Return the critical path of the start, to the moment at which the last child was up; empty: it took no time."""
    limit = timeline.end if timeline.stop is None else timeline.stop
    lanes = {lane.name: lane for each in timeline.lanes if (lane := _start_of(each, limit)) is not None}
    return _path(lanes, 0, max((lane.end for lane in lanes.values()), default=0), frozenset([WAITS]))


def _start_of(lane: Lane, limit: int) -> Lane | None:
    """Return a lane up to where others may go on: a child runs, a task is done. None: it did not come to that."""
    if lane.up is None or lane.up > limit:
        return None
    return attrs.evolve(lane, spans=tuple(span for span in lane.spans if span.end <= (lane.up or 0)))


def _path(lanes: dict[str, Lane], begin: int, end: int, waits: frozenset[str]) -> tuple[Link, ...]:
    """Return the chain that ends last.

    :param waits: the kinds of spans that end when another lane does.
    """
    links: list[Link] = []
    left, now = dict(lanes), end
    wanted = frozenset([DRAIN])
    while now > begin:
        name = _last(left, now, wanted)
        if name is None:
            break
        wanted = frozenset()
        for span in reversed(left.pop(name).spans):
            if span.end > now or span.end <= begin:
                continue
            if span.kind in waits:
                wanted = named(span.note)
                break
            links.append(Link(name, attrs.evolve(span, start=max(span.start, begin))))
            now = max(span.start, begin)
    return tuple(reversed(links))


def _last(lanes: dict[str, Lane], now: int, wanted: frozenset[str]) -> str | None:
    """Return the lane that ended last up to a moment, of those that are wanted if there is one; None: there is none."""
    ended = [lane for lane in lanes.values() if lane.end <= now]
    those = [lane for lane in ended if lane.name in wanted] or ended
    return max(those, key=lambda lane: lane.end).name if those else None


def named(note: str) -> frozenset[str]:
    """Return the names in the note of a wait, as far as the log has them: ``a, b and 3 more``."""
    return frozenset(re.sub(r" and \d+ more$", "", note).split(", "))


def longest(path: tuple[Link, ...]) -> Link | None:
    """Return the link that takes the longest; None: the path is empty."""
    return max(path, key=lambda link: length(link.span), default=None)


def length(span: Span) -> int:
    """Return the milliseconds of a span."""
    return span.end - span.start
