"""Where a moment is in a picture. A container may run for days before a stop of seconds: that time is drawn short.

Between the end of the start and the beginning of the stop, no wait is under way that a picture has to show to scale.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sigroute.timeline.model import Timeline

#: The time between start and stop is drawn short if it takes more than this part of the whole.
QUIET = 0.4

#: The part of the picture that it has then.
SHORT = 0.15

#: A shorter time is never cut, in milliseconds.
LEAST = 3_000

#: Ticks of an axis: at most so many, at 1, 2 or 5 times a power of ten milliseconds.
MOST_TICKS = 8


class Scale:
    """The places of moments, from 0 to 1."""

    def __init__(self, timeline: Timeline) -> None:
        self.end = max(timeline.end, 1)
        up = timeline.start_path[-1].span.end if timeline.start_path else 0
        stop = timeline.end if timeline.stop is None else timeline.stop
        #: The time that is drawn short: from when to when; None: there is none.
        is_long = stop - up > max(self.end * QUIET, LEAST)
        self.cut = (up, stop) if stop < timeline.end and is_long else None
        self._points = [(0, 0.0), (self.end, 1.0)]
        if self.cut is not None:
            shown = (1 - SHORT) / (self.end - (stop - up))
            self._points[1:1] = [(up, up * shown), (stop, up * shown + SHORT)]

    def place(self, at: int) -> float:
        """Return where a moment is."""
        for (before, low), (after, high) in zip(self._points, self._points[1:], strict=False):
            if at <= after and after > before:
                return min(low + (high - low) * max(at - before, 0) / (after - before), 1.0)
        return 1.0

    def ticks(self) -> Iterator[tuple[int, bool]]:
        """Yield the moments for ticks, and whether they count from the stop, as they do after the cut."""
        if self.cut is None:
            yield from ((at, False) for at in range(0, self.end + 1, tick(self.end)))
            return
        up, stop = self.cut
        step = tick(self.end - (stop - up))
        yield from ((at, False) for at in range(0, up + 1, step))
        yield from ((at, True) for at in range(stop, self.end + 1, step))


def tick(end: int) -> int:
    """Return the milliseconds between two ticks of an axis."""
    step = 1
    while True:
        for factor in (1, 2, 5):
            if end / (step * factor) <= MOST_TICKS:
                return step * factor
        step *= 10
