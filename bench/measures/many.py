"""Many children that come back: the time until all run, until one that was killed runs again, until all have ended."""

from __future__ import annotations

import json
import os
import signal
import time
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bench import compiled, services
from bench.contestants import BLOCKED_BEFORE, COMPILED, RULES, S6, SUPERVISORD
from bench.measure import Measure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bench.lab import Lab
    from bench.pid1 import Pid1
    from bench.results import Row
    from bench.task import Task

ROUNDS = 5
CHILDREN, MOST = 100, 1000

START, RESTART, MEMORY = "start", "restart of one", "memory (kB)"
STARTED, STOPPED = f"start of {MOST:,} in order", f"stop of {MOST:,} in order"

#: Seconds that all have lived before one is killed, so that nobody takes it for one that fails at once.
REST = 1.5

#: Seconds for a thousand children to end one after the other.
PATIENCE = 60

ABOUT = (
    "memory is what is private and dirty in PID 1 and, under s6-svscan, in its s6-supervise processes. s6-supervise and"
    " supervisord let a second pass before they start a service again, sigroute none the first time. In order: each"
    " child needs the one before it, and ends before that"
)


def rules(command: list[str], copies: int, *, in_order: bool) -> str:
    """Return rules for so many children that come back."""
    parts = ['restart = "always"\n[exit]\nwhen = "all"\n']
    for number in range(copies):
        needs = f'needs = "c{number - 1}"\n' if in_order and number else ""
        parts.append(f"[child.c{number}]\ncommand = {json.dumps(command)}\n{needs}")
    return "".join(parts)


def by_rules(task: Task, *, in_order: bool = False) -> list[str]:
    """Return the command of sigroute that reads these rules as it starts."""
    file = task.folder / "rules.toml"
    file.write_text(rules(task.command, task.copies, in_order=in_order))
    return [*BLOCKED_BEFORE, compiled.SIGROUTE, "--rules", str(file), "--quiet"]


def by_executable(task: Task, *, in_order: bool = False) -> list[str]:
    """Return the command of an executable made of these rules."""
    return [str(compiled.from_text(rules(task.command, task.copies, in_order=in_order)))]


def by_s6(task: Task) -> list[str]:
    """Return the command of s6-svscan over as many services."""
    return services.s6(task, copies=task.copies)


def by_supervisord(task: Task) -> list[str]:
    """Return the command of supervisord with as many programs."""
    return services.supervisord(task, again="true")


def run(lab: Lab) -> list[Row]:
    """Measure each contestant in turn."""
    ways = {COMPILED: by_executable, RULES: by_rules, S6: by_s6, SUPERVISORD: by_supervisord}
    able = {each: way for each, way in ways.items() if each in lab.able(*ways)}
    hundred = {each.name: partial(once, lab, way, CHILDREN) for each, way in able.items()}
    ours = {COMPILED: by_executable, RULES: by_rules}
    thousand = {each.name: partial(in_order, lab, way, MOST) for each, way in ours.items() if each in able}
    rounds = lab.rounds(ROUNDS)
    rows = lab.take_turns("many", [START, RESTART, MEMORY], rounds, hundred, warm=True)
    return rows + lab.take_turns("many", [STARTED, STOPPED], lab.rounds(3), thousand)


def once(lab: Lab, way: Callable[[Task], list[str]], children: int) -> dict[str, list[float]]:
    """Return milliseconds, and kilobytes."""
    with lab.task(lab.child(), copies=children) as task, lab.pid1(way(task)) as pid1:
        started = since(lab.page["launched"], pid1.ready(children))
        time.sleep(REST)
        supervisors, programs = inside(pid1, lab.helper("child"))
        began = time.monotonic_ns()
        os.kill(programs[len(programs) // 2], signal.SIGKILL)
        again = since(began, pid1.ready(children + 1))
        memory = sum(private(pid) for pid in supervisors)
        return {START: [started], RESTART: [again], MEMORY: [memory]}


def in_order(lab: Lab, way: Callable[..., list[str]], children: int) -> dict[str, list[float]]:
    """Return milliseconds."""
    with lab.task(lab.child(), copies=children) as task, lab.pid1(way(task, in_order=True)) as pid1:
        started = since(lab.page["launched"], pid1.ready(children))
        return {STARTED: [started], STOPPED: [1000 * pid1.stop(PATIENCE)]}


def since(began: int, _pid1: Pid1) -> float:
    """Return the milliseconds since a moment of CLOCK_MONOTONIC in nanoseconds."""
    return (time.monotonic_ns() - began) / 1e6


def inside(pid1: Pid1, program: str) -> tuple[list[int], list[int]]:
    """Return the processes in a contestant's namespace: those of other programs than this one, and those of it."""
    others: list[int] = []
    those: list[int] = []
    for folder in members(Path(f"/proc/{pid1.pid}")):
        with suppress(OSError):  # it has ended
            found = those if (folder / "exe").readlink() == Path(program).resolve() else others
            found.append(int(folder.name))
    return others, those


def members(one: Path) -> Iterator[Path]:
    """Yield the folders in /proc of the processes in the PID namespace of this one."""
    namespace = (one / "ns" / "pid").readlink()
    for folder in one.parent.iterdir():
        with suppress(OSError):
            if folder.name.isdigit() and (folder / "ns" / "pid").readlink() == namespace:
                yield folder


def private(pid: int) -> int:
    """Return the kilobytes of a process that are its alone, and changed (proc_pid_smaps(5))."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Private_Dirty:"):
                return int(line.split()[1])
    return 0


MANY = Measure(
    "many",
    {
        f"{CHILDREN} children that come back (ms, less is better)": [START, RESTART, MEMORY],
        "a thousand, each of which needs the one before (ms, less is better)": [STARTED, STOPPED],
    },
    run,
    (100, 45),
    about=ABOUT,
)
