"""From the lines of a log to a timeline.

The log tells each change of a child: LANE has, by the name of a line, what that means for the child's bar. So a
simulated run, a recorded one and a plain log give the same picture.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigroute.timeline import critical
from sigroute.timeline.model import (
    AFTER,
    BACK_OFF,
    COMMAND,
    DELAY,
    DRAIN,
    HELD,
    RUNS,
    STARTS,
    STOPS,
    TREE,
    WAITS,
    Lane,
    Mark,
    Span,
    Timeline,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sigroute.timeline.model import Line

    Fields = Mapping[str, str | int]

#: Nothing is left of the child, or nothing is there yet.
GONE = ""

#: By the name of a line about a child: what the child does from then on.
LANE: Mapping[str, str] = {
    "needs": WAITS,
    "started": RUNS,
    "is-ready": RUNS,
    "comes-back": BACK_OFF,
    "start-later": BACK_OFF,
    "exited": GONE,
    "killed": GONE,
    "not-started": GONE,
    "never-started": GONE,
    "needs-gone": GONE,
    "left-out": GONE,
    "not-again": GONE,
    "given-up": GONE,
    "tree-goes-on": TREE,
    "tree-ended": GONE,
}

#: The same while a stop of the child is under way. Outside of it, these lines are about other signals.
STOPPING: Mapping[str, str] = {
    "held": HELD,
    "waits-for": AFTER,
    "run": COMMAND,
    "waits": DELAY,
    "waits-idle": DELAY,
    "sent": STOPS,
    "sent-group": STOPS,
    "sent-member": STOPS,
}

#: What reaches a child.
SENT = ("sent", "sent-group", "sent-member")

#: Lines that only repeat what a timeline shows, or that tell of processes which it does not have.
UNTOLD = frozenset(["still", "took", "reaped", "run-ended"])

#: A run that has not ended is drawn for so many milliseconds more, at least.
TAIL = 1_000

#: sigroute stops this child alone: it has failed.
FAILED = ("not-ready", "not-alive")


class _Bar:
    """A child's bar, as far as it is drawn."""

    def __init__(self) -> None:
        self.spans: list[Span] = []
        self.marks: list[Mark] = []
        self.kind, self.since, self.note = GONE, 0, ""
        self.killed = False
        self.failed = False

    def turn(self, kind: str, now: int, note: str = "") -> None:
        """Go on as something else."""
        if kind == self.kind and kind != DELAY:
            self.note = note or self.note
            return
        self.close(now)
        self.kind, self.since, self.note = kind, now, note

    def close(self, now: int) -> None:
        """End the present span, if it has lasted."""
        if self.kind != GONE and now > self.since:
            killed = self.killed and self.kind == STOPS
            self.spans.append(Span(self.kind, self.since, now, self.note, killed=killed))


class _Builder:
    """Reads one line after the other."""

    def __init__(self, names: Iterable[str], awaited: frozenset[str]) -> None:
        self.bars: dict[str, _Bar] = {name: _Bar() for name in names}
        self.awaited = awaited
        self.arrivals: list[Mark] = []
        self.stop: int | None = None
        self.code: int | None = None

    def read(self, line: Line) -> None:
        """Take a line into account."""
        now, name, fields = line
        if name == "signal":
            self.arrivals.append(Mark(now, str(fields["signal"])))
        elif name in ("stop", "stop-unasked", "nobody-left", "task-fatal"):
            self.stop = now if self.stop is None else self.stop
        elif name == "drain":
            self.bar(DRAIN).turn(STOPS, now, "TERM")
        elif name == "drain-kill":
            self.bar(DRAIN).note = "KILL"
            self.bar(DRAIN).killed = True
        elif name == "exit":
            self.code = int(fields["status"])
        if "child" in fields and str(fields["child"]) != "a process left behind":
            self.read_of(self.bar(str(fields["child"])), line)

    def bar(self, name: str) -> _Bar:
        """Return the bar of this name; the first line about it makes it."""
        return self.bars.setdefault(name, _Bar())

    def read_of(self, bar: _Bar, line: Line) -> None:
        """Take a line about one child into account."""
        now, name, fields = line
        if fields.get("origin") == "run":
            return  # the signal is for a command of the child
        bar.failed |= name in FAILED
        bar.killed |= name == "killed" and fields["signal"] == "KILL"
        if name in SENT:
            bar.marks.append(Mark(now, str(fields["signal"])))
        if name == "started":
            bar.killed = bar.failed = False
            bar.turn(STARTS if fields["child"] in self.awaited else RUNS, now)
        elif name in LANE:
            if name == "is-ready" and bar.kind == RUNS:
                bar.kind = STARTS  # only this tells that it was to be ready
            bar.turn(LANE[name], now, str(fields.get("text", "")))
        elif name in STOPPING and bar.kind != GONE and (self.stop is not None or bar.failed):
            self.read_of_stop(bar, line)

    def read_of_stop(self, bar: _Bar, line: Line) -> None:
        """Take a line about the stop of one child into account."""
        now, name, fields = line
        kind = STOPPING[name]
        if bar.kind in (STOPS, TREE) and kind in (DELAY, HELD):
            return  # it waits before the next signal, but has got one
        if bar.kind == TREE:
            return
        text = fields.get("text" if kind == AFTER else "command" if kind == COMMAND else "signal", "")
        bar.turn(kind, now, str(text))

    def timeline(self, lines: tuple[Line, ...], end: int) -> Timeline:
        """Return what was read so far."""
        lanes = []
        for name, bar in self.bars.items():
            bar.close(end)
            lanes.append(Lane(name, tuple(bar.spans), tuple(bar.marks)))
        made = Timeline(tuple(lanes), tuple(self.arrivals), end, lines, self.stop, self.code)
        return critical.with_paths(made)


def timeline_of(
    lines: Iterable[Line], end: int | None = None, names: Iterable[str] = (), awaited: frozenset[str] = frozenset()
) -> Timeline:
    """Return the timeline that the lines of a log tell.

    :param end: when the run has ended, in milliseconds; None: it has not, or only the lines tell that.
    :param names: the children in the order in which they are to be shown; others follow as they appear.
    :param awaited: the children that tell when they are ready, so that they start until then.
    """
    told = tuple(lines)
    builder = _Builder(names, awaited)
    for line in told:
        builder.read(line)
    return builder.timeline(told, end if end is not None else known_until(told, ended=builder.code is not None))


def known_until(lines: tuple[Line, ...], *, ended: bool) -> int:
    """Return up to when to draw a run: to its end, or, as it goes on, to a little after the last thing that happens."""
    last = max((line[0] for line in lines if line[1] not in UNTOLD), default=0)
    return last if ended else last + max(last // 10, TAIL)
