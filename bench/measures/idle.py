"""What PID 1 does while nothing happens: its wake-ups and its system calls."""

from __future__ import annotations

import shutil
import subprocess
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

from bench.measure import Measure
from bench.results import Row, summarize

if TYPE_CHECKING:
    from pathlib import Path

    from bench.lab import Lab
    from bench.pid1 import Pid1

SECONDS, FEW = 30, 3

#: Seconds to come to rest after the start, and after strace has attached itself, which interrupts a waiting call once.
REST = 2

WAKEUPS, CALLS = "wake-ups", "system calls"


def run(lab: Lab) -> list[Row]:
    """Let all contestants idle at the same time: first count their wake-ups, then trace their system calls."""
    rows = []
    seconds = FEW if lab.quick else SECONDS
    with ExitStack() as stack:
        everyone = {}
        for each in lab.present():
            task = stack.enter_context(lab.task(lab.child()))
            everyone[each.name] = stack.enter_context(lab.running(each, task)).ready()
        time.sleep(REST)
        lab.say(f"idle: {seconds} s, wake-ups")
        before = {name: wakeups(pid1) for name, pid1 in everyone.items()}
        time.sleep(seconds)
        for name, pid1 in everyone.items():
            rows.append(Row("idle", WAKEUPS, name, summarize([wakeups(pid1) - before[name]])))
        lab.say(f"idle: {seconds} s, system calls")
        rows += traced(lab.folder, everyone, seconds)
    return rows


def wakeups(pid1: Pid1) -> int:
    """Return how often PID 1 has gone to sleep, and so was awake before (proc_pid_status(5))."""
    return pid1.status("voluntary_ctxt_switches")


def traced(folder: Path, everyone: dict[str, Pid1], seconds: int) -> list[Row]:
    """Count the system calls of all contestants; begin some time after strace has attached itself."""
    if not shutil.which("strace"):
        return [Row("idle", CALLS, name, note="no strace in PATH") for name in everyone]
    logs = {name: folder / f"{pid1.pid}.strace" for name, pid1 in everyone.items()}
    tracers = []
    for name, pid1 in everyone.items():
        words = ["strace", "-f", "-ttt", "-o", str(logs[name]), "-p", str(pid1.pid)]
        tracers.append(subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
    time.sleep(REST)
    began = time.time()
    time.sleep(seconds)
    ended = time.time()
    for tracer in tracers:
        tracer.terminate()
        tracer.wait()
    return [Row("idle", CALLS, name, summarize([calls(logs[name], began, ended)])) for name in everyone]


def calls(log: Path, began: float, ended: float) -> int:
    """Return how many system calls began in this time: a line of the log is "PID SECONDS CALL(..."."""
    times = [float(line.split()[1]) for line in log.read_text().splitlines() if "resumed>" not in line]
    return sum(began <= each <= ended for each in times)


IDLE = Measure("idle", {f"in {SECONDS} s in which nothing happens (less is better)": [WAKEUPS, CALLS]}, run, (70, 12))
