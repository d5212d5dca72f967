"""What new rules would have done: the engine with children that behave as a run has shown.

The children of the run are models now: each is ready after the time that it took, exits as long after its first stop
signal as it did, crashes when it did. Both rules, old and new, are run with the same models and the same signals: so
the difference is that of the rules.
"""

from __future__ import annotations

from difflib import unified_diff
from typing import TYPE_CHECKING

import attrs

from sigroute.pid1.names import number_of
from sigroute.simulate.model import CHILD, TASK, Model
from sigroute.simulate.play import Arrival
from sigroute.timeline.model import COMMAND, DRAIN, RUNS, STARTS, STOPS, TREE
from sigroute.timeline.text import seconds
from sigroute.timeline.words import moments

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sigroute.pid1.plan import Plan
    from sigroute.timeline import Lane, Timeline


def arrivals(timeline: Timeline) -> tuple[Arrival, ...]:
    """Return the signals that arrived."""
    return tuple(
        Arrival(number_of(str(fields["signal"])), str(fields["sender"]), at)
        for at, name, fields in timeline.lines
        if name == "signal"
    )


def models(plan: Plan, timeline: Timeline) -> list[Model]:
    """Return how the children of a plan behaved in a run, by their names; of a new one nothing is known."""
    lanes = {lane.name: lane for lane in timeline.lanes}
    found = []
    for child in plan.children:
        model = TASK if child.task is not None else CHILD
        lane = lanes.get(child.name)
        found.append(model if lane is None or not lane.spans else learned(model, lane, timeline))
    daemons = lanes.get(DRAIN)
    if daemons is not None and found:
        last = daemons.spans[0]
        found[0] = attrs.evolve(found[0], leaves=True, left=None if last.until else last.end - last.start)
    return found


def learned(model: Model, lane: Lane, timeline: Timeline) -> Model:
    """Return the model of a child that behaves as this lane shows."""
    first = lane.spans[0]
    if first.kind == STARTS or (len(lane.spans) > 1 and lane.spans[1].kind == STARTS):
        starting = next(span for span in lane.spans if span.kind == STARTS)
        model = attrs.evolve(model, ready=starting.end - starting.start)
    ends = [(at, name, fields) for at, name, fields in timeline.lines if is_end(name) and fields["child"] == lane.name]
    stops = [span for span in lane.spans if span.kind == STOPS]
    if stops:
        killed = bool(ends) and ends[-1][1] == "killed" and ends[-1][2]["signal"] == "KILL"
        gone = ends[-1][0] if ends else lane.end
        took = None if killed else max(gone - stops[0].start, 0)
        code = int(ends[-1][2]["status"]) if ends and not killed else 0
        model = attrs.evolve(model, exits=took, at_last=False, code=code)
    for span in lane.spans:
        if span.kind == COMMAND:
            model = attrs.evolve(model, run=span.end - span.start)
        elif span.kind == TREE:
            model = attrs.evolve(model, tree=None if span.until else span.end - span.start)
    lived = next((span for span in lane.spans if span.kind == RUNS), None)
    if ends and lived is not None and (not stops or ends[0][0] < stops[0].start):
        began = first.start if first.kind == STARTS else lived.start
        model = attrs.evolve(model, ends=ends[0][0] - began, end_code=int(ends[0][2]["status"]))
    return model


def is_end(name: str) -> bool:
    """Tell whether a line of the log tells of the end of a child's process."""
    return name in ("exited", "killed")


def compared(old: Timeline, new: Timeline) -> Iterator[str]:
    """Yield the lines of what happens by the old rules and by the new ones, as ``diff -u`` has them."""
    yield from unified_diff(told(old), told(new), "by the rules of the journal", "by the new rules", lineterm="", n=2)


def told(timeline: Timeline) -> list[str]:
    """Return what happens, a line each, with its time."""
    return [f"{seconds(at):>9}  {text}" for at, texts in moments(timeline) for text in texts]
