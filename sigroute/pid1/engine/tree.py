"""Who descends from whom: questions to one process list, without side effects."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable

    from sigroute.pid1.engine.events import Process


class Forest:
    """A process list, sorted once: every child asks it about its own tree, and there may be a thousand."""

    def __init__(self, processes: Iterable[Process]) -> None:
        self.by_pid: dict[int, Process] = {}
        self.by_parent: dict[int, list[Process]] = {}
        #: By the number of a session or a process group: who is in it.
        self.by_leader: dict[int, list[Process]] = {}
        for process in processes:
            self.by_pid[process.pid] = process
            self.by_parent.setdefault(process.parent, []).append(process)
            for leader in {process.group, process.session}:
                self.by_leader.setdefault(leader, []).append(process)

    def descendants(self, roots: Iterable[int]) -> list[Process]:
        """Return what descends from these pids, parents first, the roots themselves left out.

        A process that entered the namespace from outside has parent 0 (pid_namespaces(7)), so it
        and its children descend from nobody here.
        """
        found: list[Process] = []
        seen = set(roots)
        todo = list(seen)
        while todo:
            for process in self.by_parent.get(todo.pop(), ()):
                if process.pid not in seen:
                    seen.add(process.pid)
                    found.append(process)
                    todo.append(process.pid)
        return found

    def group(self, leader: int) -> list[Process]:
        """Return the living members of a process group, but those that entered from outside: their parent is 0."""
        return alive(each for each in self.by_leader.get(leader, ()) if each.group == leader and each.parent)

    def adopted(self, me: int, owned: Container[int]) -> set[int]:
        """Return the children of sigroute's that it has not started: their parents have gone."""
        return {each.pid for each in self.by_parent.get(me, ()) if each.pid not in owned}

    def members(
        self, me: int, pid: int, known: Iterable[Process], *, leads: bool, heirs: Iterable[int] = ()
    ) -> list[Process]:
        """Return the tree of a child, the child itself left out.

        That is what descends from it; what did when last looked at (``known``); orphans of the
        sessions and groups that it or those led; and ``heirs``, with what descends from all of
        those. ``leads`` tells whether the child has not been reaped yet, so that its pid is still
        its own.
        """
        own = {pid} if leads else set()  # else this number is another's by now, maybe a member's
        roots = own | set(heirs)
        leaders = {pid} if leads or pid not in self.by_pid else set()
        for each in known:
            process = self.by_pid.get(each.pid)
            if process is None:
                leaders.add(each.pid)  # its number is not given away while its group or session lives
            elif is_same(each, process, me, self.by_pid.__contains__):
                leaders.add(each.pid)
                roots.add(each.pid)
        mine = self.by_pid.get(me)
        shared = {mine.group, mine.session} if mine is not None else set()
        for leader in leaders - shared:
            roots |= {each.pid for each in self.by_leader.get(leader, ()) if each.parent == me}
        found = [self.by_pid[each] for each in sorted(roots - own) if each in self.by_pid]
        return alive(found + self.descendants(roots))


def is_same(listed: Process, now: Process, me: int, exists: Callable[[int], bool]) -> bool:
    """Tell whether a process is the one that was listed with this pid.

    Where there are few pids another may have got it within the tick of the start. It would be in another group, too,
    and have another parent, unless it is of the same tree. Who is the same has another parent only where that one has
    gone, and it is mostly sigroute then.
    """
    if now.start != listed.start:
        return False
    return now.parent in (listed.parent, me) or now.group == listed.group or not exists(listed.parent)


def tops(members: Iterable[Process], meant: Iterable[Process]) -> frozenset[int]:
    """Return the pids of those in a tree whose parents are not in it, and from whom somebody of ``meant`` descends."""
    parents = {each.pid: each.parent for each in members}
    found: set[int] = set()
    seen: set[int] = set()
    for each in meant:
        pid = each.pid
        while pid in parents and pid not in seen:
            seen.add(pid)
            if parents[pid] not in parents:
                found.add(pid)
            pid = parents[pid]
    return frozenset(found)


def alive(processes: Iterable[Process]) -> list[Process]:
    """Leave out zombies and the dead: no signal changes them (proc_pid_stat(5), state)."""
    return [process for process in processes if process.state not in "ZX"]
