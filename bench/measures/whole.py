"""The time from the exec of PID 1 to its end, with a command that ends at once."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

from bench.contestants import COMPILED_NO_RULES, RULES, TINI
from bench.lab import PLACES
from bench.measure import Measure

if TYPE_CHECKING:
    from bench.contestants import Contestant
    from bench.lab import Lab
    from bench.results import Row

ROUNDS = 60

COMMAND = ["/bin/true"]


def run(lab: Lab) -> list[Row]:
    """Run each contestant in turn."""
    rows = []
    for place in PLACES:
        with lab.apart(place):
            ways = {each.name: partial(once, lab, each, place) for each in lab.able(COMPILED_NO_RULES, RULES, TINI)}
            rows += lab.take_turns("whole", [place], lab.rounds(ROUNDS), ways, warm=True)
    return rows


def once(lab: Lab, contestant: Contestant, place: str) -> dict[str, list[float]]:
    """Return milliseconds."""
    with lab.task(COMMAND) as task, lab.running(contestant, task, lab.cpu(place)) as pid1:
        pid1.process.wait()
        return {place: [(time.monotonic_ns() - lab.page["launched"]) / 1e6]}


WHOLE = Measure("whole", {"from exec to the end, with /bin/true (ms, less is better)": PLACES}, run, (30, 4))
