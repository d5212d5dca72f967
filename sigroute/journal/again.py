"""What new rules would have done: the engine with children that behave as a run has shown.

The children of the run are models now: each is ready after the time that it took, exits as long after its first stop
signal as it did, crashes when it did. Both rules, old and new, are run with the same models and the same signals: so
the difference is that of the rules.
"""

from __future__ import annotations

import textwrap
from difflib import unified_diff
from typing import TYPE_CHECKING

import attrs

from sigroute.pid1.names import number_of
from sigroute.simulate.model import CHILD, TASK, Model
from sigroute.simulate.play import Arrival
from sigroute.timeline.model import DRAIN, STARTS, STOPS, TREE
from sigroute.timeline.text import seconds
from sigroute.timeline.words import moments, sentences

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sigroute.pid1.plan import Plan
    from sigroute.timeline import Lane, Line, Timeline

#: Milliseconds by which a stop of the model may differ from the real one; a tenth of it may be more.
TOLERANCE = 500

OLD, NEW = "by the rules of the journal", "by the new rules"


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
    """Return the model of a child that behaves as this lane shows; of several lives, as in the last one."""
    own = [line for line in timeline.lines if line[2].get("child") == lane.name]
    starts = [at for at, name, _ in own if name == "started"]
    begins = max((at for at in starts if timeline.stop is None or at <= timeline.stop), default=0)
    life = [line for line in own if line[0] >= begins]
    spans = [span for span in lane.spans if span.start >= begins]
    starting = next((span for span in spans if span.kind == STARTS), None)
    if starting is not None:
        model = attrs.evolve(model, ready=starting.end - begins)
    model = with_command(model, life)
    end = next((line for line in life if line[1] in ("exited", "killed")), None)
    stop = next((span for span in spans if span.kind == STOPS), None)
    if end is None:
        return attrs.evolve(model, exits=None, at_last=False) if stop is not None else model
    at, name, fields = end
    tree = next((span for span in spans if span.kind == TREE), None)
    if tree is not None:
        model = attrs.evolve(model, tree=None if tree.until else tree.end - tree.start)
    if stop is not None and at >= stop.start:
        killed = name == "killed" and fields["signal"] == "KILL"
        code = CHILD.code if killed else int(fields["status"])
        return attrs.evolve(model, exits=None if killed else at - stop.start, at_last=False, code=code)
    if name == "killed" and any(mark.signal == fields["signal"] and begins <= mark.at <= at for mark in lane.marks):
        return model  # sigroute has sent that: other rules may not
    return attrs.evolve(model, ends=at - begins, end_code=int(fields["status"]))


def with_command(model: Model, life: list[Line]) -> Model:
    """Return a model whose commands take as long as the child's last one, and end as it did."""
    begun = [at for at, name, _ in life if name == "run"]
    over = [(at, name) for at, name, _ in life if name in ("run-ok", "run-failed")]
    if not begun or not over:
        return model
    late = any(name == "run-late" for _, name, _ in life)
    took = None if late else max(over[-1][0] - begun[-1], 0)
    return attrs.evolve(model, run=took, run_code=int(over[-1][1] == "run-failed"))


def only_one_has(plan: Plan, other: Plan) -> list[str]:
    """Return the children of a plan that another one has not."""
    names = {child.name for child in other.children}
    return [child.name for child in plan.children if child.name not in names]


def is_exact(model: Timeline, run: Timeline) -> bool:
    """Tell whether the modelled run ends as the real one did: with the same code, after about the same time."""
    if model.code != run.code or (model.stop is None) != (run.stop is None):
        return False
    took = [each.end - (each.stop or 0) for each in (model, run)]
    return abs(took[0] - took[1]) <= max(TOLERANCE, took[1] // 10)


def compared(old: Timeline, new: Timeline, columns: int) -> Iterator[str]:
    """Yield the lines of what happens by the old rules and by the new ones, as ``diff -u`` has them, and what it means.

    :param columns: how wide a sentence may be.
    """
    yield from unified_diff(told(old), told(new), OLD, NEW, lineterm="", n=2)
    for name, timeline in ((OLD, old), (NEW, new)):
        yield from textwrap.wrap(f"{name.capitalize()}: {' '.join(sentences(timeline))}", columns)


def told(timeline: Timeline) -> list[str]:
    """Return what happens, a line each, with its time."""
    return [f"{seconds(at):>9}  {text}" for at, texts in moments(timeline) for text in texts]
