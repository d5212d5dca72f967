"""The helpers in C are built, and what they stamp is what happened."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from bench.contestants import FLOOR
from bench.lab import Lab
from bench.measures import many
from bench.results import summarize
from tests.real.require import need


@pytest.fixture(name="lab")
def _lab(tmp_path: Path) -> Lab:
    need(os.geteuid() == 0, "root, for PID namespaces")
    need(shutil.which("cc"), "a C compiler")
    return Lab(tmp_path, quick=True, say=lambda _: None)


def test_the_launcher_makes_a_pid_1_with_its_own_proc(lab: Lab, tmp_path: Path) -> None:
    told = tmp_path / "told"
    script = f"echo $$ $(cat /proc/1/comm) > {told}.new && mv {told}.new {told}; exec sleep 60"
    with lab.pid1(["sh", "-c", script]) as pid1:
        pid1.until(told.exists, "it tells nothing")
        assert told.read_text().split() == ["1", "sh"]
        assert Path(f"/proc/{pid1.pid}").exists()
    assert not Path(f"/proc/{pid1.pid}").exists()


def test_the_child_runs_after_the_exec_and_gets_every_signal(lab: Lab) -> None:
    with lab.task(lab.child()) as task, lab.running(FLOOR, task) as pid1:
        pid1.ready()
        assert lab.page["launched"] < lab.page["begun"]
        assert all(pid1.signals(5, 0, -1))
        assert lab.page["samples"] == 5


def test_a_broadcast_reaches_all(lab: Lab) -> None:
    with lab.task(lab.child(), copies=7) as task, lab.running(FLOOR, task) as pid1:
        assert len(pid1.ready(7).signals(3, 0, -1, 7)) == 3


def test_a_child_that_was_killed_comes_back(lab: Lab) -> None:
    (started,), (again,), (memory,) = many.once(lab, many.by_rules, 3).values()
    assert min(started, again, memory) > 0


def test_children_that_need_each_other_start_and_stop(lab: Lab) -> None:
    (started,), (stopped,) = many.in_order(lab, many.by_rules, 5).values()
    assert started > 0
    assert stopped < 1000 * many.PATIENCE  # none had to be killed


def test_a_storm_ends_when_all_are_reaped(lab: Lab) -> None:
    with (
        lab.task([lab.helper("storm"), str(lab.page.path), "200"]) as task,
        lab.running(FLOOR, task) as pid1,
    ):
        pid1.until(lambda: lab.page["storm_over"], "the storm is not over")
        assert lab.page["reaped"] == 200


def test_the_watcher_sees_when_a_term_is_kept(lab: Lab) -> None:
    with lab.pid1(["sh", "-c", "trap : TERM; sleep 60 & wait"], watch=True) as pid1:
        pid1.until(lambda: lab.page["kept"], "TERM is never kept")
        assert lab.page["launched"] < lab.page["kept"]


def test_who_ends_too_soon_is_left_out_with_the_reason(lab: Lab) -> None:
    def ends() -> dict[str, list[float]]:
        with lab.pid1(["sh", "-c", "exit 5"]) as pid1:
            pid1.ready()
        return {}

    good, bad = lab.take_turns("start", ["case"], 2, {"good": lambda: {"case": [1.0]}, "bad": ends})
    assert good.summary == summarize([1.0, 1.0])
    assert bad.summary is None
    assert bad.note == "ended with 5: not all of 1 children run"
