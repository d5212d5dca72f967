"""From the lines of a log to a timeline.

The log tells each change of a child: LANE has, by the name of a line, what that means for the child's bar. So a
simulated run, a recorded one and a plain log give the same picture.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from sigroute.timeline import critical
from sigroute.timeline.model import (
    AFTER,
    BACK_OFF,
    COMMAND,
    DELAY,
    DRAIN,
    HELD,
    OPEN,
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


#: What the log calls a process that nobody has declared, where a child's name belongs.
NOBODY = "a process left behind"

#: Nothing is left of the child, or nothing is there yet.
GONE = ""

#: By the name of a line about a child: what the child does from then on.
LANE: Mapping[str, str] = {
    "needs": WAITS,
    "started": RUNS,
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

#: sigroute stops this child alone: it has failed.
FAILED = ("not-ready", "not-alive")

#: The stop's signal means nothing to this child.
EXEMPT = ("dropped", "protected")

#: A task is done, or its failure counts as that.
DONE = ("task-done", "task-failed")

#: The stop begins.
BEGINS = ("stop", "stop-unasked", "nobody-left", "task-fatal")

#: Where a line names no entry of the rules: what ends a child in any case.
ANYWAY = ("grace", "failed")

#: Lines that only repeat what a timeline shows, or that tell of processes which it does not have.
UNTOLD = frozenset(["still", "took", "reaped", "run-ended"])

#: A run that has not ended is drawn for so many milliseconds more, at least.
TAIL = 1_000

CONT = "CONT"


class _Bar:
    """A child's row, as far as it is known."""

    def __init__(self) -> None:
        self.spans: list[Span] = []
        self.marks: list[Mark] = []
        self.kind, self.since, self.note = GONE, 0, ""
        #: When its process was last told of; None: never.
        self.seen: int | None = None
        self.up: int | None = None
        #: The entry of the rules that stops it; None: none has begun to.
        self.origin: str | None = None
        self.exempt = self.failed = self.is_task = False

    def turn(self, kind: str, now: int, note: str = "", until: str = "") -> None:
        """Go on as something else.

        :param until: the signal that ends the present span.
        """
        if kind == self.kind and kind not in (DELAY, STOPS):
            self.note = note or self.note
            return
        if self.kind != GONE and now > self.since:
            self.spans.append(Span(self.kind, self.since, now, self.note, until))
        self.kind, self.since, self.note = kind, now, note

    def lane(self, name: str, end: int) -> Lane:
        """Return the whole bar; of a child that was there for no time, a bar without a length."""
        self.turn(GONE, end)
        if not self.spans and self.seen is not None:
            self.spans.append(Span(RUNS, self.seen, self.seen))
        return Lane(name, tuple(self.spans), tuple(self.marks), self.is_task, self.up)


class _Builder:
    """Reads one line after the other."""

    def __init__(self, names: Iterable[str], awaited: Mapping[str, str]) -> None:
        self.bars: dict[str, _Bar] = {name: _Bar() for name in names}
        self.awaited = awaited
        self.arrivals: list[Mark] = []
        self.stop: int | None = None
        self.code: int | None = None

    def read(self, line: Line) -> None:
        """Read a line."""
        now, name, fields = line
        if name == "signal":
            self.arrivals.append(Mark(now, str(fields["signal"])))
        elif name in BEGINS and self.stop is None:
            self.stop = now
            for bar in self.bars.values():
                bar.origin, bar.exempt = (bar.origin if bar.failed else None), False
        elif name == "exit":
            self.code = int(fields["status"])
        if name in ("drain", "drain-kill", "sent-other"):
            self.read_of_drain(line)
        elif "child" in fields and fields["child"] != NOBODY:
            self.read_of(self.bars.setdefault(str(fields["child"]), _Bar()), line)

    def read_of_drain(self, line: Line) -> None:
        """Read a line about undeclared processes."""
        now, name, fields = line
        bar = self.bars.setdefault(DRAIN, _Bar())
        if name != "sent-other":
            signal = "TERM" if name == "drain" else "KILL"
            bar.turn(STOPS, now, signal, signal)
        elif Mark(now, str(fields["signal"])) not in bar.marks[-3:]:  # each of them gets it
            bar.marks.append(Mark(now, str(fields["signal"])))

    def read_of(self, bar: _Bar, line: Line) -> None:
        """Read a line about one child."""
        now, name, fields = line
        if fields.get("origin") == "run":
            return  # the signal is for a command of the child
        bar.failed |= name in FAILED
        if name in SENT:
            bar.marks.append(Mark(now, str(fields["signal"])))
        if name == "started":
            bar.seen, bar.origin, bar.failed = now, None, False
            waits = fields["child"] in self.awaited
            bar.up = now if bar.up is None and not waits else bar.up
            bar.turn(STARTS if waits else RUNS, now)
        elif name == "tree-ended" and bar.kind == GONE and bar.seen is not None and now > bar.since:
            bar.spans.append(Span(TREE, bar.since, now, until="KILL" if Mark(now, "KILL") in bar.marks else ""))
        elif name == "is-ready" or name == self.awaited.get(str(fields["child"])):
            if bar.up in (None, bar.since):
                bar.up = now
            bar.kind = STARTS if bar.kind == RUNS else bar.kind  # only this tells that it was to be ready
            bar.turn(RUNS, now)
        elif name in DONE:
            bar.up = now if bar.up is None or not bar.is_task else bar.up
            bar.is_task = True
        elif name in LANE:
            bar.seen = now if name == "not-started" and bar.seen is None else bar.seen
            bar.turn(LANE[name], now, str(fields.get("text", "")))
        elif bar.kind not in (GONE, TREE) and (self.stop is not None or bar.failed):
            self.read_of_stop(bar, line)

    def read_of_stop(self, bar: _Bar, line: Line) -> None:
        """Read a line that may be about a child's stop."""
        now, name, fields = line
        origin = str(fields.get("origin", ""))
        if name in EXEMPT and bar.origin is None:
            bar.exempt = True
        if name not in STOPPING or (bar.exempt and origin not in ANYWAY):
            return
        if bar.origin is None:
            bar.origin = origin
        elif origin != bar.origin and origin not in ANYWAY:
            return
        kind, signal = STOPPING[name], str(fields.get("signal", ""))
        if kind == HELD:
            bar.origin = None  # another entry may apply when the hold is over
        if signal == CONT or (bar.kind == STOPS and kind == DELAY):
            return  # it waits before the next signal, but has got one
        note = str(fields.get({AFTER: "text", COMMAND: "command"}.get(kind, "signal"), ""))
        bar.turn(kind, now, note, signal if kind == STOPS else "")

    def timeline(self, lines: tuple[Line, ...], end: int, rest: str) -> Timeline:
        """Return what was read so far."""
        lanes = tuple(bar.lane(name, end) for name, bar in self.bars.items())
        made = Timeline(lanes, tuple(self.arrivals), end, lines, self.stop, self.code, rest)
        return critical.with_paths(made)


def timeline_of(
    lines: Iterable[Line],
    end: int | None = None,
    names: Iterable[str] = (),
    awaited: Mapping[str, str] = MappingProxyType({}),
    rest: str = OPEN,
) -> Timeline:
    """Return the timeline that the lines of a log tell.

    :param end: when the run has ended, in milliseconds; None: it has not, or only the lines tell that.
    :param names: the children in the order in which they are to be shown; others follow as they appear.
    :param awaited: by child, the line that tells that it has started; a child that is not here may tell by `is-ready`.
    :param rest: why there is no end, if there is none.
    """
    told = tuple(lines)
    builder = _Builder(names, awaited)
    for line in told:
        builder.read(line)
    known = end if end is not None else known_until(told, ended=builder.code is not None)
    return builder.timeline(told, known, rest)


def known_until(lines: tuple[Line, ...], *, ended: bool) -> int:
    """Return up to when to draw a run: to its end, or, as it goes on, to a little after the last thing that happens."""
    last = max((line[0] for line in lines if line[1] not in UNTOLD), default=0)
    return last if ended else last + max(last // 10, TAIL)
