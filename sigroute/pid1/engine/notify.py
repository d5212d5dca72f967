"""Notifications: what a child says of itself, by a newline on its ``fd`` or by sd_notify(3).

A child is ready as soon as it says so. One that says that it is stopping is ready no more, so nobody looks at its
health, and those that wait for it wait on. It may ask for more time: before it is ready, for its ``within``; in a stop,
for the wait before its KILL, and ``grace`` ends that wait all the same. A time that it asks for never ends earlier than
the one before.

Any process can send a message of sd_notify(3); only those from the child's tree count. Whether a process is in the tree
is found out when its message is read, from the processes that it descends from. If it has ended by then, nobody can
tell, and its user decides: as the child's user or as root it could do worse to the child than that.
"""

from __future__ import annotations

from sigroute.pid1.engine import action as actions
from sigroute.pid1.engine import listing, probes, readiness
from sigroute.pid1.engine.state import SENDING
from sigroute.pid1.engine.tree import Forest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sigroute.pid1.engine.draft import Draft
    from sigroute.pid1.engine.events import Notified, Sender, Unheard


def on_notified(draft: Draft, event: Notified) -> None:
    """Do what a child says, unless it is none of its processes that says it."""
    index = event.child
    if not is_of_this_life(draft, event):
        return
    if event.sender is not None and not is_own(draft, index, event.sender):
        draft.say_once(index, "stranger", number=event.sender.pid)
        return
    if event.extend:
        extend(draft, index, draft.now + event.extend)
    if event.stopping:
        stopping(draft, index)
    elif event.ready:
        readiness.answered(draft, index, well=True)


def on_unheard(draft: Draft, event: Unheard) -> None:
    """Tell why a child is not heard."""
    matters = event.why == "flood" or (not draft.children[event.child].ready and draft.state.stop is None)
    if matters and is_of_this_life(draft, event):
        draft.say_once(event.child, event.why, number=event.number)


def is_of_this_life(draft: Draft, event: Notified | Unheard) -> bool:
    """Tell whether an event is about the present life of its child."""
    return draft.lives(event.child) and draft.children[event.child].pid == event.pid


def is_own(draft: Draft, index: int, sender: Sender) -> bool:
    """Tell whether the sender of a message is a process of the child's tree."""
    if sender.pid == draft.children[index].pid and draft.is_alive(index):
        return True
    if not sender.line:
        return sender.kin
    # A zombie has been what it was: its message came before.
    forest = Forest([each.but(state="S") for each in sender.line])
    return any(each.pid == sender.pid for each in listing.members_of(draft, forest, index))


def stopping(draft: Draft, index: int) -> None:
    """Note that a child is ready no more: it stops by itself, or because it has failed."""
    if draft.children[index].ready and draft.state.stop is None:
        draft.change(index, ready=False, probe_at=None, failures=0)
        probes.abandon(draft, index)
        if not draft.children[index].failed:
            draft.say("stops-itself", index)


def extend(draft: Draft, index: int, until: int) -> None:
    """Give a child more time: to become ready or, in a stop, to end before it gets KILL."""
    late_at = draft.children[index].late_at
    if draft.state.stop is not None:
        defer_kill(draft, index, until)
    elif late_at is not None and late_at < until:
        draft.change(index, late_at=until)
        draft.say("more-time", index, wait=until - draft.now)


def defer_kill(draft: Draft, index: int, until: int) -> None:
    """Have the wait before the KILL of a child's stop action end no earlier than at this time."""
    for each in draft.children[index].progress:
        waits = each.is_stop and each.stage == SENDING and not each.awaits_answer and actions.leads_to_kill(each.steps)
        if waits and each.due is not None and each.due < until:
            later = each.but(due=until, listed=False)
            draft.put(index, later.but(look_at=actions.list_ahead(draft, index, later)))
            draft.say("more-time", index, wait=until - draft.now)
