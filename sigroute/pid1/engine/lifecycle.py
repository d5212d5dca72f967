"""Children from their start to their exit, and the commands of actions likewise."""

from __future__ import annotations

from sigroute.pid1.engine import action as actions
from sigroute.pid1.engine import delivery, listing, routing, stop
from sigroute.pid1.engine.effects import NOBODY, Spawn
from sigroute.pid1.engine.life import (
    BACKING_OFF,
    ENDED,
    FAILED,
    LINGERING,
    REAPED,
    RECOGNISED,
    REFUSED,
    SPAWN,
    SPAWNED,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sigroute.pid1.engine.draft import Draft
    from sigroute.pid1.engine.events import (
        Childless,
        Exited,
        NotReaped,
        NotSent,
        NotSpawned,
        RunNotStarted,
        RunStarted,
        Spawned,
    )

#: When fork fails for want of memory or pids: try again after so many milliseconds, then twice
#: as many, up to the second number.
RETRY, RETRY_MOST = 100, 10_000


def spawn_next(draft: Draft) -> None:
    """Start the first child that is due. One at a time, so that a stop can come between two."""
    if draft.state.stop is not None:
        return
    for index in sorted(draft.before.busy):
        child = draft.children[index]
        if child.phase == BACKING_OFF and child.retry_at is not None and child.retry_at <= draft.now:
            spawn(draft, index)
            return
    untried = draft.state.next_untried
    if untried < len(draft.children):
        draft.set(next_untried=untried + 1)
        spawn(draft, untried)


def spawn(draft: Draft, index: int) -> None:
    """Start a child: this begins a life."""
    draft.move(index, SPAWN)
    draft.emit(Spawn(child=index))


def on_spawned(draft: Draft, event: Spawned) -> None:
    """Note that a child runs; where the stop has begun meanwhile, it is meant too."""
    draft.move(event.child, SPAWNED, pid=event.pid, shares=event.shares, hears=event.hears, missed=event.missed)
    if not draft.plan.children[event.child].program:
        draft.move(event.child, RECOGNISED)
    draft.own(event.pid, event.child)
    if draft.state.stop is not None:
        routing.deliver(draft, event.child, draft.state.stop.arrival)


def on_not_spawned(draft: Draft, event: NotSpawned) -> None:
    """Give the child up, or try again later."""
    draft.disown(event.pid)
    attempts = draft.children[event.child].attempts
    if event.status:
        draft.move(event.child, FAILED, status=event.status)
    elif draft.state.stop is not None:
        draft.move(event.child, FAILED)
    else:
        wait = min(RETRY << attempts, RETRY_MOST)
        draft.move(event.child, REFUSED, retry_at=draft.now + wait, attempts=min(attempts + 1, 10))


def on_exited(draft: Draft, event: Exited) -> None:
    """Note whose process was reaped. Nobody's need no more than that."""
    index = draft.child_of(event.pid)
    owner = draft.disown(event.pid)
    if owner is None:
        count_roots(draft, event.pid)
    elif owner.run:
        actions.run_ended(draft, owner.run, well=event.status == 0)
        draft.forget_run(owner.run)
    elif index != NOBODY:
        child_exited(draft, index, event.status)


def count_roots(draft: Draft, pid: int) -> None:
    """Look again at a tree once the last process has been reaped from which somebody descends who is waited for."""
    for index in draft.before.busy:
        child = draft.children[index]
        if child.phase == LINGERING and pid in child.roots:
            draft.change(index, roots_left=child.roots_left - 1)
            if child.roots_left == 1:
                draft.look_rested()


def child_exited(draft: Draft, index: int, status: int) -> None:
    """Note that a child's process was reaped; what else of it is waited for is looked at."""
    draft.change(index, status=status)
    for each in draft.children[index].progress:
        stops = each.is_stop and draft.plan.children[index].tree  # its wait is for all of the tree
        if not (stops or delivery.is_wide(draft, each)):
            draft.forget(index, each.id)
    if listing.is_waited_for(draft, index) and not draft.state.no_proc:
        draft.move(index, REAPED)
        draft.look_rested()
    else:
        draft.move(index, ENDED)


def on_run_started(draft: Draft, event: RunStarted) -> None:
    """Note whose process this is; one that was given up meanwhile is killed."""
    run = draft.state.runs[event.run]
    draft.own(event.pid, run.child, event.run)
    draft.put_run(event.run, run.but(pid=event.pid))
    if run.to_kill:
        draft.look()


def on_run_not_started(draft: Draft, event: RunNotStarted) -> None:
    """Go on with ``else``."""
    draft.disown(event.pid)
    actions.run_ended(draft, event.run, well=False)
    draft.forget_run(event.run)


def run_over(draft: Draft, number: int) -> None:
    """Give up a command whose time is over."""
    run = draft.state.runs[number]
    draft.say("run-late", run.child)
    actions.run_ended(draft, number, well=False)
    draft.put_run(number, draft.state.runs[number].but(to_kill=True))
    draft.look()


def on_not_sent(_draft: Draft, _event: NotSent) -> None:
    """One child that can't be reached changes nothing for the others: it is told, and that is all."""


def on_not_reaped(_draft: Draft, _event: NotReaped) -> None:
    """Nobody's end will be known; signals are routed all the same."""


def on_childless(draft: Draft, _event: Childless) -> None:
    """Wait for nobody any more: nothing is left, but what may be another's."""
    for index in draft.before.busy:
        lingers = draft.children[index].phase == LINGERING
        if lingers and (
            draft.state.no_proc or draft.state.listing_failures or not listing.is_left_to_another(draft, index)
        ):
            listing.gone(draft, index)
    if draft.state.drain is not None:
        stop.end(draft)
