"""Waiting for signals: which are routed, and who sent them. In a process of one thread, as PID 1 is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

#: A kernel seam, with nothing to supervise: what each program below begins with.
KERNEL = """
import os, signal, subprocess, sys, time
from sigroute.pid1.kernel import mask, seam
from sigroute.pid1.plan import Plan
mask.block()
kernel = seam.Kernel(Plan(children=(), tables=(), actions=(), stop_signals=frozenset()))
"""


def told(program: str, *words: str) -> str:
    """Return what a program tells that has such a seam."""
    command = [sys.executable, "-c", KERNEL + program, *words]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=90).stdout.strip()


#: Waits for a minute at most for what it causes itself, and tells what is to be routed.
WAITS = """
what, number = sys.argv[1], int(sys.argv[2])
if what == "timer":
    signal.setitimer(number, 0.001)
    while signal.getitimer(number)[0]:
        pass  # some measure the time that we work
elif what == "self":
    os.kill(os.getpid(), number)
elif what == "other":
    subprocess.run(["sh", "-c", f"kill -{number} $PPID"])
due = kernel.now() + (60_000 if what != "nobody" else 30)
found = kernel.wait(due)
if what == "other" and found is None:  # the CHLD of its end has the lower number
    found = kernel.wait(due)
print("in time" if kernel.now() < due else "late", found and (found.signal, found.sender, found.uid))
"""


def waited(what: str, number: int = 0) -> str:
    """Return what the program above tells."""
    return told(WAITS, what, str(int(number)))


@pytest.mark.parametrize("timer", [signal.ITIMER_REAL, signal.ITIMER_PROF, signal.ITIMER_VIRTUAL])
def test_a_timer_that_a_parent_left_us_is_nobody_elses(timer: int) -> None:
    """It arrives from the kernel, as what is typed does, and is not from a terminal."""
    assert waited("timer", timer) == "in time None"


def test_what_we_sent_ourselves_is_not_routed() -> None:
    assert waited("self", signal.SIGUSR1) == "in time None"


@pytest.mark.parametrize("number", [signal.SIGALRM, signal.SIGUSR1, signal.SIGXCPU, signal.SIGRTMAX])
def test_what_another_sent_is(number: int) -> None:
    assert waited("other", number) == f"in time {(int(number), 'inside', os.getuid())}"


def test_without_a_signal_it_waits_until_due() -> None:
    assert waited("nobody") == "late None"


#: Waits for what another sends, and tells whether its timer is still set.
TIMES = """
subprocess.run(["sh", "-c", f"kill -{sys.argv[1]} $PPID"])
while (found := kernel.wait(kernel.now() + 60_000)) is None:
    pass  # the CHLD of its end
print(found.signal, found.sender, *signal.getitimer(signal.ITIMER_REAL))
"""


@pytest.mark.parametrize("number", [signal.SIGALRM, signal.SIGUSR1])
def test_the_timer_of_a_wait_ends_with_it(number: int) -> None:
    """Whoever is not waited for any more wakes nobody; an ALRM from another is not taken for it."""
    assert told(TIMES, str(int(number))) == f"{int(number)} inside 0.0 0.0"


#: Is stopped while it waits, until after the time that it waits for.
STOPPED = """
from pathlib import Path
parent, due = os.getpid(), kernel.now() + 500
if not os.fork():
    # what is waited for is not blocked meanwhile
    while "SigBlk:\\t0000000000000000" not in Path(f"/proc/{parent}/status").read_text():
        time.sleep(0.001)
    os.kill(parent, signal.SIGSTOP)
    while kernel.now() <= due:
        time.sleep(0.01)
    os.kill(parent, signal.SIGCONT)
    os._exit(0)
first, late = kernel.wait(due), kernel.now() > due
while (second := kernel.wait(kernel.now() + 60_000)) is None:
    pass  # the CHLD of its end
print(first, late, second.signal)
"""


def test_one_that_was_stopped_until_after_it_was_due_was_sent_nothing_but_the_cont() -> None:
    """A sigtimedwait(2) would be interrupted, and CPython makes a signal of what is in its memory (guarantee 7)."""
    assert told(STOPPED).split() == ["None", "True", str(int(signal.SIGCONT))]


#: Sends its parent the same signal with these values, or without one.
QUEUES = """
import os, sys
from sigroute.pid1.kernel.libc import queue
for word in sys.argv[2:]:
    if word == "none":
        os.kill(os.getppid(), int(sys.argv[1]))
    else:
        assert queue(os.getppid(), int(sys.argv[1]), int(word))
"""

COLLECTS = """
subprocess.run([sys.executable, "-c", *sys.argv[1:]], check=True)
found, due = [], kernel.now() + 60_000
while len(found) < len(sys.argv) - 3 and kernel.now() < due:
    each = kernel.wait(due)
    if each is not None:
        found.append((each.signal, each.sender, each.value))
print(found)
"""


def test_each_signal_comes_with_its_own_value_and_one_without_with_none() -> None:
    words = ["none", "0", "7", "none", "-1", "7", str(2**31 - 1), str(-(2**31)), "none"]
    found = eval(told(COLLECTS, QUEUES, "40", *words))
    assert found == [(40, "inside", None if word == "none" else int(word)) for word in words]


#: Looks for the fate of children that end meanwhile, as after a CHLD that came of something else.
REAPS = """
fates = set()
for _ in range(3000):
    pid = os.fork()
    if not pid:
        os._exit(7)
    kernel.reaper.looks = True
    while not (fate := kernel.reap()):
        kernel.reaper.looks = True
    fates.add((type(fate).__name__, type(kernel.reap()).__name__))
print(*fates)
"""


def test_nobody_is_missed_who_ends_while_stops_are_looked_for() -> None:
    """waitid(2) without WEXITED says ECHILD where the only child is a zombie."""
    assert told(REAPS) == "('Exited', 'Childless')"
