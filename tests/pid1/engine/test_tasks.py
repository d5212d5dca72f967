"""Tasks: done once, again and again, or at the end; what follows from their failure."""

from __future__ import annotations

from itertools import pairwise

import pytest

from sigroute.pid1.engine import effects as fx
from sigroute.pid1.engine import events as ev
from tests.pid1.scene import Scene

WEB = '[child.web]\ncommand = ["web"]\n'
TASK = '[task.t]\ncommand = ["t"]\n'


def starts(scene: Scene, name: str) -> list[int]:
    """Return when it was started."""
    index = scene.names.index(name)
    return [now for now, effect in scene.done if isinstance(effect, fx.Spawn) and effect.child == index]


def test_a_task_that_ends_well_ends_nothing() -> None:
    scene = Scene(WEB + TASK)
    scene.exit("t", 0, at=1000)
    assert (scene.state.stop, scene.said) == (None, ["task-done"])


def test_a_signal_that_no_task_gets_is_not_told_of_one_that_waits() -> None:
    scene = Scene(f'{WEB}{TASK}every = "1h"\n')
    scene.exit("t", 0)
    scene.signal("HUP", at=1000)
    assert scene.said == ["task-done"]


def test_a_task_that_fails_ends_the_container_with_its_code_whatever_exit_says() -> None:
    scene = Scene(WEB + TASK + '[exit]\ncode = "web"\nmap = { any = 0 }\n')
    scene.exit("t", 3, at=1000)
    assert scene.sent == [(1000, "web", "TERM")]
    scene.exit("web", 0, at=2000)
    assert scene.code == 3


def test_the_first_that_fails_counts() -> None:
    scene = Scene(WEB + TASK + '[task.u]\ncommand = ["u"]\n')
    scene.exit("t", 3)
    scene.exit("u", 4)
    scene.exit("web", 0)
    assert scene.code == 3


def test_an_optional_failure_is_told_and_counts_as_done() -> None:
    scene = Scene(WEB + 'needs = "t"\n' + TASK + "optional = true\n")
    scene.exit("t", 3)
    scene.tick()
    assert scene.said == ["needs", "task-failed"]
    assert starts(scene, "web") == [0]


def test_restart_tries_again_and_timeout_covers_all_attempts() -> None:
    scene = Scene(WEB + TASK + 'restart = { wait = "1s" }\ntimeout = "3500ms"\n')
    scene.exit("t", 1, at=500)
    scene.exit("t", 1, at=2000)
    scene.until(3499)
    assert starts(scene, "t") == [0, 1500, 3000]
    assert scene.sent == []
    scene.until(3500)
    assert scene.sent == [(3500, "t", "KILL")]
    scene.reap()
    scene.exit("web", 0)
    assert scene.code == 137


def test_a_task_that_is_out_of_time_while_it_backs_off_has_failed_with_its_last_code() -> None:
    scene = Scene(WEB + TASK + 'restart = { wait = "10s" }\ntimeout = "2s"\n')
    scene.exit("t", 4, at=100)
    scene.until(2000)
    assert scene.sent == [(2000, "web", "TERM")]
    scene.exit("web", 0)
    assert (scene.code, starts(scene, "t")) == (4, [0])


def test_a_timeout_kills_the_whole_tree() -> None:
    scene = Scene(WEB + TASK + 'timeout = "2s"\noptional = true\n')
    worker = scene.fork(scene.child("t"), alone=True)
    assert worker is not None
    scene.until(2000)
    assert [who for _, who, what in scene.sent if what == "KILL"] == ["t", "t"]


def test_every_counts_from_its_end_and_a_failure_is_no_end() -> None:
    scene = Scene(WEB + 'needs = "t"\n' + TASK + 'every = "1h"\n')
    scene.exit("t", 1, at=10_000)
    assert starts(scene, "web") == []
    scene.until(10_000 + 3_600_000)
    scene.exit("t", 0, at=3_620_000)
    scene.tick()
    assert starts(scene, "web") == [3_620_000]  # its first success
    scene.until(3_620_000 + 3_600_000)
    assert starts(scene, "t") == [0, 3_610_000, 7_220_000]
    scene.signal("TERM")
    assert [(who, what) for _, who, what in scene.sent] == [("web", "TERM")]  # the task is needed: it waits
    scene.exit("web", 0)
    assert scene.sent[-1][1:] == ("t", "TERM")


def test_every_time_has_attempts_and_waits_of_its_own() -> None:
    retries = 'restart = { attempts = 2, wait = "1s 5s" }\n'
    scene = Scene(WEB + TASK + 'every = "10s"\n' + retries)
    waits = [(0, 10_000), (1, 1_000), (1, 10_000), (0, 10_000), (1, 1_000)]
    for status, wait in waits:
        scene.exit("t", status)
        scene.until(scene.now + wait)
    assert [after - before for before, after in pairwise(starts(scene, "t"))] == [wait for _, wait in waits]
    assert scene.said.count("given-up") == 1


def test_a_task_that_is_out_of_time_before_its_late_start_fails_is_not_tried_again() -> None:
    scene = Scene(WEB + TASK + 'timeout = "1s"\noptional = true\n')
    task = scene.child("t")
    scene.mortal = False
    scene.until(1_000)
    task.state = "X"
    del scene.processes[task.pid]
    scene.feed(ev.NotSpawned(child=1, status=0, reason="EAGAIN", pid=task.pid))
    scene.until(60_000)
    assert len(starts(scene, "t")) == 1
    assert scene.said.count("task-failed") == 1


@pytest.mark.parametrize("again", [None, "INT"])
def test_a_task_that_is_held_ends_first(again: str | None) -> None:
    extra = f', again = "{again}"' if again else ""
    scene = Scene(WEB + TASK + f'[task.t.on]\nstop = {{ hold = "60s", else = "TERM 5s KILL"{extra} }}\n')
    scene.signal("TERM", at=0)
    scene.exit("web", at=100)
    scene.signal("TERM", at=1000)
    expected = [(1000, "t", "INT")] if again else [(60_000, "t", "TERM"), (65_000, "t", "KILL")]
    scene.until(70_000)
    assert scene.sent[1:] == expected


def test_to_end_in_a_stop_is_no_failure() -> None:
    scene = Scene(WEB + TASK)
    scene.signal("TERM")
    scene.exit("t", 143)
    scene.exit("web", 0)
    assert scene.code == 0
    assert "task-fatal" not in scene.said


def test_other_signals_do_not_reach_a_task() -> None:
    scene = Scene(WEB + TASK + '[on]\nHUP = "USR1"\n')
    scene.signal("HUP")
    assert scene.sent == [(0, "web", "USR1")]


@pytest.mark.parametrize(("running", "sender"), [(True, "outside"), (False, "outside"), (True, "tty")])
def test_a_signal_that_every_child_drops_is_no_stop_for_a_task_either(running: bool, sender: str) -> None:  # noqa: FBT001 - a case
    key = "INT" if sender == "outside" else f"INT@{sender}"
    needs = "" if running else 'needs = "web"\n[child.web.ready]\nfile = "/never"\n'
    scene = Scene(f'[on]\n"{key}" = "drop"\n' + WEB + TASK + needs)
    scene.signal("INT", sender)
    assert (scene.state.stop, scene.sent) == (None, [])
    scene.signal("TERM", sender)
    assert scene.state.stop is not None
    assert ("t" in [who for _, who, _ in scene.sent]) == running


def test_a_signal_that_one_child_does_not_drop_stops_a_task() -> None:
    scene = Scene(WEB + '[child.db]\ncommand = ["db"]\n[child.db.on]\nINT = "drop"\n' + TASK)
    scene.signal("INT")
    assert scene.sent == [(0, "web", "TERM"), (0, "t", "TERM")]


def test_a_task_gets_term_in_a_stop_that_nobody_asked_for_though_children_drop_it() -> None:
    scene = Scene('grace = "5s"\n[on]\nTERM = "drop"\n' + WEB + TASK)
    scene.exit("web", 0)
    assert scene.sent == [(0, "t", "TERM")]


def test_tasks_of_the_end_come_one_by_one_before_the_drain_and_leave_the_code() -> None:
    scene = Scene(
        WEB + '[task.one]\ncommand = ["one"]\nat = "end"\n[task.two]\ncommand = ["two"]\nat = "end"\ntimeout = "5s"\n'
    )
    assert starts(scene, "one") == []
    scene.signal("TERM", at=1000)
    scene.exit("web", 143, at=2000)
    assert (starts(scene, "one"), starts(scene, "two")) == ([2000], [])
    scene.signal("TERM", at=2500)
    scene.exit("one", 9, at=3000)
    assert starts(scene, "two") == [3000]
    scene.until(8000)
    scene.reap()
    assert scene.sent == [(1000, "web", "TERM"), (8000, "two", "KILL")]
    assert scene.code == 143


def test_tasks_of_the_end_run_after_a_failed_start_and_not_after_grace() -> None:
    end = '[task.end]\ncommand = ["end"]\nat = "end"\n'
    scene = Scene(WEB + end, fails=("web",))
    assert starts(scene, "end") == [0]
    scene.exit("end", 0)
    assert scene.code == 127
    scene = Scene('grace = "2s"\n' + WEB + end)
    scene.signal("TERM")
    scene.mortal = False
    scene.until(60_000)
    assert (starts(scene, "end"), scene.code) == ([], 137)


def test_grace_that_is_over_before_a_task_of_the_end_begins_ends_the_stop_at_once() -> None:
    """The next task never starts, and the drain follows."""
    ends = "".join(f'[task.{name}]\ncommand = ["{name}"]\nat = "end"\n' for name in ("one", "two"))
    scene = Scene('grace = "2s"\n' + WEB + ends)
    scene.signal("TERM")
    scene.exit("web", 0, at=1_000)
    assert (starts(scene, "one"), starts(scene, "two")) == ([1_000], [])
    scene.until(2_000)
    scene.reap()
    told = [each for _, each in scene.done if isinstance(each, fx.Say) and each.what == "never-started"]
    assert [each.text for each in told] == ["grace is over"]
    assert (scene.code, scene.now) == (0, 2_000)


def test_a_task_whose_time_is_over_while_its_last_attempt_is_cleared_away_is_not_tried_again() -> None:
    scene = Scene('[task.t]\ncommand = ["t"]\ntimeout = "10s"\nrestart = { wait = "0s" }\n' + WEB)
    worker = scene.fork(scene.child("t"), alone=False)
    assert worker is not None
    scene.mortal = False
    scene.exit("t", 7, at=9_500)
    scene.until(10_500)
    assert "task-late" in scene.said
    scene.end(worker)
    scene.until(60_000)
    assert starts(scene, "t") == [0]
    scene.exit("web", 0)
    assert scene.code == 7


def test_tasks_alone_end_with_0_after_the_last_that_is_not_repeated() -> None:
    rules = TASK + '[task.u]\ncommand = ["u"]\n[task.v]\ncommand = ["v"]\nevery = "1m"\n'
    scene = Scene(rules, command=())
    scene.exit("t", 0)
    assert scene.state.stop is None
    scene.exit("v", 0)
    scene.exit("u", 0)
    assert scene.code == 0


def test_without_a_child_the_command_line_needs_all_tasks() -> None:
    scene = Scene(TASK)
    assert scene.names == ["t", "server"]
    assert starts(scene, "server") == []
    scene.exit("t", 0)
    scene.tick()
    assert starts(scene, "server") == [0]
