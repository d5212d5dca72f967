"""The longest start and stop that rules bound: the engine with children that take all the time that they are given.

Each child lives until the last signal of its stop, its commands take as long as their ``timeout``, its connections stay
busy, a hold lasts to its last moment, and a daemon stays for the drain. A task without a timeout takes a second, and is
named, as is a start without ``within``. Each stop signal is tried from each sender, once the start is over and at
moments of the start.
"""

from __future__ import annotations

from itertools import product
from operator import itemgetter
from time import monotonic
from typing import TYPE_CHECKING

import attrs

from sigroute.pid1.engine.readiness import LOOK, LOOK_LATER, SOON
from sigroute.pid1.engine.routing import POLL
from sigroute.pid1.names import STANDARD
from sigroute.simulate.model import CHILD, TASK
from sigroute.simulate.play import SENDERS, Arrival, Play
from sigroute.simulate.run import awaited, simulated
from sigroute.timeline import timeline_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sigroute.pid1.lifecycle import Ready
    from sigroute.pid1.plan import Action, Plan, Step
    from sigroute.simulate.model import Model
    from sigroute.timeline import Timeline

TERM = STANDARD["TERM"]

#: How long a task takes to which the rules set no limit, in milliseconds. In a stop it takes all the time that it gets.
TASK_TAKES = 1_000

#: The search begins nothing new after so many seconds: with thousands of children it would take minutes.
PATIENCE = 15

#: The most moments of a start at which a stop is tried.
MOST_MOMENTS = 8


@attrs.frozen
class Worst:
    """The longest start and stop."""

    start: Timeline
    stop: Timeline
    signal: Arrival
    """What asked for that stop."""
    whole: bool = True
    """Everything was tried; false: that would have taken too long."""


def worst(plan: Plan, environ: dict[bytes, bytes], known: Callable[[Model, int], Model]) -> Worst:
    """Return the longest start and stop.

    :param known: what is known of a child, on top of the worst: a function of a model and the child's index.
    """
    first = Play(plan, [known(_model(plan, index), index) for index in range(len(plan.children))], environ)
    first.start()
    up_at = first.now
    start = timeline_of(first.lines, None, [child.name for child in plan.children], awaited(plan))
    found: Worst | None = None
    variants = (True, False) if any(child.program for child in plan.children) else (False,)
    until = monotonic() + PATIENCE
    for signal, starting in product(_signals(plan), variants):
        for moment in _moments(start):
            if found is not None and monotonic() > until:
                return attrs.evolve(found, whole=False)
            at = up_at if moment is None else moment
            models = [
                known(_stopping(plan, index, signal, at, starting=starting), index)
                for index in range(len(plan.children))
            ]
            arrival = attrs.evolve(signal, at=at)
            stop = simulated(plan, environ, models, (arrival,))
            if found is None or _takes(stop) > _takes(found.stop):
                found = Worst(start, stop, attrs.evolve(signal, at=moment))
    if found is None:  # no signal begins a stop
        return Worst(start, start, Arrival(0, SENDERS[0]))
    return found


def unlimited(plan: Plan) -> Iterator[str]:
    """Yield what no rule sets a limit to, so that a start may take any time."""
    for child in plan.children:
        if child.task is not None and child.task.timeout is None and child.needed:
            yield f"{child.name} has no timeout"
        if child.ready is not None and child.ready.after is None and child.ready.within is None and child.needed:
            yield f"{child.name} may become ready at any time (no within)"


def _takes(timeline: Timeline) -> tuple[bool, int]:
    """Return how long a stop takes, so that one without an end is the longest."""
    if timeline.stop is None:
        return False, -1
    return timeline.code is None, timeline.end - timeline.stop


def _signals(plan: Plan) -> Iterator[Arrival]:
    """Yield the stop signals with their senders, but none that does the same as one before."""
    seen = set()
    for signal, sender in product(sorted(plan.stop_signals, key=lambda each: each != TERM), SENDERS):
        if sender not in plan.stop_senders.get(signal, SENDERS):
            continue
        tables = {(child.running, child.starting) for child in plan.children}
        does = tuple(
            sorted(
                (each, plan.tables[each[0]][sender][signal], plan.tables[each[1]][sender][signal]) for each in tables
            )
        )
        if does not in seen:
            seen.add(does)
            yield Arrival(signal, sender)


def _moments(start: Timeline) -> tuple[int | None, ...]:
    """Return when to try a stop: once the start is over, and at moments of the start at which something begins."""
    begins = sorted({line[0] for line in start.lines if line[1] in ("started", "run") and line[0] < start.end})
    return (None, *begins[:: max(len(begins) // MOST_MOMENTS, 1)])


def _model(plan: Plan, index: int) -> Model:
    """Return a child that takes all its time to start, and to stop."""
    rules = plan.children[index]
    if rules.task is not None:
        takes = TASK_TAKES if rules.task.timeout is None else rules.task.timeout - 1
        return attrs.evolve(TASK, ends=None if rules.task.at_end else takes, ends_in_stop=False)
    ready = 0 if rules.ready is None else _late(rules.ready)
    drains = plan.drain is not None and bool(plan.drain.wait)
    return attrs.evolve(CHILD, ready=ready, busy=None, leaves=drains, left=None)


def _late(rules: Ready) -> int:
    """Return the latest time at which a child may be ready, so that a look finds that before ``within`` is over."""
    if rules.within is None:
        return 0
    pause = 0 if rules.is_told() else rules.every if not rules.listen else LOOK if rules.within < SOON else LOOK_LATER
    return max(rules.within - pause - 1, 0)


def _stopping(plan: Plan, index: int, signal: Arrival, at: int, *, starting: bool) -> Model:
    """Return such a child in the variant whose stop takes longest.

    :param at: when the signal arrives, in milliseconds after the start.
    :param starting: it may not be its program by then.
    """
    model, rules = _model(plan, index), plan.children[index]
    now, before = (
        plan.actions[plan.tables[table][signal.sender][signal.signal]] for table in (rules.running, rules.starting)
    )
    variants: list[tuple[int, int | None, int | None]] = [(*_longest(now), 0)]
    if starting and rules.program:
        hold = before.hold or 0
        variants.append((*_longest(before), None))
        if before.do == "hold":
            late = max(hold - POLL - 1, 0)  # so that the engine sees it before the hold is over
            variants.append((variants[0][0] + late, variants[0][1], at + late))
    _, run, becomes = max(variants, key=itemgetter(0))
    return attrs.evolve(model, run=run, starting=becomes)


def _longest(action: Action) -> tuple[int, int | None]:
    """Return the most milliseconds that an action takes, and how long its command takes then; None: it never ends."""
    if action.do == "hold":
        return (action.hold or 0) + _sum(action.otherwise), None
    if not action.run:
        return _sum(action.steps), 0
    return max(
        (action.timeout + _sum(action.otherwise), None),
        (action.timeout - 1 + _sum(action.steps), action.timeout - 1),
        key=itemgetter(0),
    )


def _sum(steps: tuple[Step, ...]) -> int:
    return sum(step.wait + step.idle for step in steps)
