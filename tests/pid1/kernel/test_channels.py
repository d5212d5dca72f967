"""What PID 1 does where it can't open a way for a child to say how it is, and what it keeps open."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from sigroute.pid1.engine.effects import Spawn
from sigroute.pid1.engine.events import Exited, NotSpawned, Spawned
from sigroute.pid1.kernel import datagrams, spawn
from sigroute.pid1.kernel.abi import EMFILE, EPERM
from sigroute.pid1.kernel.further_starts import FurtherStarts
from sigroute.pid1.kernel.notices import Notices
from sigroute.pid1.kernel.options import DEFAULT_START
from sigroute.pid1.lifecycle import Ready
from sigroute.pid1.plan import ChildPlan, Plan

WAYS = (Ready(fd=5), Ready(notify=True))


def starts_of(ready: Ready, argv: tuple[bytes, ...] = (b"sleep", b"60")) -> FurtherStarts:
    """Return the starts of one child."""
    child = ChildPlan(name="child", argv=argv, running=0, starting=0, ready=ready)
    return FurtherStarts(Plan(children=(child,), tables=(), actions=(), stop_signals=frozenset()), DEFAULT_START, None)


def number_open() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.mark.parametrize(("number", "status"), [(EPERM, 126), (EMFILE, 0)])
@pytest.mark.parametrize("ready", WAYS)
def test_where_the_kernel_refuses_it_the_child_is_not_started(
    monkeypatch: pytest.MonkeyPatch, ready: Ready, number: int, status: int
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    starts = starts_of(ready)
    monkeypatch.setattr(datagrams, "opened", refuse)
    monkeypatch.setattr(spawn, "pipe", refuse)
    event = starts.spawn(Spawn(child=0))
    assert isinstance(event, NotSpawned)
    assert event.status == status
    assert event.reason.endswith(os.strerror(number))


@pytest.mark.parametrize("ready", WAYS)
def test_nothing_is_left_open_of_a_life_that_has_ended_or_never_was(
    monkeypatch: pytest.MonkeyPatch, ready: Ready
) -> None:
    monkeypatch.setattr(Notices, "readable", lambda *_: None)  # its signal would end whoever is not PID 1
    before = number_open()
    failing = starts_of(ready, (b"/nonexistent",))
    for _ in range(3):
        assert isinstance(failing.spawn(Spawn(child=0)), NotSpawned)
    assert number_open() == before
    starts = starts_of(ready)
    for _ in range(3):
        begun = starts.spawn(Spawn(child=0))
        assert isinstance(begun, Spawned)
        assert number_open() == before + 1
        os.kill(begun.pid, signal.SIGKILL)
        os.waitpid(begun.pid, 0)
        starts.fate(Exited(pid=begun.pid, status=137))
        assert number_open() == before
