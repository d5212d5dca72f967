"""The control socket in PID 1: when its servers start, what it makes of what they write, and whom it does not count."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sigroute.pid1.engine.events import Childless, Process
from sigroute.pid1.engine.requests import Requested
from sigroute.pid1.kernel import below, spawn
from sigroute.pid1.kernel.abi import PIPE_BUF
from sigroute.pid1.kernel.control import AGAIN, BITS, MOST, PACE, TOGETHER, requested
from tests.pid1.kernel.control_lab import Lab, fds


def test_a_few_servers_start_together_and_the_others_in_their_time(lab: Lab) -> None:
    for _ in range(TOGETHER // PACE + 1):
        assert lab.knock() is None
    assert lab.started == [lab.now] * (TOGETHER // PACE + 1)
    assert lab.told == len(lab.started)
    before = len(lab.started)
    assert lab.knock() == lab.now + PACE  # PID 1 wakes up for it
    assert lab.control.keep(lab.now + 10) == lab.now + 10  # or for something else before
    assert len(lab.started) == before
    lab.now += PACE
    assert lab.control.keep(None) is None
    assert len(lab.started) == before + 1


def test_after_a_rest_a_few_may_start_together_again(lab: Lab) -> None:
    for _ in range(20):
        lab.knock()
    first = len(lab.started)
    lab.now += 60_000
    for _ in range(20):
        lab.knock()
    assert len(lab.started) == 2 * first


def test_in_the_long_run_they_are_as_many_as_the_pace_says(lab: Lab) -> None:
    """Whatever comes: each of them has ended at once."""
    began = lab.now
    for _ in range(10_000):
        lab.now += 1
        lab.knock()
        for pid in list(lab.control.servers):
            lab.control.ended(pid)
    assert len(lab.started) <= (lab.now - began + TOGETHER) // PACE + 1
    assert len(lab.started) >= (lab.now - began) // PACE


def test_nobody_wants_one_nobody_starts_one(lab: Lab) -> None:
    assert lab.control.keep(None) is None
    assert lab.control.keep(77) == 77
    assert not lab.started


def test_no_more_than_so_many_at_once_and_the_end_of_one_makes_room(lab: Lab) -> None:
    for _ in range(3 * MOST):
        lab.now += PACE
        lab.knock()
    assert len(lab.started) == len(lab.control.servers) == MOST
    assert lab.control.keep(None) is None  # an exit wakes PID 1
    lab.now += 60_000
    assert lab.control.ended(101)
    assert lab.control.keep(None) is None
    assert len(lab.started) == MOST + 1


def test_the_end_of_a_server_closes_what_it_was_answered_by(lab: Lab) -> None:
    before = len(fds())
    for number in range(10):
        lab.now += 60_000
        lab.knock()
        assert lab.control.ended(101 + number)
    assert not lab.control.ended(101)
    assert not lab.control.ended(4711)
    assert len(fds()) == before


def test_where_no_process_or_pipe_can_be_had_all_goes_on(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    before = len(fds())
    lab.refused = BlockingIOError(11, "no process is left")
    again = lab.knock()
    assert again == lab.now + AGAIN
    assert lab.control.keep(None) == again

    def none_left() -> tuple[int, int]:
        raise OSError(24, "too many open files")

    with monkeypatch.context() as patch:
        patch.setattr(spawn, "pipe", none_left)
        lab.now += AGAIN
        assert lab.control.keep(None) == lab.now + AGAIN
    assert (lab.started, lab.control.servers, lab.told) == ([], {}, 0)
    assert len(fds()) == before
    lab.refused = None
    lab.now += AGAIN
    assert lab.control.keep(None) is None
    assert len(lab.started) == 1


#: A request as a server writes it, and its event.
WORDS = b"3\t2\tsend\t15\t99\t1000\t0,1"
EVENT = Requested(number=(3 << BITS) + 2, what="send", signal=15, pid=99, uid=1000, children=(0, 1))


def test_a_request(lab: Lab) -> None:
    assert requested(WORDS) == EVENT
    assert lab.hear(WORDS + b"\0") == [EVENT]
    assert lab.heard() == []


def test_several_at_once_are_taken_one_by_one(lab: Lab) -> None:
    """So that a signal may come in between."""
    os.write(lab.writer, (WORDS + b"\0") * 3)
    lab.notices.due.append(lab.reader)
    for _ in range(3):
        assert lab.notices.next() == EVENT
        assert not lab.notices.found
    assert lab.notices.next() is None


@pytest.mark.parametrize("size", [1, 2, 7, 23])
def test_what_comes_in_pieces(lab: Lab, size: int) -> None:
    whole = (WORDS + b"\0") * 3
    found = []
    for begin in range(0, len(whole), size):
        found += lab.hear(whole[begin : begin + size])
    assert found == [EVENT] * 3


@pytest.mark.parametrize(
    "words",
    [
        b"x",
        b"\t\t\t\t\t\t",
        b"3\t2\tnothing\t15\t99\t0\t0",
        b"3\t2\tsend\tTERM\t99\t0\t0",
        b"3\t2\tsend\t15\t99\t0\t",
        b"3\t2\tsend\t15\t99\t0\t-1",
        b"3\t2\tsend\t15\t99\t0\t2",
        b"3\t2\tsend\t15\t99\t0\t0,,1",
        b"3\t2\tsend\t15\t99\t0",
        b"\xff\t2\tsend\t15\t99\t0\t0",
        b"3\t2\tsend\t15\t99\t0\t0\t0",
        b"9" * (PIPE_BUF - 1),
    ],
)
def test_nonsense_is_no_request_and_what_follows_is_one(lab: Lab, words: bytes) -> None:
    assert lab.hear(words + b"\0" + WORDS + b"\0") == [EVENT]


def test_a_full_server_has_another_one_started(lab: Lab) -> None:
    assert lab.hear(b"\0" + WORDS + b"\0") == [EVENT]
    lab.control.keep(None)
    assert len(lab.started) == 1


def test_servers_are_no_processes_of_the_engine_s(lab: Lab) -> None:
    rows = tuple([Process(pid=pid, parent=1, group=pid, session=1, state="S", start=0) for pid in (5, 101, 6)])
    assert lab.control.without(rows) is rows
    lab.knock()
    assert lab.control.without(rows) == (rows[0], rows[2])
    assert lab.control.without(None) is None
    assert lab.control.without(()) == ()


def test_servers_alone_are_nobody_s_children(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    alive, looks = [101, 5], [0]

    def children_by() -> Any:
        looks[0] += 1
        return lambda pid: list(alive) if pid == os.getpid() else []

    monkeypatch.setattr(below, "children_by", children_by)
    assert lab.control.alone() is None  # the kernel says so then: there is nobody
    lab.knock()
    assert lab.control.alone() is None
    assert lab.control.alone() is None
    assert looks == [1]  # once after each exit
    alive.remove(5)
    lab.control.ended(5)
    assert lab.control.alone() == Childless()
    alive.append(6)
    assert lab.control.alone() is None
    lab.control.ended(4711)
    assert lab.control.alone([6]) == Childless()
    lab.control.ended(101)
    alive.remove(101)
    assert lab.control.alone([6]) == Childless()  # a helper by itself
    alive.append(7)
    lab.control.ended(4711)
    assert lab.control.alone([6]) is None


def test_where_the_children_cannot_be_read_nothing_is_said(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused() -> Any:
        raise OSError

    monkeypatch.setattr(below, "children_by", refused)
    lab.knock()
    assert lab.control.alone() is None


ROOT = Path(__file__).parent.parent.parent.parent

LOADED = """
import sys
sys.path.insert(0, sys.argv[1])
from sigroute.pid1.entry import supervise
from sigroute.pid1.kernel.options import DEFAULT_INIT
from sigroute.pid1.kernel.seam import Kernel
from sigroute.pid1.plan import ChildPlan, Plan
plan, init = Plan(children=(), tables=(), actions=(), stop_signals=frozenset()), DEFAULT_INIT
Kernel(plan, init=init.but(control=eval(sys.argv[2])))
names = ("control", "control_socket", "control_server", "connection", "asking", "sockets", "notices")
of_it = {"sigroute.pid1.engine.requests", *[f"sigroute.pid1.kernel.{name}" for name in names]}
print(*sorted(name for name in sys.modules if name in of_it or name.startswith("sigroute.pid1.control")))
"""


@pytest.mark.parametrize(
    ("descriptors", "loaded"),
    [
        ("()", ""),
        ("(7, 8, 9)", "sigroute.pid1.engine.requests sigroute.pid1.kernel.control sigroute.pid1.kernel.notices"),
    ],
)
def test_where_there_is_no_control_socket_nothing_of_it_is_loaded(descriptors: str, loaded: str) -> None:
    """And where there is one, PID 1 itself loads little: its servers load the rest."""
    command = [sys.executable, "-I", "-S", "-c", LOADED, str(ROOT), descriptors]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    assert (done.stdout.strip(), done.stderr) == (loaded, "")
