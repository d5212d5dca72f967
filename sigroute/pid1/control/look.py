"""A look at the children that may have become their program: PID 1 itself looks only when that matters for a signal."""

from __future__ import annotations

from sigroute.pid1.engine.events import Inspected
from sigroute.pid1.engine.life import STARTING
from sigroute.pid1.engine.step import step
from sigroute.pid1.kernel import below

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sigroute.pid1.engine.state import State
    from sigroute.pid1.plan import Plan


def looked_at(plan: Plan, state: State, now: int) -> State:
    """Return the state as it would be if a signal had come for each of these; nothing else is done."""
    for index, child in enumerate(state.children):
        rules = plan.children[index]
        if child.phase == STARTING and rules.program and child.poll_at is None and not child.inbox:
            known, comm, found = below.names_and_below(child.pid, () if rules.holds else rules.program)
            seen = Inspected(child=index, names=known, comm=comm, below=found, handled=None)
            state, _ = step(plan, state, seen, now)
    return state
