"""The time after the exec of PID 1 in which a TERM is lost: until PID 1 blocks or catches it (pid_namespaces(7))."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING

from bench.compiled import SIGROUTE
from bench.contestants import Contestant
from bench.lab import PLACES
from bench.measure import Measure

if TYPE_CHECKING:
    from bench.lab import Lab
    from bench.results import Row
    from bench.task import Task

ROUNDS = 40

CASE = "window"

BLOCKS = "import signal; signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM]); signal.pause()"

ABOUT = "sigroute behind env --block-signal, as the images start it; any Python program: it blocks TERM first thing"


def script(task: Task) -> list[str]:
    """Return the command of sigroute without env before it: the script that pip makes."""
    return [SIGROUTE, "--quiet", "--", *task.command]


def module(task: Task) -> list[str]:
    """Return the command of sigroute without env before it: the module."""
    return [sys.executable, "-m", "sigroute", "--quiet", "--", *task.command]


def python(_task: Task) -> list[str]:
    """Return the command of a Python program that only blocks TERM."""
    return [sys.executable, "-c", BLOCKS]


MORE = [
    Contestant("sigroute (no env)", script, lambda: ""),
    Contestant("sigroute (python -m)", module, lambda: ""),
    Contestant("any Python program", python, lambda: ""),
]


def run(lab: Lab) -> list[Row]:
    """Start each contestant in turn, as an image starts it."""
    ways = {each.name: partial(once, lab, each) for each in lab.present(*MORE)}
    with lab.apart(PLACES[0]):  # the launcher watches from another CPU, as it must not wait for this one
        return lab.take_turns("window", [CASE], lab.rounds(ROUNDS), ways, warm=True)


def once(lab: Lab, contestant: Contestant) -> dict[str, list[float]]:
    """Return milliseconds."""
    with (
        lab.task(lab.child()) as task,
        lab.pid1(contestant.argv(task), lab.cpu(PLACES[0]), watch=True) as pid1,
    ):
        pid1.until(lambda: lab.page["kept"], "TERM is never kept")
        return {CASE: [(lab.page["kept"] - lab.page["launched"]) / 1e6]}


WINDOW = Measure(
    "window",
    {"after exec, until a TERM to PID 1 is kept (ms, less is better)": [CASE]},
    run,
    (20, 4),
    about=ABOUT,
    tail=True,
)
