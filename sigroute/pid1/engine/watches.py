"""Watches: a change of a path is for its child as if a signal had arrived, from nobody.

The kernel tells that something has happened in a directory on the way to the path; only a look tells whether that has
changed what the child would read. A process of its own looks, as a path may hang, and gives what it has found a number.
A number that differs from the one that the child knows is a change. When two looks QUIET milliseconds apart find the
same, it is over, and the signal goes the way of any other signal. Changes without an end count as one each UNREST
milliseconds.

A path that is not there is no change: there is nothing to read. It is one if something else than before is there later.

A life begins with a look. So what changes while the child backs off is no change for it; what changes while it is still
starting is held until it runs its program. A stop ends all of this.
"""

from __future__ import annotations

from sigroute.pid1.engine import routing
from sigroute.pid1.engine.effects import Look
from sigroute.pid1.engine.life import STARTING
from sigroute.pid1.engine.state import Arrival
from sigroute.pid1.engine.watched import Watched

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sigroute.pid1.engine.draft import Draft
    from sigroute.pid1.engine.events import Looked, Stirred

#: Milliseconds in which nothing changes any more; the most milliseconds from a change to its signal.
QUIET, UNREST = 1_000, 10_000

#: Milliseconds: a look that takes longer is told of, once.
LONG = 10_000

#: The number of a path that is not there.
ABSENT = 0


def begin(draft: Draft, index: int) -> None:
    """Look at the paths of a child that has just been started."""
    rules = draft.plan.children[index].watch
    if not rules or draft.state.stop is not None:
        return
    draft.change(index, watched=tuple([Watched() for _ in rules]))
    for which in range(len(rules)):
        look(draft, index, which)


def put(draft: Draft, index: int, which: int, watched: Watched) -> None:
    """Note what is known of a path now."""
    all_ = draft.children[index].watched
    draft.change(index, watched=(*all_[:which], watched, *all_[which + 1 :]))


def look(draft: Draft, index: int, which: int) -> None:
    """Have a process look at a path."""
    child, now = draft.children[index], draft.now
    put(draft, index, which, child.watched[which].but(looking=True, due=now + LONG, earliest=now + QUIET))
    path = draft.plan.children[index].watch[which].path
    draft.emit(Look(child=index, which=which, path=path, generation=child.generation))


def tick(draft: Draft, index: int) -> None:
    """Look at the paths that are due; tell of looks that take long."""
    for which, each in enumerate(draft.children[index].watched):
        if each.due is None or each.due > draft.now:
            continue
        if each.looking:
            put(draft, index, which, each.but(due=None))
            unwatched(draft, index, which, "it takes long: does it hang?")
        else:
            look(draft, index, which)


def on_stirred(draft: Draft, event: Stirred) -> None:
    """Note that something has happened on the way to a path."""
    index, which = event.child, event.which
    if not draft.children[index].watched:
        return
    each = draft.children[index].watched[which]
    if each.looking:
        put(draft, index, which, each.but(stirred=True))
    elif each.due is None and each.earliest > draft.now:
        put(draft, index, which, each.but(due=each.earliest))
    elif each.due is None:
        look(draft, index, which)


def on_looked(draft: Draft, event: Looked) -> None:
    """Compare what a look has found with what was there before."""
    index, which = event.child, event.which
    child = draft.children[index]
    if not child.watched or event.generation != child.generation:
        return
    each = child.watched[which]
    again = draft.now + QUIET if each.stirred or event.again else None
    each = each.but(looking=False, stirred=False, due=again)
    if event.reason:
        unwatched(draft, index, which, event.reason)
    if event.seen is not None:
        each = compared(each, event.seen, draft.now)
    elif event.reason and each.known is None:
        each = each.but(known=ABSENT)  # what is there once it can be looked at is new
    put(draft, index, which, each)


def compared(each: Watched, seen: int, now: int) -> Watched:
    """Return what is known of a path after a look.

    :param seen: what it has found.
    """
    if each.known is None:
        return each.but(known=seen)
    if seen in (each.known, ABSENT):
        return each.but(since=None, held=False)
    if each.since is None:
        return each.but(since=now, seen=seen, due=now + QUIET)
    if each.held or seen == each.seen or now - each.since >= UNREST:
        return each.but(seen=seen, held=True)
    return each.but(seen=seen, due=min(now + QUIET, each.since + UNREST))


def settle(draft: Draft) -> None:
    """Let the signals of changes arrive at the children that run their programs; see when the others do."""
    for index in sorted(draft.touched):
        for which, each in enumerate(draft.children[index].watched):
            if each.held and draft.children[index].phase == STARTING:
                routing.poll_later(draft, index)
            elif each.held:
                arrive(draft, index, which)


def arrive(draft: Draft, index: int, which: int) -> None:
    """Do what the rules say for the signal of a change."""
    each, rules = draft.children[index].watched[which], draft.plan.children[index].watch[which]
    put(draft, index, which, each.but(known=each.seen, since=None, held=False))
    draft.say("changed", index, rules.signal, text=rules.path.decode("utf-8", "replace"))
    routing.deliver(draft, index, Arrival(signal=rules.signal, sender="sigroute"))


def unwatched(draft: Draft, index: int, which: int, reason: str) -> None:
    """Tell why a path can't be watched, each reason once."""
    path = draft.plan.children[index].watch[which].path.decode("utf-8", "replace")
    if (path, reason) not in draft.state.unwatched:
        draft.set(unwatched=draft.state.unwatched | {(path, reason)})
        draft.say("unwatched", index, text=f"{path}: {reason}")
