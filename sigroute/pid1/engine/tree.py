"""Trees of processes: answers from one process list, without side effects."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable

    from sigroute.pid1.engine.events import Process


class Forest:
    """A process list with indexes: each child asks for its own tree, and there may be a thousand children."""

    def __init__(self, processes: Iterable[Process]) -> None:
        self.by_pid: dict[int, Process] = {}
        self.by_parent: dict[int, list[Process]] = {}
        #: By the id of a session or a process group: its members.
        self.by_leader: dict[int, list[Process]] = {}
        for process in processes:
            self.by_pid[process.pid] = process
            self.by_parent.setdefault(process.parent, []).append(process)
            for leader in {process.group, process.session}:
                self.by_leader.setdefault(leader, []).append(process)

    def descendants(self, roots: Iterable[int]) -> list[Process]:
        """Return the descendants of these pids, parents first, without the roots themselves.

        A process that entered the namespace from outside has parent 0 (pid_namespaces(7)), so neither it
        nor its children descend from any process here.
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
        """Return the living members of a process group, without those from outside the namespace: their parent is 0."""
        return alive(each for each in self.by_leader.get(leader, ()) if each.group == leader and each.parent)

    def adopted(self, me: int, owned: Container[int]) -> set[int]:
        """Return the pids of the children that sigroute has adopted.

        :param owned: the pids of the children that sigroute has started.
        """
        return {each.pid for each in self.by_parent.get(me, ()) if each.pid not in owned}

    def members(
        self, me: int, pid: int, known: Iterable[Process], *, leads: bool, heirs: Iterable[int] = ()
    ) -> list[Process]:
        """Return the living members of a child's tree, without the child itself.

        The tree has the descendants of: the child; the processes in ``known``; the orphans in a session
        or group that one of these led; and the processes in ``heirs``. All but the child are in the tree
        themselves.

        :param me: sigroute's own pid.
        :param pid: the child's.
        :param known: the tree as it was last listed.
        :param leads: the child has not been reaped yet, so its pid is still its own.
        :param heirs: pids of orphans that belong to the tree in any case.
        """
        own = {pid} if leads else set()  # after the child was reaped, another process may have this pid, even a member
        roots = own | set(heirs)
        leaders = {pid} if leads or pid not in self.by_pid else set()
        for each in known:
            process = self.by_pid.get(each.pid)
            if process is None:
                leaders.add(each.pid)  # nobody else gets this pid while its group or session has members
            elif is_same(each, process, me, self.by_pid.__contains__):
                leaders.add(each.pid)
                roots.add(each.pid)
        for leader in leaders:
            roots |= {each.pid for each in self.by_leader.get(leader, ()) if each.parent == me}
        found = [self.by_pid[each] for each in sorted(roots - own)]
        return alive(found + self.descendants(roots))


def is_same(listed: Process, now: Process, me: int, exists: Callable[[int], bool]) -> bool:
    """Tell whether the process that has this pid now is the one that was listed with it.

    The same start time does not prove it: if pids are few, another process may get the pid within one clock tick. But a
    process from outside the tree would have another parent and another group. The same process gets another parent only
    if its former parent has ended, and the new one is mostly sigroute.
    """
    if now.start != listed.start:
        return False
    return now.parent in (listed.parent, me) or now.group == listed.group or not exists(listed.parent)


def tops(members: Iterable[Process], meant: Iterable[Process]) -> frozenset[int]:
    """Return the topmost processes of a tree, by pid, that are in ``meant`` or have a descendant in it."""
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
    """Return these processes without zombies and dead ones: no signal changes those (proc_pid_stat(5), state)."""
    return [process for process in processes if process.state not in "ZX"]
