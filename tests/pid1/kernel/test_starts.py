"""Starts that hang or fail late: how long PID 1 waits for them, and what it says of them."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING

from sigroute.pid1.engine.effects import Inspect, Run, Spawn
from sigroute.pid1.engine.events import Inspected, NotSpawned, RunNotStarted, RunStarted, Spawned
from sigroute.pid1.kernel.further_starts import FurtherStarts
from sigroute.pid1.kernel.options import DEFAULT_START
from sigroute.pid1.kernel.seam import Kernel
from sigroute.pid1.kernel.spawn import attempt
from sigroute.pid1.kernel.start import LOOK_MOST, PATIENCE, Start
from sigroute.pid1.kernel.starts import Starts
from sigroute.pid1.lifecycle import Ready
from sigroute.pid1.plan import ChildPlan, Plan
from tests.real.leases import Lease

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

MANY = 20


def test_it_is_waited_for_the_first_and_not_for_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    sleep = time.sleep

    def slow(seconds: float) -> None:
        slept.append(seconds)
        sleep(seconds)

    monkeypatch.setattr(time, "sleep", slow)
    child = ChildPlan(name="child", argv=(b"true",), running=0, starting=0)
    starts = Starts(Plan(children=(child,), tables=(), actions=(), stop_signals=frozenset()), DEFAULT_START, None)
    with Lease(tmp_path / "leased") as lease:
        begun = [starts.run(Run(run=each, child=0, argv=(os.fsencode(lease.path),))) for each in range(MANY)]
        for each in begun:
            assert isinstance(each, RunStarted)
            os.kill(each.pid, signal.SIGKILL)
            os.waitpid(each.pid, 0)
    assert sum(slept) <= PATIENCE + LOOK_MOST


def test_nobody_looks_for_the_file_of_a_child_that_has_not_come_to_its_exec(tmp_path: Path) -> None:
    mark = tmp_path / "ready"
    with Lease(tmp_path / "leased") as lease:
        argv = (os.fsencode(lease.path),)
        child = ChildPlan(name="child", argv=argv, running=0, starting=0, ready=Ready(file=os.fsencode(mark)))
        plan = Plan(children=(child,), tables=(), actions=(), stop_signals=frozenset())
        starts = FurtherStarts(plan, DEFAULT_START, None)
        begun = starts.spawn(Spawn(child=0))
        assert isinstance(begun, Spawned)
        assert isinstance(starts.run(Run(run=1, child=0, argv=(), file=os.fsencode(mark), probe=True)), RunNotStarted)
        os.kill(begun.pid, signal.SIGKILL)
        os.waitpid(begun.pid, 0)


def test_what_fails_between_two_looks_has_failed() -> None:
    argv = (b"/nowhere/at-all",)
    begun = attempt(argv, DEFAULT_START, patience=0)
    assert isinstance(begun, Start)
    os.waitid(os.P_PID, begun.pid, os.WEXITED | os.WNOWAIT)  # it has told the reason, which nobody has read
    child = ChildPlan(name="child", argv=argv, running=0, starting=0)
    event = Starts(
        Plan(children=(child,), tables=(), actions=(), stop_signals=frozenset()), DEFAULT_START, begun
    ).spawn(Spawn(child=0))
    assert isinstance(event, NotSpawned)
    assert event.status == 127


def test_until_the_exec_is_through_nothing_is_handled() -> None:
    """The handlers of a process that was forked from us are ours, and its program may have none."""
    reader, writer = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    kernel = Kernel(Plan(children=(), tables=(), actions=(), stop_signals=frozenset()))
    kernel.starts.late[os.getpid()] = Start(os.getpid(), reader, None), Spawn(child=0)
    look = Inspect(child=0, pid=os.getpid(), names=False)
    before = signal.signal(signal.SIGUSR1, lambda *_: None)
    try:
        assert kernel.perform(look) == Inspected(child=0, names=(), handled=0)
        os.close(writer)
        seen = kernel.perform(look)
        assert isinstance(seen, Inspected)
        assert (seen.handled or 0) >> signal.SIGUSR1 - 1 & 1
    finally:
        signal.signal(signal.SIGUSR1, before)
