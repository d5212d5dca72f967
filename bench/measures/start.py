"""The time from the exec of PID 1 to its child's first instruction."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING

from bench.contestants import AS_TINI, RULES_NGINX, WHOLE_NGINX, Contestant
from bench.lab import PLACES
from bench.measure import Measure

if TYPE_CHECKING:
    from bench.lab import Lab
    from bench.results import Row
    from bench.task import Task

ROUNDS = 30

IMPORTS = "import attrs, tomli"

ABOUT = f"{IMPORTS}: python3 -I -c '{IMPORTS}', what the rule language is made with, until it has ended"


def imports(_task: Task) -> list[str]:
    """Return the command that only imports the libraries of the rule language."""
    return [sys.executable, "-I", "-c", IMPORTS]


def run(lab: Lab) -> list[Row]:
    """Start each contestant in turn."""
    rows = []
    contestants = lab.present(*lab.able(AS_TINI, RULES_NGINX, WHOLE_NGINX), Contestant(IMPORTS, imports, lambda: ""))
    for place in PLACES:
        with lab.apart(place):
            ways = {each.name: partial(once, lab, each, place) for each in contestants}
            rows += lab.take_turns("start", [place], lab.rounds(ROUNDS), ways, warm=True)
    return rows


def once(lab: Lab, contestant: Contestant, place: str) -> dict[str, list[float]]:
    """Return milliseconds."""
    with lab.task(lab.child()) as task, lab.running(contestant, task, lab.cpu(place)) as pid1:
        if contestant.name == IMPORTS:
            pid1.process.wait()
        else:
            pid1.ready()
        until = lab.page["ended" if contestant.name == IMPORTS else "begun"]
        return {place: [(until - lab.page["launched"]) / 1e6]}


START = Measure(
    "start", {"from exec to the child's first instruction (ms, less is better)": PLACES}, run, (80, 10), about=ABOUT
)
