"""Tasks: what a container does once, or again and again, beside its children.

A task is a child that ends: the container goes on without it, and those that need it start when it has succeeded.

* **It fails** when it ends with another code than 0, or when its ``timeout`` is over. Its ``restart`` may try again,
  all within that time. If it is ``optional``, its failing is told and counts as done. Otherwise it begins the stop, not
  asked for, and its code is the container's, whatever ``[exit]`` says. To be ended by a stop is no failure.
* **With ``every``** it is started again when that time has passed since its end, until a stop begins. Each run has
  attempts of its own.
* **At the end** (``at = "end"``): after the last child and the last other task has exited, one by one in the file's
  order, before the drain. No signal reaches such a task; ``grace`` and its ``timeout`` end it.
"""

from __future__ import annotations

from sigroute.pid1.engine import order
from sigroute.pid1.engine.life import ALIVE, BACKING_OFF, CANCELLED, ENDED, EXITED, FAILED, RETURNS, WAITING
from sigroute.pid1.exit_codes import BY_SIGNAL, FAILURE, SUCCESS
from sigroute.pid1.names import STANDARD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sigroute.pid1.engine.draft import Draft
    from sigroute.pid1.lifecycle import Task

KILL = STANDARD["KILL"]


def begin(draft: Draft, index: int, task: Task) -> None:
    """Note when a task that has just been started is out of time: all attempts together have one time."""
    if task.timeout is not None and draft.children[index].timeout_at is None:
        draft.change(index, timeout_at=draft.now + task.timeout)


def tick(draft: Draft, index: int) -> None:
    """Kill a task that is out of time, with its tree."""
    child = draft.children[index]
    if child.timeout_at is None or child.timeout_at > draft.now:
        return
    draft.change(index, timeout_at=None, failed=True)
    draft.say("task-late", index)
    if child.phase in ALIVE:
        draft.doom(index)
    elif child.phase == BACKING_OFF:
        draft.set(blocked=draft.state.blocked - {index})
        out_of_time(draft, index)


def out_of_time(draft: Draft, index: int) -> None:
    """Note that a task has failed that is out of time, and has no process: with the code of an attempt, if any."""
    ended(draft, index, draft.children[index].status or BY_SIGNAL + KILL, FAILED)


def ended(draft: Draft, index: int, status: int, how: str = ENDED) -> None:
    """Note that a task has ended, and whether it has failed.

    :param how: what has happened to it, in the words of life.py.
    """
    task = draft.plan.children[index].task
    assert task is not None  # noqa: S101 - the caller has looked
    stopping = draft.state.stop is not None and not task.at_end
    if status == SUCCESS and draft.children[index].failed:  # it has ended by itself just as it was to be killed
        status = FAILURE
    bad = status != 0 and not stopping
    done = draft.children[index].done or status == 0 or (bad and task.optional and task.every is None)
    draft.change(index, status=status, done=done)
    if bad:
        draft.say("task-failed" if task.optional or task.at_end else "task-fatal", index, number=status)
    elif not stopping:
        draft.say("task-done", index)
    ends_all = bad and not (task.optional or task.at_end)
    if task.every is not None and not (ends_all or draft.state.stop is not None):
        if draft.children[index].phase != BACKING_OFF:
            draft.move(index, RETURNS)
        draft.change(index, retry_at=draft.now + task.every, timeout_at=None, failed=False, starts=0, waited=0)
        return
    draft.move(index, how)
    if ends_all and draft.state.stop is None and draft.state.failed_task is None:
        draft.set(failed_task=index)


def are_all_done(draft: Draft) -> bool:
    """Tell whether there are only tasks, and each that is not to be done again has exited."""
    if len(draft.plan.tasks) < len(draft.children):
        return False
    rules = [each.task for each in draft.plan.children if each.task is not None]
    return all(draft.has_exited(index) or task.at_end or task.every is not None for index, task in enumerate(rules))


def next_at_end(draft: Draft) -> int | None:
    """Return the next task to start at the end; None: one is under way, or none is left, or others still live."""
    left = [index for index in draft.plan.tasks if draft.is_end_task(index) and draft.children[index].phase != EXITED]
    if not left or draft.exited() + len(left) < len(draft.children):
        return None
    return left[0] if draft.children[left[0]].phase == WAITING else None


def start_at_end(draft: Draft) -> None:
    """Start the next task of the end, unless ``grace`` is over: then none is started any more."""
    index = next_at_end(draft)
    while index is not None:
        if draft.state.stop is None or not draft.state.stop.over:
            order.start(draft, index)
            return
        draft.move(index, CANCELLED)
        draft.say("never-started", index, text="grace is over")
        index = next_at_end(draft)
