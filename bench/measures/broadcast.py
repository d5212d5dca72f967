"""One signal for many children: the time until the last of them has it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from bench.contestants import Contestant
from bench.lab import PLACES
from bench.measure import Measure

if TYPE_CHECKING:
    from bench.lab import Lab
    from bench.results import Row
    from bench.task import Task

ROUNDS = 3
CHILDREN = (1, 10, 100, 1000)
REPEATS = 10

#: Microseconds between two broadcasts.
PAUSE = 20_000

LOOP = "C loop"

ABOUT = "tini -g, dumb-init and catatonit -g signal a process group of N by one kill(2); the others start N children"


def case(kind: str, children: int, place: str) -> str:
    """Return the name of a case."""
    return f"{kind}, {children}, {place}"


def run(lab: Lab) -> list[Row]:
    """Measure all contestants that can have many children or can signal a group."""

    def loop(task: Task) -> list[str]:
        return [lab.helper("loop"), str(task.copies), *task.command]

    able = [each for each in lab.present() if not each.forwards and (each.copies or each.group)]
    contestants = [*able, Contestant(LOOP, loop, lambda: "", copies=True)]
    rows = []
    for children in CHILDREN:
        for place in PLACES:
            with lab.apart(place):
                ways = {each.name: partial(once, lab, each, children, place) for each in contestants}
                cases = [case("repeated", children, place), case("first", children, place)]
                rows += lab.take_turns("broadcast", cases, lab.rounds(ROUNDS), ways)
    return rows


def once(lab: Lab, contestant: Contestant, children: int, place: str) -> dict[str, list[float]]:
    """Return milliseconds."""
    copies = children if contestant.copies else 1
    with (
        lab.task(lab.child(children // copies), copies=copies, group=contestant.group) as task,
        lab.running(contestant, task, lab.cpu(place)) as pid1,
    ):
        pid1.ready(children)
        times = pid1.signals(1 + REPEATS, PAUSE, lab.cpu(place), children)
        first, *repeated = [each / 1e6 for each in times]
        return {case("repeated", children, place): repeated, case("first", children, place): [first]}


BROADCAST = Measure(
    "broadcast",
    {
        f"one signal for N children, until the last has it (ms, less is better), {place}": [
            *(case("repeated", children, place) for children in CHILDREN),
            case("first", CHILDREN[-1], place),
        ]
        for place in PLACES
    },
    run,
    (80, 45),
    about=ABOUT,
)
