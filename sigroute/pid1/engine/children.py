"""The start and the end of children, and of the commands of actions."""

from __future__ import annotations

from sigroute.pid1.engine import action as actions
from sigroute.pid1.engine import (
    delivery,
    listing,
    many,
    routing,
    stop,
)
from sigroute.pid1.engine.effects import NOBODY
from sigroute.pid1.engine.life import (
    BACKING_OFF,
    ENDED,
    FAILED,
    LEFT,
    LINGERING,
    REAPED,
    RECOGNISED,
    REFUSED,
    SPAWNED,
    WAITING,
)
from sigroute.pid1.engine.state import CONDITION, PROBE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sigroute.pid1.engine.draft import Draft
    from sigroute.pid1.engine.events import (
        Childless,
        Exited,
        HelperEnded,
        NotReaped,
        NotSent,
        NotSpawned,
        RunNotStarted,
        RunStarted,
        Spawned,
    )

#: The back-off, in milliseconds, when the kernel has no memory or pid for a child (fork(2), EAGAIN and ENOMEM): the
#: first pause, which doubles each time, and the longest one.
RETRY, RETRY_MOST = 100, 10_000


def spawn_next(draft: Draft) -> None:
    """Start the first child that is due: one in each step, so that a stop signal can come in between."""
    if draft.state.stop is not None or draft.state.failed_task is not None:
        return
    for index in sorted(draft.before.busy):
        child = draft.children[index]
        if child.phase in (WAITING, BACKING_OFF) and child.retry_at is not None and child.retry_at <= draft.now:
            take_turn(draft, index)
            return
    untried = draft.state.next_untried
    if untried < len(draft.children):
        draft.set(next_untried=untried + 1)
        if not draft.is_end_task(untried) and draft.children[untried].phase == WAITING:
            take_turn(draft, untried)


def take_turn(draft: Draft, index: int) -> None:
    """Start a child whose turn it is, unless it has to wait for others."""
    if draft.plan.many:
        many.order.take_turn(draft, index)
    else:
        draft.spawn(index)


def on_spawned(draft: Draft, event: Spawned) -> None:
    """Note that a child has a process; if a stop has begun meanwhile, deliver its signal to the child."""
    draft.move(event.child, SPAWNED, pid=event.pid)
    if event.shares:
        draft.change(event.child, shares=True, hears=event.hears, missed=event.missed)
    if not draft.plan.children[event.child].program:
        draft.move(event.child, RECOGNISED)
    draft.own(event.pid, event.child)
    if draft.plan.many:
        begin_life(draft, event.child)
    if draft.state.stop is not None:
        routing.deliver(draft, event.child, draft.state.stop.arrival)


def begin_life(draft: Draft, index: int) -> None:
    """Note what the rules say about the time of a child that has just been started."""
    rules = draft.plan.children[index]
    draft.change(index, lived=True)
    if rules.restart is not None:
        draft.change(index, started_at=draft.now)
    if rules.task is not None:
        many.tasks.begin(draft, index, rules.task)
    many.readiness.begin(draft, index)
    many.watches.begin(draft, index)


def on_not_spawned(draft: Draft, event: NotSpawned) -> None:
    """Give the child up, or try again later."""
    draft.disown(event.pid)
    if draft.plan.many and not many.conditions.not_started(draft, event.child):
        return
    refusals = draft.children[event.child].refusals
    if event.status:
        not_run(draft, event.child, event.status)
    elif draft.state.stop is not None:
        draft.move(event.child, FAILED)
    elif draft.plan.many and many.restart.is_out_of_time(draft, event.child):
        many.tasks.out_of_time(draft, event.child)
    else:
        wait = min(RETRY << refusals, RETRY_MOST)
        draft.move(event.child, REFUSED, retry_at=draft.now + wait, refusals=min(refusals + 1, 10))
        if draft.plan.children[event.child].restart is not None:  # it does not count as a start
            draft.change(event.child, starts=draft.children[event.child].starts - 1)


def not_run(draft: Draft, index: int, status: int) -> None:
    """Note that a child's program could not be run; another try may find what is missing, but not a program."""
    draft.change(index, status=status)
    if not draft.plan.many:
        draft.move(index, FAILED)
    elif status != many.restart.NOT_FOUND and many.restart.comes_back(draft, index, status):
        many.restart.bring_back(draft, index, reaped=False)
    elif draft.plan.children[index].task is not None:
        many.tasks.ended(draft, index, status, FAILED)
    else:
        draft.move(index, FAILED)


def on_exited(draft: Draft, event: Exited) -> None:
    """Note that a process was reaped: a child's own, a command's, or one that sigroute has adopted."""
    index = draft.child_of(event.pid)
    owner = draft.disown(event.pid)
    if owner is None:
        count_roots(draft, event.pid)
    elif owner.run:
        run_exited(draft, owner.run, event.status)
    elif index != NOBODY:
        child_exited(draft, index, event.status)


def run_exited(draft: Draft, number: int, status: int) -> None:
    """Note that the process of a command was reaped, or one that looks whether conditions hold."""
    if draft.state.runs[number].progress == CONDITION:
        many.conditions.answered(draft, number, status)
    else:
        run_ended(draft, number, f"it has exited with {status}" if status else "")
    draft.forget_run(number)


def run_ended(draft: Draft, number: int, trouble: str) -> None:
    """Take the outcome of a command: of an action, or of a probe.

    :param trouble: why it has failed; empty: it has not.
    """
    run = draft.state.runs[number]
    if run.progress != PROBE:
        actions.run_ended(draft, number, well=not trouble)
    elif not many.probes.counts(draft, number):
        return
    elif draft.children[run.child].ready:
        many.health.answered(draft, run.child, trouble)
    else:
        many.readiness.answered(draft, run.child, well=not trouble)


def count_roots(draft: Draft, pid: int) -> None:
    """List the processes again once all ``roots`` of a lingering child are reaped: its tree may have ended."""
    for index in draft.before.busy:
        child = draft.children[index]
        if child.phase == LINGERING and pid in child.roots:
            draft.change(index, roots_left=child.roots_left - 1)
            if child.roots_left == 1:
                draft.list_rested()


def child_exited(draft: Draft, index: int, status: int) -> None:
    """Note that a child's own process was reaped; the child lingers if sigroute waits for more than that process."""
    draft.change(index, status=status, refusals=0)
    tree = draft.plan.children[index].tree and not draft.state.no_proc
    if (draft.plan.many or draft.children[index].asked) and not tree and goes_on(draft, index, status):
        return
    for each in draft.children[index].progress:
        stops = each.is_stop and draft.plan.children[index].tree  # this stop action waits for the whole tree
        if not (stops or delivery.is_wide(draft, each)):
            draft.forget(index, each.id)
    if listing.is_waited_for(draft, index) and not draft.state.no_proc:
        draft.move(index, LEFT if tree else REAPED)
        draft.list_rested()
    else:
        draft.move(index, ENDED)


def goes_on(draft: Draft, index: int, status: int) -> bool:
    """Tell whether a child that has ended comes back, or is a task; then what follows from that is done."""
    if many.restart.goes_on(draft, index, reaped=True):
        return True
    if draft.plan.children[index].task is None:
        return False
    actions.end_all(draft, index)
    many.tasks.ended(draft, index, status)
    return True


def on_run_started(draft: Draft, event: RunStarted) -> None:
    """Note the pid of a command; have it killed if its action was given up meanwhile."""
    run = draft.state.runs[event.run]
    draft.own(event.pid, run.child, event.run)
    draft.put_run(event.run, run.but(pid=event.pid))
    if run.kill_at_list:
        draft.list_processes()


def on_run_not_started(draft: Draft, event: RunNotStarted) -> None:
    """Continue the action of a command that could not be run: with ``else``."""
    draft.disown(event.pid)
    run_ended(draft, event.run, event.reason or "it cannot be run")
    draft.forget_run(event.run)


def run_over(draft: Draft, number: int) -> None:
    """End a command whose ``timeout`` is over: it has failed, and is killed with its tree."""
    run = draft.state.runs[number]
    if run.progress == CONDITION:
        many.conditions.long(draft, number)
        return
    if run.progress != PROBE:
        draft.say("run-late", run.child)
    run_ended(draft, number, "it takes longer than its timeout")
    draft.put_run(number, draft.state.runs[number].but(kill_at_list=True))
    draft.list_processes()


def on_not_sent(_draft: Draft, _event: NotSent) -> None:
    """Do nothing: the log tells it, and the other children get their signals all the same."""


def on_not_reaped(_draft: Draft, _event: NotReaped) -> None:
    """Do nothing: sigroute will not learn of any exit, but it still routes signals."""


def on_helper_ended(draft: Draft, _event: HelperEnded) -> None:
    """List again if a child lingers: a process with the pid of a task whose exit is withheld was hidden till now."""
    if any(draft.children[index].phase == LINGERING for index in draft.before.busy):
        draft.list_rested()


def on_childless(draft: Draft, _event: Childless) -> None:
    """End the life of lingering children, and the drain: sigroute has no child processes left.

    A child whose tree has another adopter lingers on: its processes are not sigroute's to reap.
    """
    for index in draft.before.busy:
        lingers = draft.children[index].phase == LINGERING
        if lingers and (
            draft.state.no_proc or draft.state.listing_failures or not listing.is_left_to_another(draft, index)
        ):
            listing.gone(draft, index)
    if draft.state.drain is not None:
        stop.end(draft)
