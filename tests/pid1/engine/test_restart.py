"""Restarts: after which ends, how soon, how often."""

from __future__ import annotations

import pytest

from sigroute.pid1.engine import effects as fx
from sigroute.pid1.engine.events import NotSpawned
from tests.pid1.scene import Scene


def starts(scene: Scene) -> list[int]:
    """Return when the first child was started."""
    return [now for now, effect in scene.done if isinstance(effect, fx.Spawn) and effect.child == 0]


def scene_of(restart: str, more: str = "") -> Scene:
    """Return a scene of a child with this ``restart``, and another that keeps the container alive."""
    return Scene(
        f'[child.a]\ncommand = ["a"]\nrestart = {restart}\n{more}[child.b]\ncommand = ["b"]\n[exit]\nwhen = "b"\n'
    )


@pytest.mark.parametrize(
    ("restart", "status", "comes"),
    [
        ('"never"', 1, False),
        ('"on-failure"', 0, False),
        ('"on-failure"', 143, True),
        ('"always"', 0, True),
        ("{ unless = [0, 7] }", 7, False),
        ("{ unless = [0, 7] }", 8, True),
        ("{ unless = [] }", 0, True),
    ],
)
def test_after_which_codes(restart: str, status: int, *, comes: bool) -> None:
    scene = scene_of(restart)
    scene.exit("a", status, at=100)
    scene.until(100)
    assert starts(scene) == [0, *[100] * comes]


def test_the_back_off_goes_on_from_start_to_start_and_begins_anew_after_a_stable_life() -> None:
    scene = scene_of('"always"')
    for wait in (0, 1000, 2000, 5000, 10_000, 30_000, 30_000):
        ended = scene.now
        scene.exit("a", 1)
        scene.until(ended + wait)
        assert starts(scene)[-1] == ended + wait
    lived = scene.now + 10_000
    scene.exit("a", 1, at=lived)
    for wait in (0, 1000):
        ended = scene.now
        scene.until(ended + wait)
        assert starts(scene)[-1] == ended + wait
        scene.exit("a", 1)


def test_attempts_counts_the_first_start_too() -> None:
    scene = scene_of('{ attempts = 3, wait = "0s" }')
    for _ in range(3):
        scene.exit("a", 1)
        scene.until(scene.now + 10)
    scene.until(60_000)
    assert len(starts(scene)) == 3
    assert scene.said.count("given-up") == 1


@pytest.mark.parametrize("attempts", [1, 2])
def test_attempts_begin_anew_after_a_stable_life(attempts: int) -> None:
    scene = scene_of(f'{{ attempts = {attempts}, wait = "0s", stable = "1s" }}')
    scene.exit("a", 1, at=1_000)
    for _ in range(attempts):
        scene.until(scene.now + 10)
        scene.exit("a", 1)
    scene.until(60_000)
    assert len(starts(scene)) == 1 + attempts
    assert scene.said.count("given-up") == 1


def test_a_start_that_the_kernel_refuses_is_no_attempt() -> None:
    scene = scene_of('{ attempts = 2, wait = "0s" }')
    scene.last_pid = 0
    scene.exit("a", 1)
    scene.until(1000)
    assert len(starts(scene)) > 2
    scene.last_pid = 1 << 20
    scene.until(5000)
    scene.exit("a", 1)
    scene.until(60_000)
    assert scene.said.count("given-up") == 1


def test_a_command_that_is_not_found_never_comes_back_but_one_that_may_not_run_does() -> None:
    for status, said in ((127, 0), (126, 1)):
        scene = scene_of('{ wait = "1s" }')
        scene.fail(scene.child("a"), status)
        scene.reap()
        scene.until(1000)
        assert len(starts(scene)) == 1 + said


def test_what_is_left_of_its_tree_is_killed_first() -> None:
    scene = scene_of('"always"')
    worker = scene.fork(scene.child("a"), alone=False)
    assert worker is not None
    scene.mortal = False
    scene.exit("a", 1, at=10)
    assert scene.sent == [(10, "a", "KILL")]
    assert starts(scene) == [0]
    scene.end(worker, at=20)
    scene.until(20)
    assert starts(scene) == [0, 20]


def test_a_process_that_outlives_kill_does_not_keep_it_from_coming_back() -> None:
    scene = scene_of('"always"')
    scene.fork(scene.child("a"), alone=False)
    scene.mortal = False
    scene.exit("a", 1)
    scene.until(10_000)
    assert starts(scene) == [0, 2000]
    assert "outlived" in scene.said


def test_with_a_tree_it_waits_and_kills_nothing() -> None:
    scene = scene_of('"always"', 'exited = "tree"\n')
    worker = scene.fork(scene.child("a"), alone=False)
    assert worker is not None
    scene.exit("a", 1, at=10)
    scene.until(60_000)
    assert (scene.sent, starts(scene)) == ([], [0])
    scene.end(worker)
    scene.until(60_000)
    assert starts(scene) == [0, 60_000]


def test_a_signal_during_the_back_off_is_forgotten_and_told() -> None:
    scene = scene_of('{ wait = "5s" }', '[child.a.on]\nHUP = "USR1"\n')
    scene.exit("a", 1)
    scene.signal("HUP", at=1000)
    scene.until(60_000)
    assert "too-early" in scene.said
    assert ("a", "USR1") not in [(who, what) for _, who, what in scene.sent]


def test_a_stop_ends_a_back_off_and_its_code_is_that_of_the_last_life() -> None:
    scene = Scene('[child.a]\ncommand = ["a"]\nrestart = { wait = "5s" }\n')
    scene.exit("a", 9)
    scene.signal("TERM", at=1000)
    assert (scene.code, scene.ended_at, starts(scene)) == (9, 1000, [0])
    assert "not-again" in scene.said


def test_a_stop_while_its_old_tree_is_killed_starts_nothing() -> None:
    scene = Scene('[child.a]\ncommand = ["a"]\nrestart = "always"\n')
    worker = scene.fork(scene.child("a"), alone=False)
    assert worker is not None
    scene.mortal = False
    scene.exit("a", 9)
    scene.signal("TERM", at=100)
    scene.until(500)
    scene.end(worker)
    scene.reap()
    assert (scene.code, starts(scene)) == (9, [0])


def test_a_restart_by_a_signal_needs_nothing_new() -> None:
    scene = scene_of('"always"', '[child.a.on]\nHUP = "TERM 10s KILL"\n')
    scene.signal("HUP", at=20_000)
    assert scene.sent == [(20_000, "a", "TERM"), (20_000, "b", "HUP")]
    scene.exit("a", 0, at=21_000)
    assert "cancelled" not in scene.said  # there is no stop
    scene.until(60_000)
    assert (starts(scene), scene.sent[2:]) == ([0, 21_000], [])


def test_one_that_is_not_ready_in_time_gets_its_stop_then_kill_and_has_failed() -> None:
    scene = scene_of(
        '{ unless = [0], wait = "0s" }', 'ready = { listen = "/run/a", within = "2s" }\n[child.a.on]\nstop = "INT"\n'
    )
    scene.until(11_999)
    assert scene.sent == [(2000, "a", "INT")]
    scene.exit("a", 0)  # 0 is a failure here
    scene.until(12_000)
    assert starts(scene) == [0, 11_999]
    scene.until(11_999 + 12_000)
    assert scene.sent[1:] == [(13_999, "a", "INT"), (23_999, "a", "KILL")]


def test_a_stop_that_comes_meanwhile_is_that_actions_first_repeat() -> None:
    scene = Scene(
        '[child.a]\ncommand = ["a"]\nready = { listen = "/run/a", within = "2s" }\n'
        '[child.a.on]\nstop = { send = "TERM 30s QUIT", again = "INT" }\n'
    )
    scene.signal("TERM", at=5000)
    assert scene.sent == [(2000, "a", "TERM"), (5000, "a", "INT")]


def test_a_life_ends_the_row_of_refusals() -> None:
    scene = scene_of('{ unless = [], wait = "0s" }')
    scene.fails = lambda effect: NotSpawned(child=0, status=0, reason="no") if isinstance(effect, fx.Spawn) else None
    scene.exit("a", 0, at=1_000)
    scene.until(1_350)
    assert starts(scene)[1:] == [1_000, 1_100, 1_300]
    scene.fails = lambda _: None
    scene.until(5_000)
    scene.fails = lambda effect: NotSpawned(child=0, status=0, reason="no") if isinstance(effect, fx.Spawn) else None
    scene.exit("a", 0, at=100_000)
    scene.until(100_250)
    assert starts(scene)[-2:] == [100_000, 100_100]
