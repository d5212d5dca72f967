"""Whether a program runs below a process: under a shell that stays, npm, su."""

from __future__ import annotations

import posix
import time

from sigroute.pid1.engine import program_names
from sigroute.pid1.engine.events import Below
from sigroute.pid1.kernel import dispositions, proc, process_names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from sigroute.pid1.engine.events import Process

#: The most processes to inspect, the nearest first: a wrapper has its program close below it.
MOST = 256

#: Milliseconds of a clock tick, the unit of start times (proc_pid_stat(5)).
TICK = 1000 // posix.sysconf("SC_CLK_TCK")


def names_and_below(pid: int, programs: tuple[str, ...]) -> tuple[tuple[str, ...] | None, str, tuple[Below, ...]]:
    """Return a process's names and comm and, unless it runs one of these programs itself, what ``below`` finds."""
    known, comm = process_names.names(pid)
    looks = programs and not program_names.is_program(known or (), comm, programs)
    return known, comm, below(pid, programs) if looks else ()


def below(pid: int, programs: tuple[str, ...]) -> tuple[Below, ...]:
    """Return the topmost processes below this one that run one of these programs."""
    found = []
    children = children_by()
    level = children(pid)
    left = MOST
    while level and left > 0:
        deeper: list[int] = []
        for each in level[:left]:
            known, comm = process_names.names(each)
            if known is not None and program_names.is_program(known, comm, programs):
                found += seen(each)
            else:
                deeper += children(each)
        left -= len(level)
        level = deeper
    return tuple(found)


def seen(pid: int) -> list[Below]:
    """Return what can be read of a process, as a list of one; an empty list if the process has ended."""
    row = proc.process(pid)
    if row is None or row.state in "ZX":
        return []
    survived, ignored = dispositions.handled(pid)
    return [Below(process=row, handled=survived, ignored=ignored, age=age(row))]


def age(process: Process) -> int:
    """Return how many milliseconds ago a process was made."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000 - process.start * TICK


def children_by() -> Callable[[int], list[int]]:
    """Return a function from a pid to its children: it asks the kernel, or, if that can't tell, one list of all."""
    me = posix.getpid()
    if proc.read(f"/proc/{me}/task/{me}/children") is not None:
        return children_of
    by_parent: dict[int, list[int]] = {}
    for each in proc.processes() or ():
        by_parent.setdefault(each.parent, []).append(each.pid)
    return lambda pid: by_parent.get(pid, [])


def children_of(pid: int) -> list[int]:
    """Return the children of all threads of a process (proc_tid_children(5), CONFIG_PROC_CHILDREN)."""
    threads = proc.answer(posix.listdir, f"/proc/{pid}/task") or []
    return [int(child) for each in threads for child in (proc.read(f"/proc/{pid}/task/{each}/children") or b"").split()]
