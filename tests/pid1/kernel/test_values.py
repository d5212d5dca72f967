"""Values that are queued with signals: sent by the seam, to a program that tells what it has got."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Self

import pytest

from sigroute.pid1.engine.effects import Kill
from sigroute.pid1.engine.events import NotSent
from sigroute.pid1.kernel.origin import SI_QUEUE, SI_USER
from sigroute.pid1.kernel.seam import Kernel
from sigroute.pid1.plan import Plan

if TYPE_CHECKING:
    from sigroute.pid1.engine.events import Event

USR1, REAL_TIME, NO_SIGNAL = 10, 40, 65
#: No pid is as high (proc_sys_kernel(5), pid_max).
NOBODY = 2**22 + 1

#: Lets signals queue until it is told that there are no more.
RECEIVES = """
import resource, signal, sys
if len(sys.argv) > 1:
    resource.setrlimit(resource.RLIMIT_SIGPENDING, (int(sys.argv[1]),) * 2)
signals = {10, 40}
signal.pthread_sigmask(signal.SIG_BLOCK, signals)
print("ready", flush=True)
sys.stdin.read()
while (info := signal.sigtimedwait(signals, 0)) is not None:
    print(info.si_signo, info.si_code, info.si_status if info.si_code == -1 else info.si_pid)
"""


class Receiver:
    """The program above, and a kernel that sends to it."""

    def __init__(self, *room: str) -> None:
        self.kernel = Kernel(Plan(children=(), tables=(), actions=(), stop_signals=frozenset()))
        command = [sys.executable, "-I", "-S", "-c", RECEIVES, *room]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self) -> Self:
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ready\n"
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()

    def send(self, signal: int, value: int | None) -> Event | None:
        return self.kernel.perform(Kill(child=0, pid=self.process.pid, signal=signal, value=value))

    def got(self) -> list[tuple[int, ...]]:
        """Return what it has got: the signal, its code, its value or who sent it."""
        told, _ = self.process.communicate(timeout=60)
        return [tuple(map(int, line.split())) for line in told.splitlines()]


@pytest.mark.parametrize("signal", [USR1, REAL_TIME])
@pytest.mark.parametrize("value", [0, 1, -1, 2**31 - 1, -(2**31)])
def test_a_value_arrives_as_it_was_sent(signal: int, value: int) -> None:
    with Receiver() as receiver:
        assert receiver.send(signal, value) is None
        assert receiver.got() == [(signal, SI_QUEUE, value)]


def test_values_arrive_in_their_order_and_what_has_none_between_them() -> None:
    values = [None if number % 10 == 3 else number for number in range(100)]
    with Receiver() as receiver:
        for value in values:
            assert receiver.send(REAL_TIME, value) is None
        got = receiver.got()
    assert [value if code == SI_QUEUE else None for _, code, value in got] == values


def test_where_the_queue_is_full_the_signal_arrives_all_the_same() -> None:
    """Once, as the kernel has it, and as from nobody."""
    with Receiver("0") as receiver:
        assert [receiver.send(REAL_TIME, value) for value in (7, 8)] == [None, None]
        assert receiver.got() == [(REAL_TIME, SI_USER, 0)]


def test_without_ctypes_the_signal_goes_without_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ctypes", None)
    with Receiver() as receiver:
        assert receiver.send(REAL_TIME, 7) is None
        (signal, code, pid), *rest = receiver.got()
        assert (signal, code, rest) == (REAL_TIME, SI_USER, [])
        assert pid == receiver.kernel.me


def test_what_can_not_be_sent_is_told_and_that_nobody_is_there_is_not() -> None:
    with Receiver() as receiver:
        told = receiver.send(NO_SIGNAL, 7)
        assert isinstance(told, NotSent)
        assert told.reason == "Invalid argument"
        assert receiver.kernel.perform(Kill(child=0, pid=NOBODY, signal=REAL_TIME, value=7)) is None
        assert receiver.got() == []
