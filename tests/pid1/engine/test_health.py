"""Health: when a child is looked at, and what becomes of one that is not well."""

from __future__ import annotations

import pytest

from sigroute.pid1.engine import effects as fx
from tests.pid1.scene import Scene

ALIVE = 'alive = { run = ["look"], every = "30s", timeout = "5s", failures = 2 }\n'


def scene_of(more: str = "", alive: str = ALIVE) -> Scene:
    """Return a scene of a child whose health is looked at, and another that keeps the container alive."""
    return Scene(f'[child.a]\ncommand = ["a"]\n{alive}{more}\n[child.b]\ncommand = ["b"]\n[exit]\nwhen = "b"\n')


def looks(scene: Scene) -> list[int]:
    """Return when the child was looked at."""
    return [now for now, effect in scene.done if isinstance(effect, fx.Run)]


def answer(scene: Scene, status: int) -> None:
    """Let the next look end with this code at once."""
    count = len(looks(scene))
    while len(looks(scene)) == count:
        assert scene.tick()
    scene.die(next(each for each in scene.living() if each.run is not None), status)
    scene.reap()


def starts(scene: Scene) -> int:
    """Return how often the child was started."""
    return sum(isinstance(effect, fx.Spawn) and effect.child == 0 for _, effect in scene.done)


def test_it_is_looked_at_from_when_it_is_ready() -> None:
    scene = scene_of('ready = "7s"')
    answer(scene, 0)
    answer(scene, 0)
    assert looks(scene) == [37_000, 67_000]


def test_without_ready_from_when_it_runs_its_program() -> None:
    scene = scene_of('program = "server"')
    scene.until(60_000)
    assert looks(scene) == []
    scene.become("a", "server")
    scene.until(92_000)
    assert len(looks(scene)) == 1


def test_only_failures_in_a_row_count() -> None:
    scene = scene_of('restart = "on-failure"')
    for status in (1, 0, 1, 0, 7):
        answer(scene, status)
    assert [each for each in scene.said if "well" in each] == ["unwell", "well-again", "unwell", "well-again", "unwell"]
    assert scene.sent == []
    answer(scene, 1)
    assert scene.said.count("not-alive") == 1
    assert [signal for _, _, signal in scene.sent] == ["TERM"]


@pytest.mark.parametrize(("restart", "comes"), [("on-failure", True), ("never", False)])
def test_a_child_that_is_given_up_has_failed_even_with_code_0(restart: str, *, comes: bool) -> None:
    scene = scene_of(f'restart = "{restart}"')
    answer(scene, 1)
    answer(scene, 1)
    scene.exit("a", 0)
    scene.until(scene.now + 100)
    assert (starts(scene) == 2) == comes
    assert scene.state.children[0].status == 1
    if comes:  # the new life begins anew
        answer(scene, 1)
        assert scene.said.count("not-alive") == 1


def test_one_that_does_not_end_gets_kill_its_timeout_after_the_last_step() -> None:
    scene = scene_of('on.stop = "TERM 3s INT"')
    answer(scene, 1)
    answer(scene, 1)
    given_up = scene.now
    scene.until(given_up + 7_999)
    assert [signal for _, _, signal in scene.sent] == ["TERM", "INT"]
    scene.until(given_up + 8_000)
    assert [(now, signal) for now, _, signal in scene.sent][2:] == [(given_up + 8_000, "KILL")]


def test_a_stop_that_comes_meanwhile_is_a_repeat_of_its_action() -> None:
    scene = scene_of('on.stop = { send = "TERM 60s QUIT", again = "next" }')
    answer(scene, 1)
    answer(scene, 1)
    scene.signal("TERM", at=scene.now + 1_000)
    assert [signal for _, who, signal in scene.sent if who == "a"] == ["TERM", "QUIT"]


def test_a_look_that_takes_too_long_or_cannot_be_run_has_failed() -> None:
    scene = scene_of()
    scene.until(35_000)
    assert scene.said.count("unwell") == 1
    assert [(who, signal) for _, who, signal in scene.sent] == [("a", "KILL")]  # the look, which is of the child
    scene.reap()
    scene.last_pid = 0
    scene.until(65_000)
    assert scene.said.count("not-alive") == 1


def test_one_that_outlives_kill_is_not_joined_by_another() -> None:
    scene = scene_of()
    scene.until(30_000)
    scene.mortal = False
    scene.until(65_000)
    assert looks(scene) == [30_000]
    assert scene.said.count("not-alive") == 1


def test_in_a_stop_nothing_is_looked_at() -> None:
    scene = scene_of('on.stop = "60s TERM"')
    scene.until(30_000)
    assert [each.run is not None for each in scene.living()].count(True) == 1
    scene.signal("TERM", at=31_000)
    assert [each.run is not None for each in scene.living()].count(True) == 0
    scene.until(200_000)
    assert looks(scene) == [30_000]


def test_nor_in_back_off() -> None:
    scene = scene_of('restart = { wait = "10m" }')
    scene.exit("a", 1, at=10_000)
    scene.until(500_000)
    assert looks(scene) == []


def test_a_child_that_has_failed_is_asked_by_the_table_for_its_phase() -> None:
    """It has become its program, but nobody has looked yet: its action is the one for that, not the one for a start."""
    rules = 'program = "server"\nready = "5s"\nstarting.stop = { hold = "60s", else = "KILL" }\non.stop = "QUIT"\n'
    scene = scene_of(rules)
    scene.become("a", "server")
    answer(scene, 1)
    answer(scene, 1)
    assert [(who, signal) for _, who, signal in scene.sent] == [("a", "QUIT")]
    assert scene.state.stop is None


def test_one_that_is_held_while_it_starts_gets_kill_after_that_hold() -> None:
    rules = 'program = "server"\nready = "5s"\nstarting.stop = { hold = "60s", else = "TERM" }\non.stop = "QUIT"\n'
    scene = scene_of(rules)
    answer(scene, 1)
    answer(scene, 1)
    failed = scene.now
    scene.until(failed + 60_000)
    assert [(who, signal) for _, who, signal in scene.sent] == [("a", "TERM")]
    scene.until(failed + 65_000)
    assert [(now, signal) for now, _, signal in scene.sent][1:] == [(failed + 65_000, "KILL")]


def test_a_failure_is_one_whatever_the_code() -> None:
    """143 is what its stop action makes of it, and not what the program says of itself."""
    scene = scene_of("restart = { unless = [0, 143] }")
    answer(scene, 1)
    answer(scene, 1)
    scene.exit("a", 143)
    scene.until(scene.now + 100)
    assert starts(scene) == 2
