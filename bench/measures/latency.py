"""The time from kill(2) by a process outside to the child's receipt, one signal at a time."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from bench.contestants import COMPILED_NO_RULES, NO_RULES
from bench.lab import PLACES
from bench.measure import Measure
from bench.results import Row

if TYPE_CHECKING:
    from bench.contestants import Contestant
    from bench.lab import Lab

ROUNDS = 10
SLICE = 200
WARM = 20

#: Microseconds between a receipt and the next signal: by then all processes sleep again.
PAUSE = 300

ABOUT = "sigroute with rules rewrites USR1 to USR2, the others forward it; s6-svscan runs a script that runs s6-svc"


def run(lab: Lab) -> list[Row]:
    """Send signals to each contestant in turn, each time to a new PID 1."""
    rows = []
    contestants = lab.present(NO_RULES, *lab.able(COMPILED_NO_RULES))
    for place in PLACES:
        with lab.apart(place):
            ways = {each.name: partial(once, lab, each, place) for each in contestants if not each.forwards}
            rows += lab.take_turns("latency", [place], lab.rounds(ROUNDS), ways)
        rows += [Row("latency", place, each.name, note=each.forwards) for each in contestants if each.forwards]
    return rows


def once(lab: Lab, contestant: Contestant, place: str) -> dict[str, list[float]]:
    """Return microseconds."""
    with lab.task(lab.child()) as task, lab.running(contestant, task, lab.cpu(place)) as pid1:
        pid1.ready()
        pid1.signals(WARM, PAUSE, lab.cpu(place))
        return {place: [each / 1e3 for each in pid1.signals(SLICE, PAUSE, lab.cpu(place))]}


LATENCY = Measure(
    "latency",
    {"from kill(2) to the child's receipt (µs, less is better)": PLACES},
    run,
    (25, 6),
    about=ABOUT,
    tail=True,
)
