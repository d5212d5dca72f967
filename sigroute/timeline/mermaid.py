"""A timeline as a Gantt chart of Mermaid, which GitHub and GitLab draw in Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigroute.timeline.model import KINDS, RUNS, STOPS, TREE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sigroute.timeline.model import Lane, Timeline

#: The shades that Mermaid has: what runs is done, what waits is plain, what stops is active.
ACTIVE = (STOPS, TREE)


def mermaid(timeline: Timeline) -> Iterator[str]:
    """Yield the lines of the chart. Times are milliseconds, shown as minutes and seconds; the path is ``crit``."""
    yield "gantt"
    yield "  dateFormat x"
    yield "  axisFormat %M:%S"
    path = timeline.critical()
    for lane in timeline.lanes:
        if lane.spans:
            yield f"  section {plain(lane.name)}"
            yield from _bars(lane, path)
    yield "  section signals"
    for mark in timeline.arrivals:
        yield f"  {plain(mark.signal)} :milestone, {mark.at}, {mark.at}"


def _bars(lane: Lane, path: frozenset[tuple[str, int]]) -> Iterator[str]:
    for span in lane.spans:
        tags = ["crit"] if (lane.name, span.end) in path else []
        tags += ["done"] if span.kind == RUNS else ["active"] if span.kind in ACTIVE else []
        note = f" ({plain(span.note)})" if span.note else ""
        yield f"  {KINDS[span.kind]}{note} :{', '.join((*tags, str(span.start), str(span.end)))}"


def plain(text: str) -> str:
    """Return a text without the characters that end a name in Mermaid."""
    return text.translate({ord(each): " " for each in ":;#,\n"})
