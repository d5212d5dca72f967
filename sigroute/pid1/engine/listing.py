"""What a list of the processes shows about each child's tree: who is in it, who must still be signalled, its end."""

from __future__ import annotations

from sigroute.pid1.engine import action as actions
from sigroute.pid1.engine import delivery, many, routing, stop, tree, unread
from sigroute.pid1.engine.life import ENDED, LINGERING, PRESENT
from sigroute.pid1.names import STANDARD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from sigroute.pid1.engine.draft import Draft
    from sigroute.pid1.engine.events import Listed, Process
    from sigroute.pid1.engine.state import Child, Progress
    from sigroute.pid1.engine.tree import Forest

#: After a listing sigroute pauses for REST times its duration before it lists again to see whether a tree has ended.
#: So these listings take a fifth of the time at most.
REST = 4

#: Milliseconds between two listings while a tree has a process that only another parent can reap: the kernel tells
#: that parent, and not sigroute, when the process ends.
UNTOLD = 1000

#: A log line names so many processes at most.
NAMED = 5

KILL = STANDARD["KILL"]


def on_listed(draft: Draft, event: Listed) -> None:
    """Do what waited for the list of processes; if it could not be read, ask again, and after some tries go on."""
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
        update(draft, index)
    if draft.processes is not None:
        tell_unclaimed(draft, draft.processes)
    if draft.state.stop is not None and draft.state.stop.over and draft.state.drain is None:
        stop.kill_rest(draft, stop.rest_of(draft))
    if draft.state.drain is not None and draft.state.drain.due is None:
        stop.drain_listed(draft)


def update(draft: Draft, index: int) -> None:
    """Store a child's tree, see whether it has ended, and continue the actions that waited for this list."""
    child = draft.children[index]
    if child.phase not in PRESENT:
        return
    if draft.processes is not None:
        child = remember(draft, index, members_of(draft, draft.processes, index))
    if child.phase == LINGERING and draft.unlisted:  # nobody knows which processes are left
        draft.set(relist_at=draft.now + unread.pause(draft.state.listing_failures))
    elif child.phase == LINGERING and not any(is_meant(draft, index, process) for process in child.members):
        gone(draft, index)
        return
    elif draft.processes is not None and is_left_to_another(draft, index):
        draft.set(relist_at=draft.now + max(UNTOLD, REST * draft.state.listing_took))
    if draft.processes is not None:
        tell_goes_on(draft, index)
    kill_doomed(draft, index)
    if child.phase == LINGERING and child.inbox:
        routing.inspect_left(draft, index)
    for id_ in [each.id for each in child.progress]:
        each = draft.progress(index, id_)  # None: an earlier action has cancelled it
        if each is not None:
            go_on(draft, index, each)


def kill_doomed(draft: Draft, index: int) -> None:
    """Kill what is left of a child that comes back, or a child that has failed, with its tree."""
    child = draft.children[index]
    if child.phase == LINGERING and child.back_at is not None:
        many.restart.kill_rest(draft, index)
    else:
        draft.kill_doomed(index)


def go_on(draft: Draft, index: int, progress: Progress) -> None:
    """Continue an action now that the processes are listed."""
    if progress.awaits_answer:
        actions.send_on(draft, index, progress.but(awaits_answer=False))
    elif progress.sent_kill and draft.children[index].phase == LINGERING:
        kill_late(draft, index, progress)
    elif progress.due is not None and not progress.listed:
        draft.put(index, progress.but(look_at=actions.list_ahead(draft, index, progress)))


def is_left_to_another(draft: Draft, index: int) -> bool:
    """Tell whether another process has adopted something that the child left behind, so that sigroute cannot reap it.

    This happens only if sigroute is neither PID 1 nor a subreaper (PR_SET_CHILD_SUBREAPER(2const)).
    """
    child = draft.children[index]
    return child.roots_left > 0 and any(
        each.parent != draft.state.own_pid and each.pid in child.roots for each in child.members
    )


def kill_late(draft: Draft, index: int, progress: Progress) -> None:
    """Kill the rest of a child's tree after the KILL of its stop: it was forked between the listing and that KILL."""
    if draft.plan.children[index].tree:
        for process in draft.children[index].members:
            draft.kill_other(process, KILL, index, draft.action(progress.action).origin)


def remember(draft: Draft, index: int, members: list[Process]) -> Child:
    """Store a child's tree; return the child.

    ``roots`` are the topmost processes in the tree above those that sigroute waits for. Their own parents have ended,
    so they are sigroute's children by now. No new list is needed before sigroute has reaped the last of them.
    """
    lingers = draft.children[index].phase == LINGERING
    roots = tree.tops(members, [each for each in members if lingers and is_meant(draft, index, each)])
    return draft.change(index, members=tuple(members), roots=roots, roots_left=len(roots))


def members_of(draft: Draft, processes: Forest, index: int) -> list[Process]:
    """Return a child's tree in this list; every orphan belongs to it if nobody else can have left one behind."""
    child = draft.children[index]
    heirs = processes.adopted(draft.state.own_pid, draft.state.owners) if has_all(draft, index, child) else ()
    return processes.members(draft.state.own_pid, child.pid, child.members, leads=draft.is_alive(index), heirs=heirs)


def is_only(draft: Draft) -> bool:
    """Tell whether there is exactly one child; tasks do not count."""
    return len(draft.children) - len(draft.plan.tasks) == 1


def has_all(draft: Draft, index: int, child: Child) -> bool:
    """Tell whether all that sigroute has adopted is of this child's tree.

    A task may leave a process behind on purpose. So beside tasks a restart kills no orphan that may be a task's.
    """
    if child.back_at is not None:
        return len(draft.children) == 1
    return draft.plan.children[index].tree and is_only(draft)


def is_meant(draft: Draft, index: int, process: Process) -> bool:
    """Tell whether sigroute waits for this process of an exited child: if only its group matters, a member of that."""
    child = draft.children[index]
    wide = (
        draft.plan.children[index].tree
        or child.back_at is not None
        or any(draft.action(each.action).scope != "process-group" for each in child.progress)
    )
    return wide or process.group == child.pid


def tell_goes_on(draft: Draft, index: int) -> None:
    """Tell that a child has not exited although its process has, as the rules wait for its tree, which nobody ends."""
    child = draft.children[index]
    ends = draft.state.stop is not None or child.back_at is not None or child.failed or child.doomed or child.progress
    if child.phase == LINGERING and draft.plan.children[index].tree and child.members and not ends:
        draft.say_once(index, "tree-goes-on", text=pids_of(child.members))


def pids_of(processes: Sequence[Process]) -> str:
    """Return the pids of processes for a log line."""
    pids = [f"pid {each.pid}" for each in processes]
    return ", ".join([*pids[:NAMED], "..."] if len(pids) > NAMED else pids)


def tell_unclaimed(draft: Draft, processes: Forest) -> None:
    """Warn that adopted processes may belong to a tree that counts as ended: beside others nobody can tell."""
    ended = [index for index in sorted(draft.touched) if has_just_ended(draft, index)]
    if ended:
        claimed = {each.pid for child in draft.children for each in child.members}
        groups = {child.pid for child in draft.children}  # of these the leader is known
        adopted = [
            processes.by_pid[pid]
            for pid in sorted(processes.adopted(draft.state.own_pid, draft.state.owners) - claimed)
            if processes.by_pid[pid].group not in groups
        ]
        text = pids_of(tree.alive(adopted))
        for index in ended if text else ():
            draft.say("unclaimed", index, text=text)


def has_just_ended(draft: Draft, index: int) -> bool:
    """Tell whether this list has ended a child's tree, although a process of it may be missing there."""
    before, after = draft.before.children[index], draft.children[index]
    matters = draft.plan.children[index].tree or before.back_at is not None
    return matters and before.phase == LINGERING != after.phase and not has_all(draft, index, before)


def is_waited_for(draft: Draft, index: int) -> bool:
    """Tell whether a child, or an action under way for it, means more than the child's own process."""
    child = draft.children[index]
    wide = any(delivery.is_wide(draft, each) for each in child.progress)
    return wide or draft.plan.children[index].tree or child.back_at is not None


def gone(draft: Draft, index: int) -> None:
    """End the life of a lingering child: nothing of it is left to wait for."""
    if draft.plan.children[index].tree:
        draft.say("tree-ended", index)
    if draft.children[index].back_at is not None:
        many.restart.back_off(draft, index)
    elif not (may_return(draft, index) and many.restart.goes_on(draft, index, reaped=False)):
        draft.move(index, ENDED)


def may_return(draft: Draft, index: int) -> bool:
    """Tell whether a child may be started again now that its tree has ended, and not only its process."""
    return draft.plan.children[index].tree and (draft.plan.many or bool(draft.children[index].asked))
