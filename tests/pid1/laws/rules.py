"""What the rules say, read from docs/rules.md and the plan alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigroute.pid1.engine.life import EXITED, LINGERING, RUNNING, STARTING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sigroute.pid1.engine.events import Process
    from sigroute.pid1.engine.state import Arrival, State
    from sigroute.pid1.plan import Action, Plan, Step

    Steps = Sequence[Step]
    Sent = tuple[int, int | None]
    """A signal and its value."""

TERM = 15
#: The same signal within this many milliseconds is a duplicate.
DUPLICATE = 200
#: The phases in which a child's process is there.
RUNS = (STARTING, RUNNING)


def sends(step: Step, arrival: Arrival, *, group: bool = False) -> Sent:
    """Return what a step sends: what arrived keeps its value, but to a group, and what is written has none."""
    if step.signal or arrival.instead:
        return step.signal or arrival.instead, None
    return arrival.signal, None if group else arrival.value


def burst(steps: Steps, arrival: Arrival, *, group: bool = False) -> list[Sent]:
    """Return what is sent at once, at the beginning of a chain."""
    sent = []
    for each in steps:
        if each.wait:
            break
        sent.append(sends(each, arrival, group=group))
    return sent


def descendants(processes: Sequence[Process], root: int) -> list[Process]:
    """Return the living that descend from a process."""
    found, parents = [], {root}
    for _ in processes:
        new = [each for each in processes if each.parent in parents and each.pid not in parents]
        if not new:
            break
        parents |= {each.pid for each in new}
        found += new
    return [each for each in found if each.state not in "ZX"]


def has_exited(plan: Plan, state: State, index: int) -> bool:
    """Tell whether a child has: its process, or all that it means."""
    phase = state.children[index].phase
    return phase == EXITED or (phase == LINGERING and not plan.children[index].tree)


def when_is_met(plan: Plan, state: State) -> bool:
    """Tell whether the container ends by itself."""
    exited = [has_exited(plan, state, index) for index in range(len(state.children))]
    if isinstance(plan.when, tuple):
        return any(exited[index] for index in plan.when)
    return any(exited) if plan.when == "any" else all(exited)


def signals_of(action: Action) -> set[int]:
    """Return every signal an entry can send."""
    chains = [action.steps, action.otherwise, *(how for how in action.again.values() if isinstance(how, tuple))]
    return {step.signal for chain in chains for step in chain}
