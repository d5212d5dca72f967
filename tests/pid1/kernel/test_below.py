"""What runs below a process that is really there."""

from __future__ import annotations

import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from sigroute.pid1.kernel import below as module
from sigroute.pid1.kernel import proc
from sigroute.pid1.kernel import process_names as program
from sigroute.pid1.kernel.below import below
from tests.real.container import children
from tests.real.traffic import until

if TYPE_CHECKING:
    from collections.abc import Iterator

#: A shell that stays, below it one that stays, below that a program with two of its own, and beside it another.
TREE = "sleep 601 & sh -c 'tail -f /dev/null & wait; exit' & wait; exit"


@contextmanager
def running(code: str) -> Iterator[int]:
    with subprocess.Popen(["sh", "-c", code], stdin=subprocess.PIPE, start_new_session=True) as process:
        try:
            yield process.pid
        finally:
            for pid in descendants(process.pid):
                subprocess.run(["kill", "-9", str(pid)], check=False)
            process.kill()


def descendants(pid: int) -> list[int]:
    return [each for child in children(pid) for each in (*descendants(child), child)]


@pytest.mark.parametrize("tells", [True, False])
def test_the_nearest_is_found_whatever_the_kernel_tells_of(monkeypatch: pytest.MonkeyPatch, *, tells: bool) -> None:
    if not tells:  # CONFIG_PROC_CHILDREN is off
        read = proc.read
        monkeypatch.setattr(proc, "read", lambda path: None if path.endswith("/children") else read(path))
    with running(TREE) as pid:
        until(lambda: below(pid, ("tail",)) and below(pid, ("sleep",)), "all have started")
        (tail,) = below(pid, ("tail",))
        (sleep,) = below(pid, ("sleep",))
        assert tail.process.parent != pid
        assert sleep.process.parent == pid
        assert len(below(pid, ("tail", "sleep"))) == 2
        assert [each.process.parent for each in below(pid, ("sh",))] == [pid]
        assert below(pid, ("nginx",)) == ()
        assert below(tail.process.pid, ("tail",)) == ()
        age = tail.age
        time.sleep(0.05)
        assert age < below(pid, ("tail",))[0].age < 600_000


def test_no_more_are_looked_at_than_a_wrapper_has(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []
    names = program.names

    def look(pid: int) -> tuple[tuple[str, ...] | None, str]:
        looked.append(pid)
        return names(pid)

    monkeypatch.setattr(module, "MOST", 3)
    monkeypatch.setattr(program, "names", look)
    with running("for i in 1 2 3 4 5 6 7 8; do sleep 601 & done; wait") as pid:
        until(lambda: len(children(pid)) == 8, "all have started")
        assert below(pid, ("nginx",)) == ()
        assert len(looked) == 3


def test_one_that_has_ended_has_nothing_below() -> None:
    with subprocess.Popen(["true"]) as process:
        process.wait()
        assert below(process.pid, ("true",)) == ()
