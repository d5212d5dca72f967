"""Who gets a signal of an action: the child, its group, its tree, its program below it, or what it has left behind."""

from __future__ import annotations

from sigroute.pid1.engine.effects import Kill
from sigroute.pid1.engine.life import LINGERING
from sigroute.pid1.names import STANDARD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sigroute.pid1.engine.draft import Draft
    from sigroute.pid1.engine.events import Process
    from sigroute.pid1.engine.state import Child, Progress

KILL, CONT = STANDARD["KILL"], STANDARD["CONT"]

#: These scopes mean no more than the child's own process, or what stands for it.
NARROW = ("process", "program")

#: After these, a stopped child is left stopped: KILL and CONT do what they must (signal(7)).
NO_CONT = frozenset(STANDARD[name] for name in ("KILL", "CONT", "STOP", "TSTP", "TTIN", "TTOU"))


def is_wide(draft: Draft, progress: Progress) -> bool:
    """Tell whether an action means more than the child's own process, and still has steps for it."""
    return draft.action(progress.action).scope not in NARROW and bool(progress.steps)


def is_for_program(draft: Draft, index: int, progress: Progress, signal: int) -> bool:
    """Tell whether a signal is for the child's program, which runs below it."""
    narrow = draft.action(progress.action).scope == "program" and not is_for_all(draft, index, progress, signal)
    return narrow and draft.children[index].program_below and draft.is_alive(index)


def is_for_all(draft: Draft, index: int, progress: Progress, signal: int) -> bool:
    """Tell whether a signal is for the child's whole tree: by its scope, or as a stop's KILL where all has to end."""
    ends = progress.is_stop and signal == KILL and draft.plan.children[index].tree
    return ends or draft.action(progress.action).scope == "tree"


def needs_list(draft: Draft, index: int, progress: Progress, signal: int) -> bool:
    """Tell whether it depends on who is in a child's tree who gets a signal, and whether that can be known."""
    lingers = draft.children[index].phase == LINGERING
    return (lingers or is_for_all(draft, index, progress, signal)) and not (draft.state.no_proc or draft.unlisted)


def is_listed(draft: Draft, progress: Progress) -> bool:
    """Tell whether it is known."""
    return draft.processes is not None or (progress.listed and not draft.state.no_proc)


def send(draft: Draft, index: int, progress: Progress, signal: int, value: int | None) -> None:
    """Send a signal to all that it is for, and wake those that a stop would find stopped.

    :param value: what goes with it, to the child's own process and to no other.
    """
    action = draft.action(progress.action)
    child = draft.children[index]
    wake = progress.is_stop and signal not in NO_CONT
    if is_for_program(draft, index, progress, signal) and draft.programs.get(index):
        if progress.is_stop and signal == KILL:  # first, as it may start its program again
            draft.emit(Kill(child=index, pid=child.pid, signal=KILL, origin=action.origin))
        for each in draft.programs[index]:
            send_other(draft, index, each.process, signal, action.origin, wake=wake)
        if wake and child.stopped:
            draft.emit(Kill(child=index, pid=child.pid, signal=CONT, origin=action.origin))
        return
    if draft.is_alive(index):
        group = action.scope == "process-group" or (action.scope == "tree" and not is_listed(draft, progress))
        value = None if group else value
        own = Kill(child=index, pid=child.pid, signal=signal, group=group, value=value, origin=action.origin)
        draft.emit(own)
        if wake and child.stopped:
            draft.emit(own.but(signal=CONT, value=None))
    for process in others(draft, index, progress, signal):
        send_other(draft, index, process, signal, action.origin, wake=wake)


def send_other(  # noqa: PLR0913 - what a kill needs
    draft: Draft, index: int, process: Process, signal: int, origin: str, *, wake: bool
) -> None:
    """Send a signal to a process that is not the child's own, and wake it if it is found stopped."""
    draft.kill_other(process, signal, index, origin)
    if wake and process.state in "Tt":
        draft.kill_other(process, CONT, index, origin)


def others(draft: Draft, index: int, progress: Progress, signal: int) -> tuple[Process, ...]:
    """Return who gets a signal beside the child's own process or group.

    Where that process has gone, what it has left behind stands for it: a daemon, what a shell has started.
    """
    child = draft.children[index]
    if not is_listed(draft, progress):
        return ()
    if is_for_all(draft, index, progress, signal):
        return child.members
    if draft.is_alive(index):
        return ()
    heirs = heirs_of(child)
    if draft.action(progress.action).scope in NARROW:
        return heirs
    groups = {child.pid}
    if draft.plan.children[index].tree:
        groups |= {each.group for each in heirs}
    return tuple([each for each in child.members if each.group in groups])


def heirs_of(child: Child) -> tuple[Process, ...]:
    """Return those in a child's tree whose parents are not: they stand for it once it has exited."""
    members = {each.pid for each in child.members}
    return tuple([each for each in child.members if each.parent not in members])


def wake_late(draft: Draft, index: int) -> bool:
    """Continue a child that has stopped although a stop action has sent it a signal, once for each; tell whether so.

    That a stop is told after a TERM does not mean that it came after it: signal(7) promises no order
    of what is pending together, and the kernel goes by number (next_signal()), TERM (15) before the
    CHLD (17) of the stop and before STOP (19) itself. Once, as a child may stop itself again: one
    that reads from a terminal which it can't have would be continued for ever.
    """
    child = draft.children[index]
    owed = [each for each in child.progress if each.cont_pending]
    for each in owed:
        action = draft.action(each.action)
        group = action.scope == "process-group"
        draft.put(index, each.but(cont_pending=False))
        draft.emit(Kill(child=index, pid=child.pid, signal=CONT, group=group, origin=action.origin))
    return bool(owed)
