"""What a child waits for, or what it does next: one object for each, and the words for people."""

from __future__ import annotations

from sigroute.pid1.engine import many
from sigroute.pid1.engine.action import waited_for
from sigroute.pid1.engine.life import BACKING_OFF, LINGERING, STARTING, WAITING
from sigroute.pid1.engine.state import AFTER, COMMAND
from sigroute.pid1.names import name_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sigroute.pid1.control.as_json import Object
    from sigroute.pid1.engine.draft import Draft
    from sigroute.pid1.engine.state import Progress


def waits_of(draft: Draft, index: int) -> list[Object]:
    """Return what a child waits for now: nothing, mostly."""
    child = draft.children[index]
    found: list[Object] = []
    if index in draft.state.blocked:
        found.append({"for": "needs", "children": names(draft, many.order.hindrances(draft, index))})
    elif child.phase == WAITING and draft.is_end_task(index):
        found.append({"for": "end"})
    if child.phase == BACKING_OFF and child.retry_at is not None:
        found.append({"for": "start", "ms": left(draft, child.retry_at)})
    if child.phase == STARTING:
        found.append({"for": "program", "children": [*draft.plan.children[index].program]})
    if child.phase == LINGERING:
        found.append({"for": "tree", "processes": len(child.members)})
    if child.late_at is not None:
        found.append({"for": "ready", "ms": left(draft, child.late_at)})
    held = [{"for": "hold", "signal": name_of(each.arrival.signal), "ms": left(draft, each.due)} for each in child.held]
    return [*found, *held, *[of_action(draft, each) for each in child.progress]]


def of_action(draft: Draft, each: Progress) -> Object:
    """Return what an action that is under way waits for."""
    signal = name_of(each.arrival.signal)
    if each.stage == AFTER:
        return {"for": "after", "signal": signal, "children": names(draft, waited_for(draft, each))}
    if each.stage == COMMAND:
        due = [run.due for run in draft.state.runs.values() if run.progress == each.id]
        return {"for": "run", "signal": signal, "ms": left(draft, due[0] if due else None)}
    if each.steps:
        step = each.steps[0]
        what = "idle" if step.idle and each.due is not None and not step.wait else "step"
        return {"for": what, "signal": name_of(step.signal or each.arrival.signal), "ms": left(draft, each.due)}
    return {"for": "exit", "signal": signal}


def names(draft: Draft, indices: list[int]) -> list[str]:
    """Return the names of children."""
    return [draft.plan.children[index].name for index in indices]


def left(draft: Draft, due: int | None) -> int | None:
    """Return the milliseconds until a time; None: there is none."""
    return None if due is None else max(due - draft.now, 0)
