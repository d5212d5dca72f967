"""Orphans, made as fast as possible: how many are reaped in a second, and how many are zombies at once."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from bench.lab import PLACES
from bench.measure import Measure

if TYPE_CHECKING:
    from bench.contestants import Contestant
    from bench.lab import Lab
    from bench.results import Row

ROUNDS = 5
ORPHANS, FEW = 5000, 500

ABOUT = "made by nurseries that fork 50 and end, so 50 at once are not many"


def reaped(place: str) -> str:
    """Return the name of a case."""
    return f"reaped, {place}"


def zombies(place: str) -> str:
    """Return the name of a case."""
    return f"zombies, {place}"


def run(lab: Lab) -> list[Row]:
    """Let a storm of orphans loose on each contestant in turn."""
    rows = []
    for place in PLACES:
        with lab.apart(place):
            ways = {each.name: partial(once, lab, each, place) for each in lab.present()}
            rows += lab.take_turns("reaping", [reaped(place), zombies(place)], lab.rounds(ROUNDS), ways)
    return rows


def once(lab: Lab, contestant: Contestant, place: str) -> dict[str, list[float]]:
    """Return the orphans reaped in a second, from the first fork to the last reaping, and the most zombies at once."""
    orphans = FEW if lab.quick else ORPHANS
    storm = [lab.helper("storm"), str(lab.page.path), str(orphans)]
    with lab.task(storm) as task, lab.running(contestant, task, lab.cpu(place)) as pid1:
        pid1.until(lambda: lab.page["storm_over"], "the storm is not over")
        seconds = (lab.page["storm_over"] - lab.page["storm_began"]) / 1e9
        return {reaped(place): [lab.page["reaped"] / seconds], zombies(place): [lab.page["most_zombies"]]}


REAPING = Measure(
    "reaping",
    {
        f"{ORPHANS} orphans, made as fast as can be: reaped a second (more is better)": [*map(reaped, PLACES)],
        "most zombies at once (less is better)": [*map(zombies, PLACES)],
    },
    run,
    (60, 12),
    about=ABOUT,
)
