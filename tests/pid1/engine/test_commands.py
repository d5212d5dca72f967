"""The commands of actions: what comes after them, and those that take too long."""

from __future__ import annotations

import pytest

from tests.pid1.scene import Scene

TWO = '[child.front]\ncommand = ["f"]\n[child.back]\ncommand = ["b"]\n'


RELOAD = '[on]\nHUP = { run = ["check"], timeout = "2s", send = "USR1" }'


@pytest.mark.parametrize(("status", "sent"), [(0, [(300, "server", "USR1")]), (1, [])])
def test_send_is_done_when_the_command_exits_with_0(status: int, sent: list[tuple[int, str, str]]) -> None:
    scene = Scene(RELOAD)
    scene.signal("HUP")
    assert scene.ran == [(0, (b"check",))]
    scene.run_ends(status, at=300)
    assert scene.sent == sent


def test_else_is_done_when_the_command_fails() -> None:
    scene = Scene('[on]\nstop = { run = ["check"], send = "USR1 5s KILL", else = "TERM 1s KILL" }')
    scene.signal("TERM")
    scene.run_ends(1, at=300)
    scene.until(60_000)
    assert scene.sent == [(300, "server", "TERM"), (1300, "server", "KILL")]


@pytest.mark.parametrize(("timeout", "moment"), [("2s", 2000), ("10s", 10_000)])
def test_a_command_that_takes_too_long_has_failed_and_is_killed_with_its_tree(timeout: str, moment: int) -> None:
    scene = Scene(f'[on]\nstop = {{ run = ["check"], timeout = "{timeout}", send = "USR1", else = "TERM" }}')
    scene.signal("TERM")
    command = next(each for each in scene.living() if each.run is not None)
    helper = scene.fork(command, alone=True)
    assert helper is not None
    scene.until(60_000)
    assert (moment, "server", "TERM") in scene.sent
    assert {(-command.pid, "KILL"), (helper.pid, "KILL")} <= set(scene.pids)


def test_a_reload_that_repeats_while_its_command_runs_is_done_once_more() -> None:
    scene = Scene(RELOAD)
    scene.signal("HUP")
    for moment in (300, 600):
        scene.signal("HUP", at=moment)
    scene.run_ends(0, at=700)
    scene.run_ends(0, at=900)
    scene.until(60_000)
    assert [now for now, _ in scene.ran] == [0, 700]
    assert scene.sent == [(700, "server", "USR1"), (900, "server", "USR1")]
