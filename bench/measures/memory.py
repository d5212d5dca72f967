"""The memory of PID 1 while it supervises, from /proc/PID/smaps_rollup (proc_pid_smaps(5))."""

from __future__ import annotations

import os
import time
from functools import partial
from typing import TYPE_CHECKING

from bench.measure import Measure

if TYPE_CHECKING:
    from bench.contestants import Contestant
    from bench.lab import Lab
    from bench.results import Row

ROUNDS = 3
CHILDREN = (1, 10, 100, 1000)

#: Seconds for PID 1 to come to rest.
REST = 0.3

FIELDS = {"private dirty": "Private_Dirty", "Pss": "Pss", "Rss": "Rss"}


def case(field: str, children: int) -> str:
    """Return the name of a case."""
    return f"{field}, {children}"


def run(lab: Lab) -> list[Row]:
    """Measure each contestant in turn; with several children only those that can have them."""
    rows = []
    os.sync()  # a file that was just written counts as dirty memory of whoever has mapped it
    for children in CHILDREN:
        ways = {each.name: partial(once, lab, each, children) for each in lab.present() if each.copies or children == 1}
        rows += lab.take_turns("memory", [case(field, children) for field in FIELDS], lab.rounds(ROUNDS), ways)
    return rows


def once(lab: Lab, contestant: Contestant, children: int) -> dict[str, list[float]]:
    """Return kilobytes."""
    with lab.task(lab.child(), copies=children) as task, lab.running(contestant, task) as pid1:
        pid1.ready(children)
        time.sleep(REST)
        return {case(name, children): [pid1.status(field, "smaps_rollup")] for name, field in FIELDS.items()}


MEMORY = Measure(
    "memory",
    {
        "memory that is PID 1's alone (private dirty, kB, less is better), by children": [
            case("private dirty", children) for children in CHILDREN
        ],
        "with one child, as the kernel counts it otherwise (kB)": [case("Pss", 1), case("Rss", 1)],
    },
    run,
    (60, 40),
)
