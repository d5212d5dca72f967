"""Restarts: whether a child that has ended is started again, and when.

Outside of a stop a child comes back if its rules say so (``Restart``): not after the codes in ``unless``, and only for
so many starts in a row as ``attempts`` allows. A child that has lived for ``stable`` begins a new row. Before each
start it backs off for as long as ``waits`` says, counted from its end.

First, what is left of its tree is killed, as it may hold a port or a lock that the new life needs. While that ends, the
child lingers. With ``exited = "tree"`` it has ended only when its tree has: all of this begins then, and nothing is
killed.

A stop ends all of this: a child that was to come back has exited.
"""

from __future__ import annotations

from sigroute.pid1.engine import action as actions
from sigroute.pid1.engine import many, probes
from sigroute.pid1.engine.life import REAPED, RETURNS
from sigroute.pid1.exit_codes import FAILURE
from sigroute.pid1.names import STANDARD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sigroute.pid1.engine.draft import Draft

KILL = STANDARD["KILL"]

#: Milliseconds: a process that has outlived KILL for so long does not keep a child from coming back. It may be in an
#: uninterruptible sleep (state D), which KILL does not end.
OUTLIVES = 2_000

#: The exit code of a command that was not found: another try would not find it either.
NOT_FOUND = 127


def goes_on(draft: Draft, index: int, *, reaped: bool) -> bool:
    """Tell whether a child that has ended comes back; if so, see to it.

    :param reaped: its process was there, and was just reaped.
    """
    child = draft.children[index]
    status = child.status or 0
    if child.failed and draft.plan.children[index].task is None:
        status = status or FAILURE
        draft.change(index, status=status)
    probes.abandon(draft, index)
    if not comes_back(draft, index, status):
        return False
    bring_back(draft, index, reaped=reaped)
    return True


def comes_back(draft: Draft, index: int, status: int) -> bool:
    """Tell whether a child is to be started again, now that it has ended with this code."""
    rules, child = draft.plan.children[index].restart, draft.children[index]
    if child.asked:
        return child.asked == "restart" and draft.state.stop is None
    if rules is None or draft.state.stop is not None or (status in rules.unless and not child.failed):
        return False
    if is_out_of_time(draft, index):
        return False
    if rules.attempts is not None and not is_stable(draft, index) and child.starts >= rules.attempts:
        draft.say("given-up", index, number=rules.attempts)
        return False
    return True


def is_out_of_time(draft: Draft, index: int) -> bool:
    """Tell whether this is a task whose time is over, all attempts together: it is not tried again."""
    return draft.children[index].failed and draft.plan.children[index].task is not None


def is_stable(draft: Draft, index: int) -> bool:
    """Tell whether a child that has just ended has lived so long that a new row of starts begins."""
    rules, child = draft.plan.children[index].restart, draft.children[index]
    return rules is not None and child.started_at is not None and draft.now - child.started_at >= rules.stable


def bring_back(draft: Draft, index: int, *, reaped: bool) -> None:
    """Have a child started again when its back-off is over and its tree has ended.

    :param reaped: its process was there, and was just reaped.
    """
    rules = draft.plan.children[index].restart
    asked = bool(draft.children[index].asked)
    if asked or is_stable(draft, index):
        draft.change(index, starts=0, waited=0, asked="")
    waited = draft.children[index].waited
    wait, most = 0, 0
    if rules is not None and not asked:
        wait, most = rules.waits[min(waited, len(rules.waits) - 1)], len(rules.waits)
    draft.change(index, back_at=draft.now + wait, waited=min(waited + 1, most))
    draft.say("comes-back", index, number=wait)
    if not reaped or draft.state.no_proc:
        back_off(draft, index)
        return
    actions.end_all(draft, index)
    draft.move(index, REAPED, poll_at=draft.now + OUTLIVES)
    draft.list_processes()


def back_off(draft: Draft, index: int) -> None:
    """Begin the back-off of a child of which nothing is left; a task that is out of time by now has failed."""
    child = draft.children[index]
    if is_out_of_time(draft, index):
        draft.change(index, back_at=None)
        many.tasks.ended(draft, index, child.status or 0)
    else:
        draft.move(index, RETURNS, retry_at=child.back_at)


def kill_rest(draft: Draft, index: int) -> None:
    """Kill what is left of the tree of a child that comes back."""
    for process in draft.children[index].members:
        draft.kill_other(process, KILL, index, "restart")


def outlived(draft: Draft, index: int) -> None:
    """Start a child again although something of its old tree has outlived KILL."""
    draft.say("outlived", index, number=len(draft.children[index].members))
    back_off(draft, index)
