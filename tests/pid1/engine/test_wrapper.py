"""A child that stays a wrapper: its program, below it, gets the signals; a helper below an entrypoint does not."""

from __future__ import annotations

import pytest

from sigroute.pid1.engine import effects as fx
from sigroute.pid1.engine.step import wake
from tests.pid1.scene import Scene
from tests.pid1.world import ALL_SIGNALS, Process

RULES = """
[child.server]
program = "nginx"
[child.server.on]
stop = "QUIT"
HUP = "USR2"
"""
LADDER = RULES.replace('"QUIT"', '"QUIT 5s INT 5s KILL"')
HOLD = RULES + '[child.server.starting]\nstop = { hold = "60s", else = "TERM" }\n'


def below(scene: Scene, names: str = "nginx", *, handled: int = ALL_SIGNALS, parent: Process | None = None) -> Process:
    """Let a process start a program below a child."""
    process = scene.fork(parent or scene.child(scene.names[0]), alone=False)
    assert process is not None
    process.names, process.handled = (names,), handled
    return process


def got(scene: Scene) -> list[tuple[int, str]]:
    return scene.pids


def test_the_topmost_process_that_is_the_program_gets_the_signals() -> None:
    scene = Scene(RULES)
    shell = below(scene, "sh")
    server = below(scene, parent=shell)
    below(scene, parent=server)  # a worker
    scene.signal("HUP")
    scene.signal("TERM")
    assert got(scene) == [(server.pid, "USR2"), (server.pid, "QUIT")]
    assert scene.said.count("ready-below") == 1


def test_all_of_them_where_there_are_several_side_by_side() -> None:
    scene = Scene(RULES)
    servers = [below(scene) for _ in range(2)]
    scene.signal("TERM")
    assert got(scene) == [(each.pid, "QUIT") for each in servers]


def test_the_default_goes_there_too_and_looks_at_its_handlers() -> None:
    scene = Scene(RULES)
    server = below(scene, handled=ALL_SIGNALS & ~1 << 9)
    scene.signal("HUP")
    scene.signal("USR1")
    assert got(scene) == [(server.pid, "USR2")]
    assert scene.said[-1] == "protected"


def test_steps_after_it_has_gone_go_to_the_child_itself() -> None:
    scene = Scene(LADDER)
    server = below(scene)
    scene.signal("TERM", at=1000)
    scene.end(server, at=3000)
    scene.until(60_000)
    child = next(each for each in scene.done if isinstance(each[1], fx.Kill))
    assert [what for _, what in got(scene)] == ["QUIT", "INT", "KILL"]
    assert got(scene)[1][0] == got(scene)[2][0] != server.pid
    assert child[0] == 6000


def test_each_step_looks_for_it_anew() -> None:
    scene = Scene(LADDER)
    server = below(scene)
    scene.signal("TERM", at=1000)
    scene.end(server, at=3000)
    second = below(scene)
    scene.until(7000)
    assert got(scene) == [(server.pid, "QUIT"), (second.pid, "INT")]


def test_a_stopped_one_is_woken_with_its_wrapper() -> None:
    scene = Scene(RULES)
    server = below(scene)
    server.state = "T"
    scene.freeze("server")
    scene.signal("TERM")
    assert got(scene) == [(server.pid, "QUIT"), (server.pid, "CONT"), (scene.child("server").pid, "CONT")]


def test_a_helper_has_no_handler_and_the_entrypoint_gets_the_stop() -> None:
    scene = Scene(RULES)
    below(scene, handled=0)  # nginx -t
    scene.signal("TERM")
    assert got(scene) == [(scene.child("server").pid, "TERM")]
    assert scene.said[-1] != "ready-below"
    assert "stop-starting" in scene.said


def test_who_has_run_for_long_is_no_helper() -> None:
    scene = Scene(RULES)
    server = below(scene, handled=0)
    scene.signal("HUP", at=9_999)
    assert scene.said[-1] == "starting" or "starting" in scene.said
    scene.signal("HUP", at=10_000)
    assert (server.pid, "USR2") in got(scene)


def test_rules_that_hold_wait_for_the_child_itself_however_long_initdb_and_its_server_run() -> None:
    scene = Scene(HOLD)
    helper = below(scene)
    scene.signal("HUP", at=1000)
    scene.signal("TERM", at=30_000)
    scene.until(40_000)
    assert helper.pid not in dict(got(scene))
    assert "ready-below" not in scene.said
    scene.end(helper)
    scene.become("server", "nginx")
    scene.until(41_000)
    assert got(scene)[-1] == (scene.child("server").pid, "QUIT")
    assert wake(scene.state) is None


def test_the_child_itself_may_still_become_it() -> None:
    scene = Scene(RULES)
    helper = below(scene)
    scene.signal("HUP")
    scene.end(helper)
    scene.become("server", "nginx")
    below(scene)
    scene.signal("HUP", at=1000)
    scene.signal("TERM", at=2000)
    child = scene.child("server").pid
    assert got(scene) == [(helper.pid, "USR2"), (child, "USR2"), (child, "QUIT")]


@pytest.mark.parametrize(("scope", "whom"), [("process", "child"), ("process-group", "group"), ("program", "server")])
def test_a_written_scope_holds(scope: str, whom: str) -> None:
    scene = Scene(RULES.replace('"QUIT"', f'{{ send = "QUIT", scope = "{scope}" }}'))
    server = below(scene)
    scene.signal("TERM")
    child = scene.child("server").pid
    assert got(scene) == [({"child": child, "group": -child, "server": server.pid}[whom], "QUIT")]


def test_of_a_child_that_has_become_its_program_nothing_below_counts() -> None:
    scene = Scene(RULES)
    scene.become("server", "nginx")
    below(scene)
    scene.signal("TERM")
    assert got(scene) == [(scene.child("server").pid, "QUIT")]
    assert all(not effect.programs or effect.names for _, effect in scene.done if isinstance(effect, fx.Inspect))


def test_a_wrapper_that_starts_its_program_again_gets_the_kill_of_a_stop_too() -> None:
    scene = Scene(RULES.replace('"QUIT"', '"QUIT 5s KILL"'))
    server = below(scene)
    child = scene.child("server").pid
    scene.signal("TERM", at=1000)
    scene.end(server, at=3000)
    second = below(scene)
    scene.until(6000)
    assert got(scene) == [(server.pid, "QUIT"), (child, "KILL"), (second.pid, "KILL")]


@pytest.mark.parametrize("steps", ["CONT QUIT", "2s CONT QUIT", "USR1 QUIT"])
def test_a_program_counts_that_handles_any_of_what_it_gets_at_once(steps: str) -> None:
    scene = Scene(RULES.replace('"QUIT"', f'"{steps}"'))
    server = below(scene, handled=1 << 2)  # QUIT
    scene.signal("TERM", at=1000)
    scene.until(9000)
    assert (server.pid, "QUIT") in got(scene)
    assert {pid for pid, _ in got(scene)} == {server.pid}


def test_what_comes_after_a_wait_does_not_count() -> None:
    scene = Scene(RULES.replace('"QUIT"', '"CONT 1s QUIT"'))
    server = below(scene, handled=1 << 2)  # QUIT
    scene.signal("TERM", at=1000)
    scene.until(9000)
    assert server.pid not in dict(got(scene))


@pytest.mark.parametrize(("starting", "sent"), [("", "TERM"), ('[child.server.starting]\nstop = "INT"\n', "INT")])
def test_a_wrapper_that_starts_its_program_again_is_stopped_itself(starting: str, sent: str) -> None:
    scene = Scene(RULES + starting)
    server, child = below(scene), scene.child("server").pid
    scene.signal("TERM", at=1000)
    scene.until(8_000)  # it takes its time
    assert got(scene) == [(server.pid, "QUIT")]
    scene.end(server, at=8_100)
    below(scene)
    scene.until(9_100)
    assert got(scene) == [(server.pid, "QUIT"), (child, sent)]
    assert scene.said.count("restarted") == 1
    scene.until(60_000)
    assert len(got(scene)) == 2
    assert wake(scene.state) is None


def test_a_wrapper_that_does_what_comes_after_its_program_is_left_alone() -> None:
    scene = Scene(RULES)
    server = below(scene)
    scene.signal("TERM", at=1000)
    scene.end(server, at=2000)
    scene.until(60_000)
    assert got(scene) == [(server.pid, "QUIT")]
    scene.exit("server")
    assert scene.ends() == 0
