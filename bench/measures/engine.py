"""A compiled sigroute's engine, brought up when it is first needed: how long that takes, and what it weighs."""

from __future__ import annotations

import os
import signal
import time
from functools import partial
from typing import TYPE_CHECKING

from bench.contestants import BARE_PYTHON, COMPILED, COMPILED_CHAIN, TINI
from bench.lab import PLACES
from bench.measure import Measure
from bench.measures.memory import REST

if TYPE_CHECKING:
    from bench.contestants import Contestant
    from bench.lab import Lab
    from bench.results import Row

ROUNDS = 20

FIRST = "the first signal that needs the engine, ms"
BEFORE, MEMORY = "memory before it, with the rules for nginx (private dirty, kB)", "memory afterwards (anonymous, kB)"

ABOUT = (
    "the engine is needed for USR1, whose rule is a chain with a delay; tini forwards it. "
    "bare python3: python3 -I -S, which waits"
)


def run(lab: Lab) -> list[Row]:
    """Measure in turns; the file systems are synced first, as a file that was just written counts as dirty memory."""
    os.sync()
    place = PLACES[0]
    with lab.apart(place):
        ways = {each.name: partial(first, lab, each) for each in lab.able(COMPILED_CHAIN, TINI)}
        rows = lab.take_turns("engine", [FIRST], lab.rounds(ROUNDS), ways)
        weights = {each.name: partial(weight, lab, each) for each in lab.able(COMPILED_CHAIN, BARE_PYTHON)}
        rows += lab.take_turns("engine", [MEMORY], lab.rounds(3), weights)
        ways = {each.name: partial(before, lab, each) for each in lab.able(COMPILED, TINI)}
        return rows + lab.take_turns("engine", [BEFORE], lab.rounds(3), ways)


def first(lab: Lab, contestant: Contestant) -> dict[str, list[float]]:
    """Return milliseconds from kill(2) until the child has it."""
    with lab.task(lab.child()) as task, lab.running(contestant, task, lab.cpu(PLACES[0])) as pid1:
        pid1.ready()
        return {FIRST: [each / 1e6 for each in pid1.signals(1, 0, lab.cpu(PLACES[0]))]}


def before(lab: Lab, contestant: Contestant) -> dict[str, list[float]]:
    """Return kilobytes, while no signal has come yet."""
    with lab.task(lab.child(), bundled="nginx") as task, lab.running(contestant, task) as pid1:
        pid1.ready()
        time.sleep(REST)
        return {BEFORE: [pid1.status("Private_Dirty", "smaps_rollup")]}


def weight(lab: Lab, contestant: Contestant) -> dict[str, list[float]]:
    """Return kilobytes, after a signal that has no handler; a bare Python gets none."""
    with lab.task(lab.child()) as task, lab.running(contestant, task) as pid1:
        if contestant is not BARE_PYTHON:
            pid1.ready()
            os.kill(pid1.pid, signal.SIGUSR1)
        time.sleep(REST)
        return {MEMORY: [pid1.status("Anonymous", "smaps_rollup")]}


ENGINE = Measure(
    "engine",
    {"a compiled sigroute's engine, when it is first needed (less is better)": [FIRST, BEFORE, MEMORY]},
    run,
    (15, 6),
    about=ABOUT,
)
