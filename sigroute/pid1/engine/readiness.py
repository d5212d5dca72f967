"""Readiness: when a child counts as ready, so that those that need it can start.

A child without ``ready`` is ready as soon as it runs its program. With it, a child is ready when it has lived for so
long, when it says so itself (notify.py), or when a probe says so: something listens at an address, a file is there, or
a command exits 0. One probe follows the other, LOOK milliseconds later at most where something is to listen: all
children are looked at in the same moments, so that the kernel's tables are read once for all of them. None runs in a
stop, and none after the first success.

If a child is not ready ``within`` its time, it has failed: it gets its stop action, as if from nobody, and then
``restart`` decides. If the action has no KILL, the child gets one LAST milliseconds after the action's last step.
"""

from __future__ import annotations

from sigroute.pid1.engine import many, probes, routing, stop
from sigroute.pid1.engine.effects import Probe
from sigroute.pid1.engine.life import STARTING
from sigroute.pid1.names import STANDARD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sigroute.pid1.engine.draft import Draft
    from sigroute.pid1.engine.events import Probed
    from sigroute.pid1.plan import Action

KILL = STANDARD["KILL"]

#: Milliseconds between two looks whether something listens: at first, and after SOON milliseconds.
LOOK, LOOK_LATER = 100, 1_000
SOON = 10_000

#: Milliseconds between the last step of a stop action and KILL, where the rules name no time.
LAST = 10_000


def begin(draft: Draft, index: int) -> None:
    """Note when a child that has just been started becomes ready, or is probed, or is late."""
    rules = draft.plan.children[index].ready
    if rules is None or draft.state.stop is not None:
        return
    draft.change(
        index,
        started_at=draft.now,
        ready_at=None if rules.is_told() else draft.now + (rules.after or 0),
        late_at=None if rules.within is None else draft.now + rules.within,
    )


def settle(draft: Draft) -> None:
    """Note which children have become ready as they run their program; poll those that do not yet."""
    for index in sorted(draft.touched):
        rules, child = draft.plan.children[index], draft.children[index]
        of_interest = (rules.needed or rules.alive is not None) and draft.state.stop is None
        if not of_interest or rules.ready is not None or child.ready:
            continue
        if child.phase == STARTING:
            routing.poll_later(draft, index)
        elif draft.lives(index):
            draft.change(index, ready=True)


def tick(draft: Draft, index: int) -> None:
    """Do what is due for a child's readiness."""
    child, rules = draft.children[index], draft.plan.children[index].ready
    if child.kill_at is not None and child.kill_at <= draft.now:
        draft.change(index, kill_at=None)
        draft.doom(index)
    if rules is None or not draft.lives(index):
        return
    if child.ready_at is not None and child.ready_at <= draft.now:
        look(draft, index)
    elif child.late_at is not None and child.late_at <= draft.now:
        late(draft, index)


def look(draft: Draft, index: int) -> None:
    """See whether a child is ready: it has lived long enough, or a probe is to tell."""
    rules, pid = draft.plan.children[index].ready, draft.children[index].pid
    assert rules is not None  # noqa: S101 - only such a child has a time to look
    draft.change(index, ready_at=None)
    if rules.after is not None:
        is_ready(draft, index)
    elif rules.listen:
        draft.emit(Probe(child=index, pid=pid, listen=rules.listen))
    elif probes.is_under_way(draft, index):
        draft.change(index, ready_at=draft.now + rules.every)
    else:
        probes.start(draft, index, rules.run, rules.timeout, rules.file)


def on_probed(draft: Draft, event: Probed) -> None:
    """Take the answer of a look at the kernel's tables: for readiness, or for an idle wait."""
    if event.progress:
        many.idle.answered(draft, event)
    else:
        answered(draft, event.child, well=event.well)


def answered(draft: Draft, index: int, *, well: bool) -> None:
    """Note that a child is ready, or probe it again later."""
    child, rules = draft.children[index], draft.plan.children[index].ready
    if not draft.lives(index) or child.ready or child.failed or draft.state.stop is not None or rules is None:
        return
    if well:
        is_ready(draft, index)
        return
    early = child.started_at is not None and draft.now - child.started_at < SOON
    wait = rules.every if rules.run else LOOK if early else LOOK_LATER
    draft.change(index, ready_at=draft.now + wait - (draft.now % wait if rules.listen else 0))


def is_ready(draft: Draft, index: int) -> None:
    """Note that a child is ready."""
    draft.change(index, ready=True, ready_at=None, late_at=None)
    draft.say("is-ready", index)


def late(draft: Draft, index: int) -> None:
    """Stop a child that is not ready in time."""
    rules = draft.plan.children[index].ready
    assert rules is not None  # noqa: S101 - only such a child can be late
    draft.change(index, late_at=None, ready_at=None)
    draft.say("not-ready", index, number=rules.within or 0)
    fail(draft, index, LAST)


def fail(draft: Draft, index: int, last: int) -> None:
    """Have a child stop because it has failed: by its own stop action, and then by KILL.

    :param last: milliseconds from the action's last step to KILL.
    """
    arrival = stop.unasked(draft)
    rules = draft.plan.children[index]
    rows = [draft.plan.tables[table][arrival.sender] for table in (rules.running, rules.starting)]
    most = max([longest(draft.action(row[arrival.signal])) for row in rows])
    draft.change(index, failed=True, kill_at=draft.now + most + last)
    routing.deliver(draft, index, arrival)


def longest(action: Action) -> int:
    """Return the most milliseconds from the beginning of an action to its last step, without those of ``after``.

    A hold without a limit counts as none: whoever sets a time for readiness or health wants an end.
    """
    steps = max(sum(step.wait + step.idle for step in each) for each in (action.steps, action.otherwise))
    return steps + (action.timeout if action.run else 0) + (action.hold or 0)
