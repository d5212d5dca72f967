"""The order of the start: a child is started once all that it ``needs`` is ready.

Its turn comes in the file's order. If something that it needs is not ready, it is blocked, and the children after it
are started meanwhile. Each step looks at the blocked children again:

* all that it needs is ready, and each task that it needs is done: it is started, or left out (conditions.py);
* something that it needs has exited for good, so it would wait in vain: it is never started, and exits with that code.
  If it has lived before, it does not wait for such a one, but only for those that come back;
* a stop begins: it is never started (stop.py).

The stop has the reverse order: the plan's stop actions wait for the children that need a child (``Action.after``).
"""

from __future__ import annotations

from sigroute.pid1.engine import conditions, naming
from sigroute.pid1.engine.life import FAILED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sigroute.pid1.engine.draft import Draft


def take_turn(draft: Draft, index: int) -> None:
    """Start a child whose turn it is, or have it wait for what it needs."""
    left = hindrances(draft, index)
    if not left:
        draft.set(blocked=draft.state.blocked - {index})
        start(draft, index)
    elif not give_up(draft, index, left) and index not in draft.state.blocked:
        draft.set(blocked=draft.state.blocked | {index})
        draft.change(index, retry_at=None)
        draft.say("needs", index, text=naming.names(draft, left))


def start(draft: Draft, index: int) -> None:
    """Start a child that need not wait, unless its conditions are still to be looked at."""
    if conditions.is_decided(draft, index):
        draft.spawn(index)


def hindrances(draft: Draft, index: int) -> list[int]:
    """Return what a child needs and is not ready."""
    first = not draft.children[index].lived
    return [
        need
        for need in draft.plan.children[index].needs
        if not is_ready(draft, need) and (first or not draft.has_exited(need))
    ]


def is_ready(draft: Draft, index: int) -> bool:
    """Tell whether those that need a child need not wait for it."""
    child = draft.children[index]
    if draft.is_left_out(index):
        return True
    return child.ready if draft.plan.children[index].task is None else child.done


def give_up(draft: Draft, index: int, left: list[int]) -> bool:
    """Never start a child if something that it needs will never be ready; tell whether that is so."""
    gone = next((need for need in left if draft.has_exited(need) and not draft.children[need].asked), None)
    if gone is None:
        return False
    draft.set(blocked=draft.state.blocked - {index})
    draft.move(index, FAILED, status=draft.children[gone].status)
    draft.say("needs-gone", index, text=naming.names(draft, [gone]))
    return True


def release(draft: Draft) -> None:
    """Let those children have their turn whose wait is over; each is started in a step of its own."""
    changed = {index for index in draft.touched if draft.plan.children[index].needed}
    while changed and draft.state.blocked:
        given_up = set()
        for index in sorted(draft.state.blocked):
            if changed.isdisjoint(draft.plan.children[index].needs):
                continue
            left = hindrances(draft, index)
            if not left:
                draft.set(blocked=draft.state.blocked - {index})
                draft.change(index, retry_at=draft.now)
            elif give_up(draft, index, left):
                given_up.add(index)
        changed = given_up  # others may need these
