"""Who descends from whom: questions to one process list, without side effects."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from sigroute.pid1.events import Process


def descendants(processes: dict[int, Process], roots: Iterable[int]) -> list[Process]:
    """Return what descends from these pids, parents first, the roots themselves left out.

    A process that entered the namespace from outside has parent 0 (pid_namespaces(7)), so it
    and its children descend from nobody here.
    """
    children: dict[int, list[Process]] = {}
    for process in processes.values():
        children.setdefault(process.parent, []).append(process)
    found: list[Process] = []
    seen = set(roots)
    todo = list(seen)
    while todo:
        for process in children.get(todo.pop(), ()):
            if process.pid not in seen:
                seen.add(process.pid)
                found.append(process)
                todo.append(process.pid)
    return found


def alive(processes: Iterable[Process]) -> list[Process]:
    """Leave out zombies and the dead: no signal changes them (proc_pid_stat(5), state)."""
    return [process for process in processes if process.state not in "ZX"]


def members(
    processes: dict[int, Process],
    me: int,
    pid: int,
    known: frozenset[tuple[int, int]],
    *,
    leads: bool,
) -> list[Process]:
    """Return the tree of a child, the child itself left out.

    That is what descends from it; what did when last looked at (``known``); and orphans of the
    sessions and groups that it or those led. ``leads`` tells whether the child has not been
    reaped yet, so that its pid is still its own.
    """
    roots = {pid} if leads else set()
    leaders = {pid} if leads or pid not in processes else set()
    for each, start in known:
        process = processes.get(each)
        if process is None:
            leaders.add(each)  # its number is not given away while its group or session lives
        elif process.start == start:
            leaders.add(each)
            roots.add(each)
    mine = processes.get(me)
    shared = {mine.group, mine.session} if mine is not None else set()
    for process in processes.values():
        if process.parent == me and process.pid != pid:
            orphan_of = {process.group, process.session} - shared
            if orphan_of & leaders:
                roots.add(process.pid)
    found = [processes[each] for each in sorted(roots) if each in processes and each != pid]
    return alive(found + descendants(processes, roots))
