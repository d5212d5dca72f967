"""A timeline: what each child of a run did and when, as bars and marks, and when all of it ended.

All times are milliseconds after the start of the run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping

Line = tuple[int, str, "Mapping[str, str | int]"]
"""A line of the log: when it was written, its name in ``messages.MESSAGES``, and its fields."""

#: Why a run has no end: its log stops here; nothing more will happen; it was not followed further.
OPEN, ENDLESS, UNFOLLOWED = "open", "endless", "unfollowed"

DRAIN = "left behind"
"""The name of the row for processes that nobody has declared: the drain ends them."""


@attrs.frozen
class Span:
    """What a child did for a while."""

    kind: str
    """One of KINDS."""
    start: int
    end: int
    note: str = ""
    """Whom or what it waits for, or the signal that it has got."""
    until: str = ""
    """The signal that ended it; empty: something else has."""


@attrs.frozen
class Mark:
    """A signal that reached a child."""

    at: int
    signal: str


@attrs.frozen
class Lane:
    """A row: one child with its bars, which have no gaps while there is something of it."""

    name: str
    spans: tuple[Span, ...]
    marks: tuple[Mark, ...] = ()
    is_task: bool = False
    """The lines tell that it is a task."""
    up: int | None = None
    """When the child first ran, or the task was done, so that others could start; None: that did not happen."""

    @property
    def end(self) -> int:
        """When its last bar ends."""
        return self.spans[-1].end if self.spans else 0


@attrs.frozen
class Link:
    """A part of the critical path: what the end, or the next link, has waited for."""

    lane: str
    span: Span


@attrs.frozen
class Timeline:
    """A run."""

    lanes: tuple[Lane, ...]
    arrivals: tuple[Mark, ...]
    """The signals that arrived."""
    end: int
    """When it ended, or how far it is known."""
    lines: tuple[Line, ...]
    """All lines of the log."""
    stop: int | None = None
    """When the stop began; None: there was none."""
    code: int | None = None
    """The exit code; None: it has not ended."""
    rest: str = OPEN
    """Why nothing is known of an end: one of OPEN, ENDLESS and UNFOLLOWED."""
    path: tuple[Link, ...] = ()
    """The critical path of the stop, in the order of time: the stop gets shorter only if one of these does."""
    start_path: tuple[Link, ...] = ()
    """The same of the start, up to the moment at which the last child was up."""

    def critical(self) -> frozenset[tuple[str, int]]:
        """Return the bars on the critical path of the stop, each as the name of its row and its end."""
        return frozenset((link.lane, link.span.end) for link in self.path)


WAITS, STARTS, RUNS, BACK_OFF = "waits", "starts", "runs", "back-off"
HELD, AFTER, COMMAND, DELAY, STOPS, TREE = "held", "after", "command", "delay", "stops", "tree"

KINDS: Mapping[str, str] = {
    WAITS: "waits to be started",
    STARTS: "starts",
    RUNS: "runs",
    BACK_OFF: "waits to be started again",
    HELD: "its stop is held until it has started",
    AFTER: "waits for others to exit",
    COMMAND: "the command of its stop runs",
    DELAY: "waits before its first stop signal",
    STOPS: "has got a stop signal",
    TREE: "has exited, and its tree goes on",
}
"""What a child may do, with the words for a legend."""
