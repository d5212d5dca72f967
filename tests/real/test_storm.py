"""Storms: orphans as fast as they can be made, real-time signals by the ten thousand."""

from __future__ import annotations

import ctypes
import json
import os
import platform
import signal
import sys
import time
from collections import Counter
from functools import partial
from pathlib import Path

import pytest

from sigroute.pid1.names import name_of
from tests.real.container import SIGROUTE, Container, children
from tests.real.traffic import until
from tests.runtime.log.built import SANITIZED

pytestmark = pytest.mark.usefixtures("form")

#: Under the sanitizers (tests/runtime/test_sanitized.py) all takes longer, and is not measured.
PART = 10 if SANITIZED in os.environ else 1

ORPHANS = 20_000 // PART
STORM = 50_000 // PART

#: Makes orphans as fast as it can: a nursery forks children and leaves them to PID 1. Meanwhile it answers each USR1.
MAKES_ORPHANS = """
import os, signal, sys
answered = 0
def answer(*_):
    global answered
    answered += 1
    os.write(1, b"got USR1\\n")
signal.signal(signal.SIGUSR1, answer)
left = int(sys.argv[1])
os.write(1, b"begin\\n")
while left:
    batch = min(left, 100)
    left -= batch
    if not (nursery := os.fork()):
        signal.signal(signal.SIGUSR1, signal.SIG_IGN)
        for _ in range(batch):
            if not os.fork(): os._exit(7)
        os._exit(0)
    os.waitpid(nursery, 0)
os.write(1, b"all orphans were made\\n")
while True: signal.pause()
"""

#: Counts what it gets until it has got so many, or TERM; then writes down how many of each.
COUNTS = """
import os, signal, sys
numbers = {*range(signal.SIGRTMIN, signal.SIGRTMAX + 1), signal.SIGTERM}
for number in numbers: signal.signal(number, lambda *_: None)
signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
os.write(1, b"ready\\n")
counts, left = {}, int(sys.argv[1])
while left and (number := signal.sigwaitinfo(numbers).si_signo) != signal.SIGTERM:
    counts[number] = counts.get(number, 0) + 1
    left -= 1
with open(sys.argv[2], "w") as file: file.write(" ".join(map(str, counts.values())))
"""


def unreaped(parent: int) -> int:
    """Return how many children of a process there are, dead or alive."""
    return len(children(parent))


def answered(container: Container, times: int) -> bool:
    """Tell whether the nursery has answered so many times."""
    return container.log().count("got USR1") == times


def test_orphans_as_fast_as_they_can_be_made_while_signals_arrive(tmp_path: Path) -> None:
    child = [sys.executable, "-I", "-c", MAKES_ORPHANS, str(ORPHANS)]
    with Container(tmp_path, [*SIGROUTE, "--log-level", "warning", "--", *child]) as container:
        container.said("begin")
        sent = 0
        while "all orphans" not in container.log():
            container.send(signal.SIGUSR1)
            sent += 1
            until(partial(answered, container, sent), f"USR1 number {sent} arrived")
        ended = time.monotonic()
        until(lambda: unreaped(container.pid) == 1, "no zombie is left")
        took = time.monotonic() - ended
        assert sent > 10
        assert took < 1.0, "100 ms where the machine has nothing else to do"
        container.send(signal.SIGTERM)
        assert container.wait() == 143


class Siginfo(ctypes.Structure):
    """What a signal brings along (sigaction(2), siginfo_t), in 128 bytes."""

    _fields_ = (
        ("si_signo", ctypes.c_int),
        ("si_errno", ctypes.c_int),
        ("si_code", ctypes.c_int),
        ("si_pid", ctypes.c_int),
        ("si_uid", ctypes.c_int),
        ("rest", ctypes.c_char * 108),
    )


class Sender:
    """Queues signals with a number where the sender's uid would be, which sigroute's log shows (rt_sigqueueinfo(2)).

    It leaves room: the queue is one for all processes of a user (setrlimit(2), RLIMIT_SIGPENDING), and where it is
    full, kill(2) drops what is pending already.
    """

    SI_QUEUE = -1

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.syscall = ctypes.CDLL(None, use_errno=True).syscall
        self.number = {"x86_64": 129, "aarch64": 138}[platform.machine()]

    def send(self, signal_number: int, value: int) -> None:
        """Queue one signal, when there is room."""
        if value % 500 == 0:
            until(there_is_room, "what was queued was taken")
        info = Siginfo(si_signo=signal_number, si_code=self.SI_QUEUE, si_uid=value)
        assert self.syscall(self.number, self.pid, signal_number, ctypes.byref(info)) == 0, ctypes.get_errno()


def there_is_room() -> bool:
    """Tell whether not even half of the queue is in use ("SigQ" in proc_pid_status(5))."""
    fields = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    queued, limit = map(int, fields["SigQ"].split("/"))
    return queued + 500 < limit / 2


def goes_on(container: Container, told: int) -> bool:
    """Tell whether more has been told than so many bytes, or it has ended."""
    return container.output.stat().st_size > told or not container.running()


def test_a_storm_of_real_time_signals_arrives_complete_and_each_in_its_order(tmp_path: Path) -> None:
    numbers = [number for number in range(34, 65) if number != 37]  # which is a stop
    counts = tmp_path / "counts"
    child = [sys.executable, "-I", "-c", COUNTS, str(STORM), str(counts)]
    with Container(tmp_path, [*SIGROUTE, "--log", "json", "--", *child]) as container:
        container.said("ready")
        sender = Sender(container.pid)
        for value in range(STORM):
            sender.send(numbers[value * 7 % len(numbers)], value)
        while container.running():  # how long so many take is a matter of who else has the CPU
            until(partial(goes_on, container, container.output.stat().st_size), "one more arrives")
        assert container.wait() == 0
    expected = Counter(name_of(numbers[value * 7 % len(numbers)]) for value in range(STORM))
    assert sum(map(int, counts.read_text().split())) == STORM
    lines = [json.loads(line) for line in container.log().splitlines() if line.startswith("{")]
    arrived: dict[str, list[int]] = {}
    for line in lines:
        if line["event"] == "signal":
            arrived.setdefault(line["signal"], []).append(line["uid"])
    assert {name: len(values) for name, values in arrived.items()} == expected
    assert all(values == sorted(values) for values in arrived.values())
    assert Counter(line["signal"] for line in lines if line["event"] == "sent") == expected


@pytest.mark.parametrize("rule", ["forward", "drop"])
def test_a_thousand_urg_are_a_few_lines(tmp_path: Path, rule: str) -> None:
    """As a client in Go sends them, whose runtime uses that signal, and which forwards all it gets."""
    command = [*SIGROUTE, "--log", "json", "--on", f"URG={rule}", "--", "sleep", "600"]
    with Container(tmp_path, command) as container:
        container.said("started")
        for _ in range(1000):
            container.send(signal.SIGURG)
            until(partial(nothing_pending, container.pid), "it was taken")
        container.send(signal.SIGTERM)
        assert container.wait() == 143
    lines = [json.loads(line) for line in container.log().splitlines()]
    told = [line for line in lines if line.get("signal") == "URG" or line["event"] == "repeated"]
    assert len(told) < 200, "ten, and a few; ten more after each second without one, where others have the CPU"
    assert sum(line["event"] == "signal" for line in told) + sum(line.get("number", 0) for line in told) == 1000


def nothing_pending(pid: int) -> bool:
    """Tell whether no signal waits for a process."""
    return f"ShdPnd:\t{0:016x}" in Path(f"/proc/{pid}/status").read_text()
