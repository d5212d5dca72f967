"""Calls of the watch that the kernel refuses: nothing is lost; what is refused for ever is survived."""

from __future__ import annotations

import errno
import os
import re
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import runtime
from sigroute.pid1.names import STANDARD
from tests.pid1.histories import live_through
from tests.runtime.watch.machine import Info, Machine
from tests.runtime.watch.worlds import at_level, compiled, live

if TYPE_CHECKING:
    import random

    from tests.runtime.watch.runs import Watch

HISTORIES = int(os.environ.get("SIGROUTE_HISTORIES", "2000"))

HUP, USR1, USR2, TERM, WINCH = (STANDARD[name] for name in ("HUP", "USR1", "USR2", "TERM", "WINCH"))

#: By call: what may be refused once without any difference. EAGAIN of a wait means that its time is over.
PASSING = {
    "take": (errno.EINTR, errno.ENOMEM, errno.EIO, errno.EMFILE),
    "reap": (errno.EINTR, errno.ENOMEM, errno.EAGAIN, errno.EPERM, errno.ENOSYS),
    "has_stopped": (errno.EINTR, errno.ENOMEM, errno.EAGAIN),
    "group_of": (errno.EPERM, errno.ENOSYS, errno.ESRCH),
    "handled": (errno.EMFILE, errno.ENOMEM, errno.EPERM),
}


#: What can't be refused: it has no answer (clock_gettime(2), sched_yield(2)).
NEVER = {"now", "give_way"}


def test_no_call_is_forgotten_here() -> None:
    """The real calls are refused in tests/real/refused/, which knows them by strace(1)."""
    header = (Path(runtime.__file__).parent / "src" / "kernel.h").read_text()
    assert set(re.findall(r"\(\*(\w+)\)\(", header)) == {*PASSING, "pending", "send", *NEVER}


@pytest.mark.parametrize("call", PASSING)
def test_a_call_that_is_refused_once_makes_no_difference(watch: Watch, call: str) -> None:
    def lived(pick: random.Random) -> None:
        place, error = pick.choice(range(12)), pick.choice(PASSING[call])
        loop, below = live(watch, pick, faults={call: [0] * place + [error]})
        if call == "reap":  # who has stopped may be heard of later
            assert below.code == loop.code
        else:
            assert below == loop

    live_through(HISTORIES // 20, lived)


ERRORS = (errno.EPERM, errno.ENOSYS, errno.ENOMEM, errno.EINTR, errno.EAGAIN, errno.EMFILE)


@pytest.mark.parametrize("call", [*PASSING, "pending"])
def test_a_call_that_is_refused_for_ever_is_survived(watch: Watch, call: str) -> None:
    """It goes another way, reaps everybody (the machine looks after that) and ends."""

    def lived(pick: random.Random) -> None:
        faults = {call: [0] * pick.choice(range(12)) + [pick.choice(ERRORS)] * 5000}
        _, below = live(watch, pick, faults=faults)
        assert isinstance(below.code, int)
        assert "error of sigroute's own" not in below.log

    live_through(HISTORIES // 20, lived)


class Fallen:
    """A history for the fallback: signals one after the other, then the child exits."""

    def __init__(self, signals: tuple[int, ...], status: int) -> None:
        self.signals, self.status = list(signals), status

    def happen(self, machine: Machine) -> None:
        if self.signals:
            machine.post(Info(self.signals.pop(0), si_code=-1 if len(self.signals) % 2 else 0, si_pid=0))
        else:
            machine.die(machine.living()[0], self.status)


def fall(watch: Watch, faults: dict[str, list[int]], *, handled: int = -1) -> tuple[int, list[tuple[object, ...]]]:
    """Run it where Python can't be brought up."""
    made = at_level(compiled(0), "quiet")
    machine = Machine(Fallen((USR1, HUP, WINCH, USR2, TERM), 7).happen)
    spawn = machine.spawn
    watch.calls.faults = faults

    def born(what: object) -> object:
        process = spawn(what)
        assert process is not None
        process.start, process.handled = 1, handled
        return process

    machine.spawn = born  # type: ignore[method-assign, assignment] # its process handles what the test says
    watch.calls.forced = {}
    with Path(os.devnull).open("w", encoding="ascii") as null:
        code = watch.run(made.launch, made.table, machine, null.fileno(), fails=b"it is a test")
    return code, [each[2:4] for each in machine.done if each[1] == "kill"]


EVERY = [(100, number) for number in (USR1, HUP, WINCH, USR2, TERM)]


def test_without_python_first_signals_are_sent_and_the_childs_code_is_ours(watch: Watch) -> None:
    assert fall(watch, {}) == (7, EVERY)


def test_without_python_a_child_is_not_killed_by_what_it_does_not_handle(watch: Watch) -> None:
    code, sent = fall(watch, {}, handled=1 << TERM - 1 | 1 << HUP - 1)
    assert code == 7
    assert sent == [(100, HUP), (100, WINCH), (100, TERM)]  # WINCH kills nobody (signal(7))


@pytest.mark.parametrize("call", ["take", "reap", "has_stopped", "pending", "send", "group_of", "handled"])
def test_without_python_a_refused_call_is_survived(watch: Watch, call: str) -> None:
    for error, place in product(ERRORS, range(8)):
        code, sent = fall(watch, {call: [0] * place + [error]})
        assert code == 7
        if call == "send" and error in (errno.EPERM, errno.ENOSYS):
            assert len(sent) >= len(EVERY) - 1
        else:
            assert sent == EVERY


@pytest.mark.parametrize("call", ["take", "reap"])
def test_without_python_what_is_refused_for_some_time_goes_on_after_that(watch: Watch, call: str) -> None:
    assert fall(watch, {call: [0, 0, *[errno.ENOSYS] * 50]}) == (7, EVERY)
