"""What a list of the processes tells of each child's tree: who is in it, who is still to get a signal, its end."""

from __future__ import annotations

from sigroute.pid1.engine import action as actions
from sigroute.pid1.engine import delivery, routing, stop, tree, unread
from sigroute.pid1.engine.life import ENDED, LINGERING, PRESENT
from sigroute.pid1.names import STANDARD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sigroute.pid1.engine.draft import Draft
    from sigroute.pid1.engine.events import Listed, Process
    from sigroute.pid1.engine.state import Child, Progress
    from sigroute.pid1.engine.tree import Forest

#: To see whether a tree has ended the processes are listed at most a fifth of the time, while others ask for it.
REST = 4

#: Milliseconds: so often a tree is looked at of which somebody else has to reap what is left, and hears when it ends.
UNTOLD = 1000

#: So many processes are named in a line.
NAMED = 5

KILL = STANDARD["KILL"]


def on_listed(draft: Draft, event: Listed) -> None:
    """Do what waited for the list of processes; where it can't be read now, look again before going on without."""
    failures = unread.count_unread(draft, draft.state.listing_failures, event.reason)
    draft.set(
        listing=False,
        listing_took=event.took,
        next_listing=draft.now + REST * event.took,
        own_pid=event.me,
        listing_failures=failures,
    )
    if 0 < failures < unread.UNREAD:
        draft.set(listing=True, relist_at=draft.now + unread.pause(failures))
        return
    if event.reason:
        draft.unlisted = True
    elif event.processes is None:
        if not draft.state.no_proc:
            draft.set(no_proc=True)
            draft.say("blind")
    else:
        draft.processes = tree.Forest(event.processes)
    actions.kill_doomed(draft)
    for index in range(len(draft.children)):
        look_at(draft, index)
    if draft.processes is not None and len(draft.children) > 1:
        tell_unclaimed(draft, draft.processes)
    if draft.state.stop is not None and draft.state.stop.over and draft.state.drain is None:
        stop.kill_rest(draft, stop.rest_of(draft))
    if draft.state.drain is not None and draft.state.drain.due is None:
        stop.drain_listed(draft)


def look_at(draft: Draft, index: int) -> None:
    """Where anything of a child is left, remember its tree, and send on what waited for this look."""
    child = draft.children[index]
    if child.phase not in PRESENT:
        return
    if draft.processes is not None:
        child = remember(draft, index, members_of(draft, draft.processes, index))
    if child.phase == LINGERING and draft.unlisted:  # nobody knows what is left of it
        draft.set(relist_at=draft.now + unread.pause(draft.state.listing_failures))
    elif child.phase == LINGERING and not any(is_meant(draft, index, process) for process in child.members):
        gone(draft, index)
        return
    elif draft.processes is not None and is_left_to_another(draft, index):
        draft.set(relist_at=draft.now + max(UNTOLD, REST * draft.state.listing_took))
    if child.phase == LINGERING and child.inbox:
        routing.inspect_left(draft, index)
    for id_ in [each.id for each in child.progress]:
        each = draft.progress(index, id_)  # one before it may have cancelled it
        if each is not None:
            go_on(draft, index, each)


def go_on(draft: Draft, index: int, progress: Progress) -> None:
    """Do what an action is to do now that the processes are known."""
    if progress.awaits_look:
        actions.send_on(draft, index, progress.but(awaits_look=False))
    elif progress.sent_kill and draft.children[index].phase == LINGERING:
        kill_late(draft, index, progress)
    elif progress.due is not None and not progress.listed:
        draft.put(index, progress.but(list_at=actions.look_ahead(draft, index, progress)))


def is_left_to_another(draft: Draft, index: int) -> bool:
    """Tell whether not all that a child has left behind is sigroute's to reap: it is neither PID 1 nor a subreaper.

    See PR_SET_CHILD_SUBREAPER(2const).
    """
    child = draft.children[index]
    return child.roots_left > 0 and any(
        each.parent != draft.state.own_pid and each.pid in child.roots for each in child.members
    )


def kill_late(draft: Draft, index: int, progress: Progress) -> None:
    """Kill what is left of a child's tree after the KILL of its stop: it was forked between the look and that KILL."""
    if draft.plan.children[index].tree:
        for process in draft.children[index].members:
            draft.kill_other(process, KILL, index, draft.action(progress.action).origin)


def remember(draft: Draft, index: int, members: list[Process]) -> Child:
    """Keep a child's tree for what comes; return the child.

    Who is waited for descends from those in the tree whose parents are not: they are, or by now have become, sigroute's
    own children. So nobody need look again before the last of these has been reaped.
    """
    lingers = draft.children[index].phase == LINGERING
    roots = tree.tops(members, [each for each in members if lingers and is_meant(draft, index, each)])
    return draft.change(index, members=tuple(members), roots=roots, roots_left=len(roots))


def members_of(draft: Draft, processes: Forest, index: int) -> list[Process]:
    """Return a child's tree by this list; where it is the only child, every orphan is of it: there is nobody else's."""
    child = draft.children[index]
    only = draft.plan.children[index].tree and len(draft.children) == 1
    heirs = processes.adopted(draft.state.own_pid, draft.state.owners) if only else ()
    return processes.members(draft.state.own_pid, child.pid, child.members, leads=draft.is_alive(index), heirs=heirs)


def is_meant(draft: Draft, index: int, process: Process) -> bool:
    """Tell whether a process that a child has left behind is waited for: where only its group is, one of that."""
    child = draft.children[index]
    wide = draft.plan.children[index].tree or any(
        draft.action(each.action).scope != "process-group" for each in child.progress
    )
    return wide or process.group == child.pid


def tell_unclaimed(draft: Draft, processes: Forest) -> None:
    """Tell that what sigroute has adopted may be of a tree that counts as ended: of several children nobody knows."""
    ended = [index for index in draft.exits() if draft.plan.children[index].tree]
    if ended:
        claimed = {each.pid for child in draft.children for each in child.members}
        adopted = [
            processes.by_pid[pid]
            for pid in sorted(processes.adopted(draft.state.own_pid, draft.state.owners) - claimed)
        ]
        pids = [f"pid {each.pid}" for each in tree.alive(adopted)]
        text = ", ".join([*pids[:NAMED], "..."] if len(pids) > NAMED else pids)
        for index in ended if pids else ():
            draft.say("unclaimed", index, text=text)


def is_waited_for(draft: Draft, index: int) -> bool:
    """Tell whether a child whose process has exited means more than that process, or an action under way does."""
    wide = any(delivery.is_wide(draft, each) for each in draft.children[index].progress)
    return wide or draft.plan.children[index].tree


def gone(draft: Draft, index: int) -> None:
    """Note that nothing of a child that lingers is left to wait for."""
    if draft.plan.children[index].tree:
        draft.say("tree-ended", index)
    draft.move(index, ENDED)
