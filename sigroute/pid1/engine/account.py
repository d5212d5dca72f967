"""What the log says of a stop of several children while it lasts, and at its end.

Every PAUSE milliseconds it names those that are still there, and what each waits for. At the end it says how long the
stop took, and whose exit took the longest: since the last exit that it waits for (``after``), or since the stop began.
"""

from __future__ import annotations

from sigroute.pid1.engine import naming
from sigroute.pid1.engine.life import EXITED, LINGERING, STARTING
from sigroute.pid1.engine.state import AFTER, COMMAND
from sigroute.pid1.names import name_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sigroute.pid1.engine.draft import Draft
    from sigroute.pid1.engine.state import Child

#: Milliseconds between two such lines.
PAUSE = 5_000


def tick(draft: Draft) -> None:
    """Tell what is still there, if it is time to."""
    stop = draft.state.stop
    if stop is None or stop.tell_at is None or stop.tell_at > draft.now:
        return
    draft.set(stop=stop.but(tell_at=draft.now + PAUSE))
    left = [index for index, child in enumerate(draft.children) if child.phase != EXITED and not waits(draft, index)]
    told = [f"{draft.plan.children[index].name} ({reason(draft, index)})" for index in left[: naming.NAMED]]
    if told:
        draft.say("still", number=(draft.now - stop.began) // 1000, text=naming.listed(told, len(left)))


def waits(draft: Draft, index: int) -> bool:
    """Tell whether this is a task of the end whose time has not come."""
    return draft.is_end_task(index) and not draft.is_alive(index)


def reason(draft: Draft, index: int) -> str:
    """Return what a child's stop waits for."""
    if draft.is_end_task(index):
        return "it runs"  # no signal reaches it
    for each in draft.children[index].progress:
        if not each.is_stop:
            continue
        if each.stage == AFTER:
            after = draft.action(each.action).after
            return f"after {naming.names(draft, [other for other in after if not draft.has_exited(other)])}"
        if each.stage == COMMAND:
            return "its command runs"
        if each.steps and each.due is not None:
            step = each.steps[0]
            left = max(each.due - draft.now, 0) + (step.idle if step.wait else 0)
            most = " at most" if step.idle else ""
            return f"{name_of(step.signal or each.arrival.signal)} in {left // 1000} s{most}"
        return "it has got its last signal"
    return without_action(draft, draft.children[index])


def without_action(draft: Draft, child: Child) -> str:
    """Return what a child waits for that has no stop action under way."""
    for each in child.held:
        if draft.plan.is_stop(each.arrival):
            until = "it runs its program" if child.phase == STARTING else "it has a handler for it"
            return f"{name_of(each.arrival.signal)} is held until {until}"
    return "it has its tree left" if child.phase == LINGERING else "no signal has reached it"


def exited(draft: Draft, exits: list[int]) -> None:
    """Note whose exit has taken the longest so far, without the time in which it waited for others."""
    stop = draft.state.stop
    if stop is None or not exits or stop is not draft.before.stop:
        return
    longest = stop.longest
    for index in exits:
        after = draft.action(draft.lookup(index, stop.arrival)).after
        others = stop.exits if draft.is_end_task(index) else after
        since = max([stop.exits.get(other, stop.began) for other in others], default=stop.began)
        longest = max(longest, (draft.now - since, index), key=lambda each: each[0])
    draft.set(stop=stop.but(longest=longest, exits=stop.exits | dict.fromkeys(exits, draft.now)))


def end(draft: Draft) -> None:
    """Tell how long the stop took, and which part of it was the longest."""
    stop = draft.state.stop
    if stop is None:
        return
    part, index = stop.longest
    drain = draft.now - max(stop.exits.values(), default=stop.began)
    name = "the drain" if drain > part else draft.plan.children[index].name
    draft.say("took", number=draft.now - stop.began, wait=max(part, drain), text=name)
