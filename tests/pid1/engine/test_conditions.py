"""Children that are left out: who decides it and when, who waits for them, what the container's end is."""

from __future__ import annotations

import pytest

from sigroute.pid1.engine import effects as fx
from sigroute.pid1.engine import events as ev
from tests.pid1.scene import Scene

TWO = """
[child.db]
command = ["db"]
ready   = "5s"
only-if = ["LOCAL", "DB=pg*|my*"]
[child.web]
command = ["web"]
needs   = "db"
"""

ONE = '[child.web]\ncommand = ["web"]\nonly-if = "WEB"\nrestart = "on-failure"\n'

END = '[child.web]\ncommand = ["web"]\n[task.backup]\ncommand = ["backup"]\nat = "end"\nonly-if = "BACKUP"\n'


def starts(scene: Scene) -> list[tuple[int, str]]:
    """Return when which child was started."""
    return [(now, scene.names[effect.child]) for now, effect in scene.done if isinstance(effect, fx.Spawn)]


def asked(scene: Scene) -> int:
    """Return how often it was asked whether a child is to be started."""
    return sum(isinstance(effect, fx.Decide) for _, effect in scene.done)


def answers(scene: Scene, status: int, *, at: int | None = None) -> None:
    """Let the process that looks end with this code, and what follows from it."""
    scene.run_ends(status, at=at)
    scene.until(scene.now)


def test_one_whose_conditions_hold_is_started() -> None:
    scene = Scene(TWO)
    assert starts(scene) == []
    answers(scene, 0, at=30)
    scene.until(9000)
    assert starts(scene) == [(30, "db"), (5030, "web")]


def test_one_that_is_left_out_holds_nobody_up_and_the_log_names_the_condition() -> None:
    scene = Scene(TWO)
    answers(scene, 2, at=30)
    assert starts(scene) == [(30, "web")]
    told = [effect for _, effect in scene.done if isinstance(effect, fx.Say) and effect.what == "left-out"]
    assert [(each.child, each.text) for each in told] == [(0, "DB=pg*|my*")]
    scene.exit("web", 3)
    assert scene.code == 3


def test_a_restart_does_not_ask_again() -> None:
    scene = Scene(ONE)
    answers(scene, 0)
    scene.exit("web", 1)
    scene.until(1)
    assert len(starts(scene)) == 2
    assert asked(scene) == 1


def test_what_it_needs_is_looked_at_again_once_that_is_decided() -> None:
    """It may take long, and what it needs may have gone meanwhile."""
    scene = Scene('[child.db]\ncommand = ["db"]\nrestart = "always"\n' + ONE + 'needs = "db"\n')
    scene.exit("db", 0)
    scene.fails = lambda effect: (
        ev.NotSpawned(child=0, status=0, reason="no memory") if isinstance(effect, fx.Spawn) else None
    )
    answers(scene, 0)
    assert starts(scene) == [(0, "db"), (0, "db")]
    scene.fails = lambda _: None
    scene.until(200)
    assert [name for _, name in starts(scene)] == ["db", "db", "db", "web"]


def test_a_process_that_hangs_is_told_of_once_and_a_stop_waits_no_longer_for_it_than_for_the_drain() -> None:
    scene = Scene(TWO)
    scene.until(60_000)
    assert scene.said.count("undecided") == 1
    scene.signal("TERM")
    scene.reap()
    assert starts(scene) == []
    assert scene.said.count("never-started") == 2
    assert scene.code == 143


def test_one_that_can_not_be_asked_is_a_start_that_has_failed() -> None:
    scene = Scene(ONE, begun=False)
    scene.fails = lambda effect: (
        ev.NotSpawned(child=0, status=126, reason="no such user") if isinstance(effect, fx.Decide) else None
    )
    scene.begin()
    assert asked(scene) == 2  # restart: at once, then after a second
    scene.fails = lambda _: None
    scene.until(1000)
    answers(scene, 0)
    assert starts(scene) == [(1000, "web")]


def test_without_restart_that_start_ends_the_container() -> None:
    scene = Scene(ONE.replace('restart = "on-failure"\n', ""))
    looking = next(each for each in scene.living() if each.run is not None)
    scene.fail(looking, 126)
    scene.reap()
    assert scene.code == 126


def test_something_kills_the_process_that_looks() -> None:
    scene = Scene(ONE)
    answers(scene, 137)
    assert asked(scene) == 1
    scene.until(1000)
    assert asked(scene) == 2


@pytest.mark.parametrize("when", ['"any"', '"all"', '["db"]', '"db"'])
def test_nobody_is_left_who_could_end_it(when: str) -> None:
    scene = Scene(f"{TWO}only-if = '!WORKER'\n[exit]\nwhen = {when}\nmap = {{ any = 0 }}\n")
    answers(scene, 1)
    if scene.code is None:
        assert "db" not in when
        answers(scene, 1)
    assert scene.code == 78
    assert "nobody-left" in scene.said


def test_all_have_exited_when_the_last_one_is_left_out() -> None:
    scene = Scene(TWO.replace("needs ", "# ") + '[exit]\nwhen = "all"\n')
    scene.exit("web", 4)
    assert scene.code is None
    answers(scene, 1)
    assert scene.code == 4


@pytest.mark.parametrize("code", ["", '[exit]\ncode = "db"\n'])
def test_the_code_of_one_that_is_left_out_is_nobodys(code: str) -> None:
    scene = Scene(TWO + code)
    answers(scene, 1)
    scene.signal("TERM")
    scene.exit("web", 9)
    assert scene.code == 9


def test_a_task_that_is_left_out_counts_as_done() -> None:
    scene = Scene(
        '[task.migrate]\ncommand = ["migrate"]\nonly-if = "MIGRATE"\n[child.web]\ncommand = ["web"]\nneeds = "migrate"'
    )
    answers(scene, 1)
    assert starts(scene) == [(0, "web")]


def test_only_tasks_that_are_left_out_end_well() -> None:
    scene = Scene('[task.migrate]\ncommand = ["migrate"]\nonly-if = "MIGRATE"', command=())
    answers(scene, 1)
    assert scene.code == 0


@pytest.mark.parametrize(("status", "ran"), [(0, True), (1, False), (137, False)])
def test_a_task_of_the_end_is_asked_for_at_the_end(status: int, ran: bool) -> None:  # noqa: FBT001 - a case
    scene = Scene(END)
    assert asked(scene) == 0
    scene.exit("web", 5)
    assert asked(scene) == 1
    answers(scene, status)
    assert ("backup" in [name for _, name in starts(scene)]) is ran
    if ran:
        scene.exit("backup", 0)
    assert scene.code == 5


def test_grace_ends_a_task_of_the_end_that_hangs_before_its_start() -> None:
    scene = Scene(f'grace = "10s"\n{END}')
    scene.exit("web", 5)
    assert scene.ends() == 5
