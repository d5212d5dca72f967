"""Health: whether a child that was ready is still well.

From when it is ready, a command is run again and again, each time ``every`` milliseconds after the one before has
ended; never two at a time, and none in a stop. It has failed if it exits with another code than 0, can't be run, or
takes longer than its ``timeout``. One that outlives KILL keeps the next one from starting, which counts as a failure.

After ``failures`` in a row the child has failed: it gets its stop action, as if from nobody, and KILL ``timeout``
milliseconds after the last step of that; then ``restart`` decides.
"""

from __future__ import annotations

from sigroute.pid1.engine import probes, readiness

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sigroute.pid1.engine.draft import Draft


def settle(draft: Draft) -> None:
    """Note when the children that have become ready are looked at first."""
    for index in sorted(draft.touched):
        rules = draft.plan.children[index].alive
        if rules is not None and draft.children[index].ready and not draft.before.children[index].ready:
            draft.change(index, probe_at=draft.now + rules.every)


def tick(draft: Draft, index: int) -> None:
    """Look at a child if that is due."""
    rules, child = draft.plan.children[index].alive, draft.children[index]
    if rules is None or child.probe_at is None or child.probe_at > draft.now:
        return
    draft.change(index, probe_at=None)
    if not is_looked_at(draft, index):
        return
    if probes.is_under_way(draft, index):
        answered(draft, index, "the one before has not ended")
    else:
        probes.start(draft, index, rules.run, rules.timeout)


def is_looked_at(draft: Draft, index: int) -> bool:
    """Tell whether it matters if a child is well."""
    child = draft.children[index]
    return child.ready and draft.lives(index) and not child.failed and draft.state.stop is None


def answered(draft: Draft, index: int, trouble: str) -> None:
    """Note that a child is well, or has failed once more; look again later, or give it up.

    :param trouble: why it is not; empty: it is.
    """
    rules, child = draft.plan.children[index].alive, draft.children[index]
    if rules is None or not is_looked_at(draft, index):
        return
    failures = child.failures + 1 if trouble else 0
    if failures == 1:
        draft.say("unwell", index, text=trouble)
    elif not trouble and child.failures:
        draft.say("well-again", index)
    draft.change(index, failures=failures)
    if failures < rules.failures:
        draft.change(index, probe_at=draft.now + rules.every)
    else:
        draft.say("not-alive", index, number=failures)
        readiness.fail(draft, index, rules.timeout)
