"""Zombies whose parents live and do not reap them: sigroute can't, it is not their parent (wait(2), NOTES)."""

from __future__ import annotations

from sigroute.pid1.engine.life import ALIVE
from sigroute.pid1.kernel import process_names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from sigroute.pid1.control.as_json import Object
    from sigroute.pid1.engine.draft import Draft
    from sigroute.pid1.engine.events import Process


def of_others(listed: dict[int, Process], me: int, draft: Draft) -> list[Object]:
    """Return each process that has zombies: its pid and name, the child that it belongs to, and how many they are."""
    counts: dict[int, int] = {}
    for each in listed.values():
        if each.state == "Z" and each.parent != me and me in line_of(each.parent, listed):
            counts[each.parent] = counts.get(each.parent, 0) + 1
    owners = {
        child.pid: draft.plan.children[index].name
        for index, child in enumerate(draft.children)
        if child.phase in ALIVE  # the pid of any other may be somebody else's by now
    }
    found: list[Object] = []
    for pid, count in counts.items():
        owner = next((owners[each] for each in line_of(pid, listed) if each in owners), None)
        found.append({"parent": pid, "name": process_names.names(pid)[1], "child": owner, "zombies": count})
    return found


def line_of(pid: int, listed: dict[int, Process]) -> Iterator[int]:
    """Yield a process, its parent, and so on. The list was not read in one moment, so it may lead in a circle."""
    for _ in listed:
        if pid not in listed:
            return
        yield pid
        pid = listed[pid].parent
