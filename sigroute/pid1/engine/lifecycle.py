"""Children from their start to their exit, and the commands of actions likewise."""

from __future__ import annotations

from sigroute.pid1.engine import action as actions
from sigroute.pid1.engine import delivery, listing, routing, stop
from sigroute.pid1.engine.effects import Kill, Spawn, Suspend
from sigroute.pid1.engine.state import EXITED, LINGERING, READY, STARTING, UNSTARTED, Child
from sigroute.pid1.names import STANDARD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sigroute.pid1.engine.draft import Draft
    from sigroute.pid1.engine.events import (
        Childless,
        Continued,
        Exited,
        NotReaped,
        NotSent,
        NotSpawned,
        Resumed,
        RunNotStarted,
        RunStarted,
        Spawned,
        Stopped,
    )

#: When fork fails for want of memory or pids: try again after so many milliseconds, then twice
#: as many, up to the second number.
RETRY, RETRY_MOST = 100, 10_000

CONT, TSTP = STANDARD["CONT"], STANDARD["TSTP"]

WANTS_TERMINAL = frozenset((STANDARD["TTIN"], STANDARD["TTOU"]))


def spawn_next(draft: Draft) -> None:
    """Start the first child that is due. One at a time, so that a stop can come between two."""
    if draft.stop is not None:
        return
    for index in sorted(draft.before.busy):
        child = draft.children[index]
        if child.phase == UNSTARTED and child.due is not None and child.due <= draft.now:
            spawn(draft, index)
            return
    if draft.untried < len(draft.children):
        draft.untried += 1
        spawn(draft, draft.untried - 1)


def spawn(draft: Draft, index: int) -> None:
    """Start a child."""
    draft.change(index, due=None)
    draft.emit(Spawn(child=index))


def on_spawned(draft: Draft, event: Spawned) -> None:
    """Note that a child runs; where the stop has begun meanwhile, it is meant too."""
    phase = STARTING if draft.plan.children[event.child].program else READY
    draft.change(event.child, phase=phase, pid=event.pid)
    draft.own(event.pid, ("child", event.child))
    if draft.stop is not None:
        routing.deliver(draft, event.child, draft.stop.arrival)


def on_not_spawned(draft: Draft, event: NotSpawned) -> None:
    """Give the child up, or try again later; what was begun for one that was taken for started is over."""
    draft.disown(event.pid)
    never_ran = Child(due=None, attempts=draft.children[event.child].attempts)
    child = draft.change(event.child, **never_ran.fields())
    if event.status:
        draft.change(event.child, phase=EXITED, status=event.status)
    elif draft.stop is not None:
        draft.change(event.child, phase=EXITED)
    else:
        wait = min(RETRY << child.attempts, RETRY_MOST)
        attempts = min(child.attempts + 1, 10)
        draft.change(event.child, due=draft.now + wait, attempts=attempts)


def on_exited(draft: Draft, event: Exited) -> None:
    """Note whose process was reaped. Nobody's need no more than that."""
    owner = draft.disown(event.pid)
    if owner is None:
        for index in draft.before.busy:
            child = draft.children[index]
            if child.phase == LINGERING and event.pid in child.tops:
                draft.change(index, left=child.left - 1)
                if child.left == 1:
                    draft.look_rested()
        return
    kind, number = owner
    if kind == "run":
        actions.run_ended(draft, number, well=event.status == 0)
        draft.forget_run(number)
        return
    draft.change(number, status=event.status, inbox=(), held=(), poll=None, stopped=False)
    for each in draft.children[number].progress:
        stops = each.stop and draft.plan.children[number].tree  # its wait is for all of the tree
        if not (stops or delivery.is_wide(draft, each)):
            draft.forget(number, each.id)
    if listing.is_waited_for(draft, number) and not draft.blind:
        draft.change(number, phase=LINGERING)
        draft.look_rested()
    else:
        listing.gone(draft, number)


def on_stopped(draft: Draft, event: Stopped) -> None:
    """Remember that a child is stopped; wake it in a stop, else stop with it, or let it have what it asks for."""
    kind, number = draft.owners.get(event.pid, ("", 0))
    if kind != "child":
        return
    draft.change(number, stopped=True)
    if delivery.wake_late(draft, number) or (draft.stop is not None and draft.stop.over):
        return
    wants = event.signal in WANTS_TERMINAL
    may = draft.plan.children[number].terminal or draft.children[number].phase == STARTING
    if wants and not may:
        draft.say("not-lent", number)
    others = (index for index in range(len(draft.children)) if draft.is_alive(index))
    follows = wants or may or all(draft.children[index].stopped for index in others)
    if follows or event.signal == TSTP:
        draft.emit(Suspend(child=number, pid=event.pid, signal=event.signal, asks=wants and may, follows=follows))


def on_resumed(draft: Draft, event: Resumed) -> None:
    """Have the child go on for which sigroute stopped, and the others that have stopped: each with its group."""
    for index, child in enumerate(draft.children):
        if draft.is_alive(index) and (child.stopped or index == event.child):
            draft.emit(Kill(child=index, pid=child.pid, signal=CONT, group=True, origin="terminal"))


def on_continued(draft: Draft, event: Continued) -> None:
    """Remember that a child is not stopped."""
    kind, number = draft.owners.get(event.pid, ("", 0))
    if kind == "child":
        draft.change(number, stopped=False)


def on_run_started(draft: Draft, event: RunStarted) -> None:
    """Note whose process this is; one that was given up meanwhile is killed."""
    draft.own(event.pid, ("run", event.run))
    run = draft.runs[event.run]
    draft.put_run(event.run, run.but(pid=event.pid))
    if run.doomed:
        draft.look()


def on_run_not_started(draft: Draft, event: RunNotStarted) -> None:
    """Go on with ``else``."""
    draft.disown(event.pid)
    actions.run_ended(draft, event.run, well=False)
    draft.forget_run(event.run)


def run_over(draft: Draft, number: int) -> None:
    """Give up a command whose time is over."""
    run = draft.runs[number]
    draft.say("run-late", run.child)
    actions.run_ended(draft, number, well=False)
    draft.put_run(number, draft.runs[number].but(doomed=True))
    draft.look()


def on_not_sent(_draft: Draft, _event: NotSent) -> None:
    """One child that can't be reached changes nothing for the others: it is told, and that is all."""


def on_not_reaped(_draft: Draft, _event: NotReaped) -> None:
    """Nobody's end will be known; signals are routed all the same."""


def on_childless(draft: Draft, _event: Childless) -> None:
    """Wait for nobody any more: nothing is left, but what may be another's."""
    for index in draft.before.busy:
        lingers = draft.children[index].phase == LINGERING
        if lingers and (draft.blind or draft.unread or not listing.is_left_to_another(draft, index)):
            listing.gone(draft, index)
    if draft.drain is not None:
        stop.end(draft)
