"""Which processes get a signal of an action: the child, its group, its tree, its program below it, or its orphans."""

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

#: These scopes mean the child's own process, or the program below it.
NARROW = ("process", "program")

#: After these a stopped child gets no CONT: KILL and CONT work without it, and the others are sent to stop the child
#: (signal(7)).
NO_CONT = frozenset(STANDARD[name] for name in ("KILL", "CONT", "STOP", "TSTP", "TTIN", "TTOU"))


def is_wide(draft: Draft, progress: Progress) -> bool:
    """Tell whether an action means more than the child's own process, and still has steps for it."""
    return draft.action(progress.action).scope not in NARROW and bool(progress.steps)


def is_for_program(draft: Draft, index: int, progress: Progress, signal: int) -> bool:
    """Tell whether a signal is for the child's program, which runs below it."""
    narrow = draft.action(progress.action).scope == "program" and not is_for_all(draft, index, progress, signal)
    return narrow and draft.children[index].program_below and draft.is_alive(index)


def is_for_all(draft: Draft, index: int, progress: Progress, signal: int) -> bool:
    """Tell whether a signal is for the child's whole tree: by its scope, or as a stop's KILL if the tree must end."""
    ends = progress.is_stop and signal == KILL and draft.plan.children[index].tree
    return ends or draft.action(progress.action).scope == "tree"


def needs_list(draft: Draft, index: int, progress: Progress, signal: int) -> bool:
    """Tell whether sigroute needs the list of processes to send a signal, and can have that list."""
    lingers = draft.children[index].phase == LINGERING
    return (lingers or is_for_all(draft, index, progress, signal)) and not (draft.state.no_proc or draft.unlisted)


def is_listed(draft: Draft, progress: Progress) -> bool:
    """Tell whether sigroute has that list: it came with this event, or it was asked for ahead of this step."""
    return draft.processes is not None or (progress.listed and not draft.state.no_proc)


def send(draft: Draft, index: int, progress: Progress, signal: int, value: int | None) -> None:
    """Send a signal to every process that it is for; if it is a stop's signal, send CONT to those that are stopped.

    :param value: the value to queue with the signal (sigqueue(3)); only the child's own process gets it.
    """
    action = draft.action(progress.action)
    child = draft.children[index]
    wake = progress.is_stop and signal not in NO_CONT
    if is_for_program(draft, index, progress, signal) and draft.programs.get(index):
        if progress.is_stop and signal == KILL:  # the wrapper first: it could start its program again
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
    """Send a signal to a process other than the child's own, and continue it if it is stopped."""
    draft.kill_other(process, signal, index, origin)
    if wake and process.state in "Tt":
        draft.kill_other(process, CONT, index, origin)


def others(draft: Draft, index: int, progress: Progress, signal: int) -> tuple[Process, ...]:
    """Return the processes that get a signal beside the child's own process or group.

    If the child's own process has ended, the processes that it left behind get the signal: a daemon, for example.
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
    """Return the topmost processes of a child's tree: they stand for the child once its own process has ended."""
    members = {each.pid for each in child.members}
    return tuple([each for each in child.members if each.parent not in members])


def wake_late(draft: Draft, index: int) -> bool:
    """Send CONT to a child that turns out to be stopped after a stop action has signalled it; tell whether it was sent.

    The child may have been stopped before that signal, although sigroute learns of it afterwards. signal(7) promises
    no order among pending signals, and the kernel takes the lowest number first (next_signal()): TERM (15) comes
    before the CHLD (17) that reports a stopped child, and before STOP (19) itself.

    Each signal of the action brings one CONT at most. A child that reads from a terminal which it may not have stops
    again and again; sigroute would have to continue it for ever.
    """
    child = draft.children[index]
    owed = [each for each in child.progress if each.cont_pending]
    for each in owed:
        action = draft.action(each.action)
        group = action.scope == "process-group"
        draft.put(index, each.but(cont_pending=False))
        draft.emit(Kill(child=index, pid=child.pid, signal=CONT, group=group, origin=action.origin))
    return bool(owed)
