"""A timeline as a picture: SVG that needs nothing else, in the colours that the reader prefers, light or dark.

Every bar has a ``<title>``: browsers show it under the pointer, and screen readers read it.
"""

from __future__ import annotations

import html
import textwrap
from typing import TYPE_CHECKING

from sigroute.pid1.log.printable import printable
from sigroute.timeline.model import KINDS
from sigroute.timeline.scale import Scale
from sigroute.timeline.style import STYLE
from sigroute.timeline.words import sentences, time

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sigroute.timeline.model import Lane, Mark, Span, Timeline

#: Widths and heights, in pixels at the picture's own size. A character of a name takes about 7.5.
WIDTH, MARGIN, ROW, BAR, LINE, LETTER = 960, 16, 34, 18, 20, 7.5

#: A longer name is cut.
MOST_LETTERS = 32

#: The space above the bars, for the signals that arrive; and that between two of their names.
HEAD, APART = 46, 60

#: The width of a column of the legend; the characters of a sentence that a line has room for.
COLUMN, LONGEST_LINE = 300, 125

#: The room that the name of a signal needs beside its mark.
NAME = 44


class _Frame:
    """The scale, and the room that the parts have."""

    def __init__(self, timeline: Timeline, sentences_: int) -> None:
        self.lanes = [lane for lane in timeline.lanes if lane.spans]
        self.scale = Scale(timeline)
        self.longest = min(max((len(lane.name) for lane in self.lanes), default=0), MOST_LETTERS)
        self.left = MARGIN * 2 + self.longest * LETTER
        self.right = WIDTH - MARGIN * 2
        self.head = MARGIN + LINE * sentences_
        self.top = self.head + HEAD
        self.bottom = self.top + ROW * len(self.lanes)
        self.path = timeline.critical()

    def x(self, at: int) -> float:
        """Return where a moment is."""
        return round(self.left + (self.right - self.left) * self.scale.place(at), 1)


def svg(timeline: Timeline, title: str, grace: int | None = None) -> Iterator[str]:
    """Yield the lines of the picture.

    :param title: its name, for those who hear it.
    :param grace: the milliseconds after which the platform kills; None: that is not known.
    """
    told = [line for each in sentences(timeline, grace) for line in textwrap.wrap(each, LONGEST_LINE)]
    frame = _Frame(timeline, len(told))
    kinds = [kind for kind in KINDS if any(span.kind == kind for lane in frame.lanes for span in lane.spans)]
    rows = -(-(len(kinds) + bool(frame.path)) // (WIDTH // COLUMN))
    height = frame.bottom + 48 + 22 * rows
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
        ' role="group" aria-labelledby="sigroute-title sigroute-desc" class="sigroute">'
    )
    yield f'<title id="sigroute-title">{escape(title)}</title>'
    yield f'<desc id="sigroute-desc">{escape(" ".join(told))}</desc>'
    yield f"<style>{STYLE}</style>"
    yield f'<rect class="paper" width="{WIDTH}" height="{height}"/>'
    for number, each in enumerate(told):
        yield f'<text class="said" x="{MARGIN}" y="{MARGIN + 8 + LINE * number}">{escape(each)}</text>'
    yield from _axis(frame)
    yield from _arrivals(timeline, frame)
    for number, lane in enumerate(frame.lanes):
        yield from _lane(lane, frame.top + number * ROW, frame)
    if grace is not None and timeline.stop is not None and timeline.stop + grace < timeline.end:
        yield from _limit(frame.x(timeline.stop + grace), frame)
    yield from _legend(kinds, frame)
    yield "</svg>"


def _axis(frame: _Frame) -> Iterator[str]:
    since = 0 if frame.scale.cut is None else frame.scale.cut[1]
    for at, is_later in frame.scale.ticks():
        x, said = frame.x(at), f"+{time(at - since)}" if is_later else time(at)
        yield f'<line class="grid" x1="{x}" y1="{frame.top - 6}" x2="{x}" y2="{frame.bottom}"/>'
        yield f'<text class="tick" x="{x}" y="{frame.bottom + 16}">{said}</text>'
    if frame.scale.cut is not None:
        up, stop = frame.scale.cut
        left, right, middle = frame.x(up), frame.x(stop), (frame.x(up) + frame.x(stop)) / 2
        what = f"this part is drawn short: {time(stop - up)}"
        yield f'<g class="cut"><title>{what}</title>'
        width, height = round(right - left, 1), frame.bottom - frame.top + 6
        yield f'<rect x="{left}" y="{frame.top - 6}" width="{width}" height="{height}"/>'
        yield f'<text class="tick" x="{middle:.1f}" y="{frame.bottom + 16}">... {time(stop - up)} ...</text></g>'


def _arrivals(timeline: Timeline, frame: _Frame) -> Iterator[str]:
    """Yield a line for the signals that arrive at each place, and their names as far as there is room for them.

    The stop's signal has its name in any case.
    """
    places: dict[float, list[Mark]] = {}
    for mark in timeline.arrivals:
        places.setdefault(frame.x(mark.at), []).append(mark)
    named: list[float] = []
    for x, marks in sorted(places.items(), key=lambda each: all(mark.at != timeline.stop for mark in each[1])):
        first, number = marks[0], len(marks)
        what = f"{first.signal} arrives at {time(first.at)}" + (f", and {number - 1} more" if number > 1 else "")
        yield f'<g class="arrival"><title>{escape(what)}</title>'
        yield f'<line x1="{x}" y1="{frame.top - 20}" x2="{x}" y2="{frame.bottom}"/>'
        if all(abs(x - other) >= APART for other in named):
            said = next((mark.signal for mark in reversed(marks) if mark.at == timeline.stop), first.signal)
            yield f'<text x="{x}" y="{frame.top - 26}">{escape(said)}</text>'
            named.append(x)
        yield "</g>"


def _lane(lane: Lane, top: int, frame: _Frame) -> Iterator[str]:
    name, middle = escape(lane.name), top + ROW / 2 + 5
    short = name if len(lane.name) <= frame.longest else escape(f"{lane.name[: frame.longest - 1]}…")
    yield f'<g role="list" aria-label="{name}">'
    yield f'<text class="name" aria-hidden="true" x="{MARGIN}" y="{middle}">{short}<title>{name}</title></text>'
    for span in lane.spans:
        yield _bar(lane, span, top, frame)
    places: dict[float, list[Mark]] = {}
    for mark in lane.marks:
        places.setdefault(frame.x(mark.at), []).append(mark)
    last, bar = -WIDTH * 1.0, top + (ROW - BAR) / 2
    following = [*list(places)[1:], WIDTH * 2.0]
    for (x, marks), then in zip(places.items(), following, strict=False):
        signals = " ".join(dict.fromkeys(mark.signal for mark in marks))
        points = f"{x},{bar + 5} {x - 5},{bar - 4} {x + 5},{bar - 4}"
        what = f"{lane.name} gets {signals} at {time(marks[0].at)}"
        yield f'<polygon class="sent" points="{points}"><title>{escape(what)}</title></polygon>'
        if x + NAME <= WIDTH and then - x >= NAME:
            yield f'<text class="signal" x="{x + 5}" y="{bar + 13}">{escape(marks[0].signal)}</text>'
            last = x
        elif x + NAME > WIDTH and x - last >= NAME * 2:
            yield f'<text class="signal left" x="{x - 7}" y="{bar + 13}">{escape(marks[0].signal)}</text>'
    yield "</g>"


def _bar(lane: Lane, span: Span, top: int, frame: _Frame) -> str:
    x, width = frame.x(span.start), max(frame.x(span.end) - frame.x(span.start), 1.5)
    critical = " critical" if (lane.name, span.end) in frame.path else ""
    note = f" ({span.note})" if span.note else ""
    times = f"{time(span.start)} to {time(span.end)}"
    what = f"{lane.name} {KINDS[span.kind]}{note}: {times}{', on the critical path' if critical else ''}"
    return (
        f'<rect role="listitem" class="bar {span.kind}{critical}" x="{x}" y="{top + (ROW - BAR) / 2}"'
        f' width="{width:.1f}" height="{BAR}" rx="2"><title>{escape(what)}</title></rect>'
    )


def _limit(x: float, frame: _Frame) -> Iterator[str]:
    """Yield the line at which the platform kills."""
    yield '<g class="limit"><title>the platform kills</title>'
    yield f'<line x1="{x}" y1="{frame.top - 6}" x2="{x}" y2="{frame.bottom + 3}"/>'
    yield f'<text x="{min(x, WIDTH - 60)}" y="{frame.bottom + 32}">the platform kills</text></g>'


def _legend(kinds: list[str], frame: _Frame) -> Iterator[str]:
    entries = [(kind, KINDS[kind]) for kind in kinds]
    if frame.path:
        entries.append(("critical none", "on the critical path"))
    for number, (kind, words) in enumerate(entries):
        row, column = divmod(number, WIDTH // COLUMN)
        x, y = MARGIN + column * COLUMN, frame.bottom + 40 + row * 22
        yield f'<rect class="{kind}" x="{x}" y="{y}" width="22" height="12" rx="2"/>'
        yield f'<text class="said" x="{x + 30}" y="{y + 11}">{escape(words)}</text>'


def escape(text: str) -> str:
    """Return a text for XML, which allows no control characters."""
    return html.escape(printable(text))
