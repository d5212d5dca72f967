"""Idle waits: until no connection to the child's ``ready.listen`` is busy, and no longer than is written.

The kernel's tables are looked at when the wait begins, and then every LOOK milliseconds. With many connections a look
takes its time, so the next one comes after REST times that: sigroute has other work, too. The first look that finds no
busy connection ends the wait. What is busy is said in kernel/connections.py.

A step may have a plain wait before its idle wait. A wait that is over is taken off the step.
"""

from __future__ import annotations

from sigroute.pid1.engine import action as actions
from sigroute.pid1.engine.effects import Probe, Say
from sigroute.pid1.engine.state import SENDING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sigroute.pid1.engine.draft import Draft
    from sigroute.pid1.engine.events import Probed
    from sigroute.pid1.engine.state import Progress

#: Milliseconds between two looks.
LOOK = 250

#: The time between two looks is at least that of the last one times this.
REST = 20


def go_on(draft: Draft, index: int, progress: Progress) -> None:
    """Begin the idle wait of an action's first step; or, if it has begun, end it."""
    if is_waiting(progress):
        stored = draft.progress(index, progress.id)
        if stored is not None and stored.due is not None and stored.due <= draft.now:
            draft.say("still-busy", index)
        end(draft, index, progress)
        return
    step, *rest = progress.steps
    progress = progress.but(
        steps=(step.but(wait=0), *rest), due=draft.now + step.idle, look_at=None, awaits_answer=False, listed=False
    )
    number = step.signal or progress.arrival.instead or progress.arrival.signal
    origin = draft.action(progress.action).origin
    draft.emit(Say(what="waits-idle", child=index, signal=number, origin=origin, wait=step.idle))
    look(draft, index, progress)


def is_waiting(progress: Progress) -> bool:
    """Tell whether an action is in an idle wait."""
    if progress.stage != SENDING or not progress.steps or progress.due is None:
        return False
    return bool(progress.steps[0].idle) and not progress.steps[0].wait


def look(draft: Draft, index: int, progress: Progress) -> None:
    """Ask whether connections are busy."""
    draft.put(index, progress)
    rules = draft.plan.children[index].ready
    assert rules is not None  # noqa: S101 - only such a child has an idle wait
    pid, no_diag = draft.children[index].pid, draft.state.no_diag
    draft.emit(Probe(child=index, pid=pid, listen=rules.listen, progress=progress.id, no_diag=no_diag))


def answered(draft: Draft, event: Probed) -> None:
    """End the wait if no connection is busy; else look again later."""
    if event.refused and not draft.state.no_diag:
        draft.set(no_diag=True)
        draft.say("no-diag", text=event.refused)
    progress = draft.progress(event.child, event.progress)
    if progress is None or not is_waiting(progress) or progress.due is None:
        return
    if event.well:
        draft.say("idle", event.child)
        end(draft, event.child, progress)
    else:
        look_at = draft.now + max(LOOK, REST * event.took)
        draft.put(event.child, progress.but(look_at=look_at if look_at < progress.due else None))


def end(draft: Draft, index: int, progress: Progress) -> None:
    """Do the step that has waited."""
    step, *rest = progress.steps
    actions.send_on(draft, index, progress.but(steps=(step.but(idle=0), *rest)))
