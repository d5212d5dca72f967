"""Conditions: whether a child is started at all (``only-if``).

This is decided once, when all that the child needs is ready, and before it is started. A process of its own looks, as a
path may hang: that holds up nobody but this child, which waits for the answer. A stop ends the wait, and the child is
never started. If the process can't be made, or can't have the child's environment, then the start has failed, and all
goes on as after such a failure; the next start asks again.

A child that is left out has exited without having been started: those that need it need not wait for it, and it can't
end the container. If all that could end it are left out, the container ends at once.
"""

from __future__ import annotations

from sigroute.pid1.engine.effects import Decide
from sigroute.pid1.engine.life import CANCELLED, OMITTED
from sigroute.pid1.engine.state import CONDITION, RunState

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sigroute.pid1.engine.draft import Draft

#: Milliseconds: a process that takes longer is told of, once.
LONG = 10_000

#: Milliseconds until a new process looks, as something has killed the one before, or is to.
AGAIN = 1_000

#: The highest exit code that is an answer: the number of the first condition that does not hold.
MOST = 100


def is_decided(draft: Draft, index: int) -> bool:
    """Tell whether a child can be started; if that is not decided yet, have it found out."""
    if draft.children[index].included or not draft.plan.children[index].only_if:
        return True
    number = under_way(draft, index)
    if number is not None and draft.state.runs[number].kill_at_list:
        draft.change(index, retry_at=draft.now + AGAIN)  # it was given up, and has not ended yet
    elif number is None:
        number = draft.next_id()
        generation = draft.children[index].generation
        draft.put_run(number, RunState(child=index, progress=CONDITION, generation=generation, due=draft.now + LONG))
        draft.change(index, retry_at=None)
        draft.emit(Decide(run=number, child=index))
    return False


def under_way(draft: Draft, index: int) -> int | None:
    """Return the number of the process that looks for a child; None: there is none."""
    runs = draft.state.runs.items()
    return next((number for number, run in runs if run.child == index and run.progress == CONDITION), None)


def answered(draft: Draft, number: int, status: int) -> None:
    """Take the answer of such a process, by its exit code, unless it was given up."""
    run, stops = draft.state.runs[number], draft.state.stop is not None
    if run.kill_at_list:
        return
    if status == 0:
        draft.change(run.child, included=True, retry_at=None if stops else draft.now)
    elif status <= MOST:
        leave_out(draft, run.child, status - 1)
    elif stops:  # a task of the end
        draft.move(run.child, CANCELLED)
        draft.say("never-started", run.child, text="its only-if can't be looked at")
    else:
        draft.change(run.child, retry_at=draft.now + AGAIN)


def leave_out(draft: Draft, index: int, which: int) -> None:
    """Note that a child is left out.

    :param which: the first condition that does not hold.
    """
    conditions = draft.plan.children[index].only_if
    draft.move(index, OMITTED, included=False)
    draft.say("left-out", index, text=str(conditions[min(which, len(conditions) - 1)]))


def long(draft: Draft, number: int) -> None:
    """Tell that such a process takes long. To kill it would not help: it may be in an uninterruptible sleep."""
    run = draft.state.runs[number]
    draft.say("undecided", run.child)
    draft.put_run(number, run.but(due=None))


def not_started(draft: Draft, index: int) -> bool:
    """Take it that there is no such process, or that it can't have the child's environment: the child's start fails.

    Return false if nobody waits for this start any more.
    """
    number = under_way(draft, index)
    if number is None:
        return True
    given_up = draft.state.runs[number].kill_at_list
    draft.forget_run(number)
    if not given_up:
        draft.begin_start(index)
    return not given_up


def nobody_is_left(draft: Draft) -> bool:
    """Tell whether all children whose exit could end the container are left out."""
    plan = draft.plan
    named = plan.when if isinstance(plan.when, tuple) else range(len(plan.children))
    return len(plan.tasks) < len(plan.children) and not any(draft.may_end_all(index) for index in named)
