"""A child that is its tree: its first process has ended, and what it has left goes on as the child."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sigroute.pid1.engine import effects as fx
from tests.pid1.scene import Scene

if TYPE_CHECKING:
    from tests.pid1.world import Process

KEEPS = '\n[child.b]\ncommand = ["b"]\n[exit]\nwhen = "b"\n'


def left(rules: str, at: int = 10, more: str = "") -> tuple[Scene, Process]:
    """Return a scene of a child that has made itself a daemon, and that daemon."""
    scene = Scene(f'{more}[child.a]\ncommand = ["a"]\nexited = "tree"\n{rules}{KEEPS}')
    daemon = scene.fork(scene.child("a"), alone=False)
    assert daemon is not None
    scene.until(1)
    scene.exit("a", 0, at=at)
    return scene, daemon


def orphan(scene: Scene, name: str) -> Process:
    """Let a child leave a process behind that is in no group of it; return that process."""
    between = scene.fork(scene.child(name), alone=True)
    assert between is not None
    process = scene.fork(between, alone=True)
    assert process is not None
    scene.end(between)
    return process


def starts(scene: Scene, index: int = 0) -> list[int]:
    """Return when a child was started."""
    return [now for now, effect in scene.done if isinstance(effect, fx.Spawn) and effect.child == index]


def test_it_becomes_ready_and_releases_those_that_need_it() -> None:
    needs = '[child.c]\ncommand = ["c"]\nneeds = "a"\n'
    scene, _ = left('ready = { listen = "127.0.0.1:80" }\n' + needs)
    scene.until(5_000)
    assert starts(scene, 1) == []
    scene.listening.add(b"127.0.0.1:80")
    scene.until(6_000)
    assert len(starts(scene, 1)) == 1


def test_without_ready_it_is_ready_as_its_program_is_gone() -> None:
    needs = '[child.c]\ncommand = ["c"]\nneeds = "a"\n'
    scene, _ = left('program = "server"\n' + needs, at=5_000)
    scene.until(5_100)
    assert len(starts(scene, 1)) == 1


def test_it_is_late_and_killed_and_comes_back() -> None:
    scene, _ = left('ready = { listen = "127.0.0.1:80", within = "2s" }\nrestart = "on-failure"\n')
    scene.mortal = False
    scene.until(2_000)
    assert "not-ready" in scene.said
    assert next(signal for _, who, signal in scene.sent if who == "a") == "TERM"
    scene.mortal = True
    scene.until(20_000)
    assert "KILL" in [signal for _, who, signal in scene.sent if who == "a"]
    scene.reap()
    scene.until(30_000)
    assert len(starts(scene)) == 2


def test_it_is_still_looked_at() -> None:
    scene, _ = left('alive = { run = ["look"], every = "30s", timeout = "5s", failures = 1 }\nrestart = "always"\n')
    scene.until(31_000)
    assert [effect.argv for _, effect in scene.done if isinstance(effect, fx.Run)] == [(b"look",)]
    scene.run_ends(1)
    assert "not-alive" in scene.said
    assert ("a", "TERM") in [(who, signal) for _, who, signal in scene.sent]


def test_it_gets_signals_and_its_restart_is_decided_when_all_of_it_has_ended() -> None:
    scene, daemon = left('restart = { wait = "1s 5s", stable = "60s" }\n')
    scene.signal("HUP", at=1_000)
    assert ("a", "HUP") in [(who, signal) for _, who, signal in scene.sent]
    scene.end(daemon, at=100_000)
    scene.until(200_000)
    assert "comes-back" not in scene.said  # its first process has ended with 0


def test_it_has_lived_until_its_tree_has_ended() -> None:
    scene, daemon = left('restart = { unless = [], wait = "1s 5s", stable = "60s" }\n')
    scene.end(daemon, at=100_000)
    scene.until(200_000)
    assert starts(scene) == [0, 101_000]  # stable: the first wait, not the second


@pytest.mark.parametrize("restart", ["", 'restart = "always"\n'])
def test_the_kill_of_its_stop_action_reaches_what_is_left(restart: str) -> None:
    rules = 'alive = { run = ["look"], every = "1s", timeout = "1s", failures = 1 }\n'
    scene, _ = left(rules + restart + '[child.a.on]\nstop = "TERM 3s KILL"\n')
    scene.mortal = False
    scene.until(1_010)
    scene.run_ends(1)
    failed = scene.now
    scene.until(failed + 2_999)
    assert [signal for _, who, signal in scene.sent if who == "a"] == ["TERM"]
    scene.mortal = True
    scene.until(failed + 3_000)
    assert [signal for _, who, signal in scene.sent if who == "a"][-1] == "KILL"


def test_beside_tasks_an_only_child_has_every_orphan() -> None:
    tasks = '[task.t]\ncommand = ["t"]\n[task.end]\ncommand = ["end"]\nat = "end"\n'
    scene = Scene('[child.a]\ncommand = ["a"]\nexited = "tree"\n' + tasks)
    scene.exit("t")
    daemon = orphan(scene, "a")
    scene.exit("a", 7)
    scene.until(5_000)
    assert (scene.state.stop, "tree-ended" in scene.said) == (None, False)
    scene.end(daemon)
    scene.until(6_000)
    assert scene.state.stop is not None


def test_a_daemon_that_nobody_can_tell_of_is_told_at_a_restart_as_well() -> None:
    scene = Scene(f'[child.a]\ncommand = ["a"]\nexited = "tree"\nrestart = "always"\n{KEEPS}')
    orphan(scene, "a")
    scene.exit("a", 1)
    scene.until(5_000)
    assert "unclaimed" in scene.said


ONE = '[child.a]\ncommand = ["a"]\nrestart = "always"\n'
OTHER = '[child.b]\ncommand = ["b"]\n'
TASK = '[task.b]\ncommand = ["b"]\n'


def test_what_an_only_child_has_left_is_killed_before_it_comes_back() -> None:
    scene = Scene(ONE)
    process = orphan(scene, "a")
    scene.exit("a", 1)
    scene.until(5_000)
    assert scene.pids == [(process.pid, "KILL")]
    assert scene.state.children[0].generation == 2
    assert "unclaimed" not in scene.said


@pytest.mark.parametrize("beside", [OTHER, TASK])
def test_beside_others_an_orphan_is_nobodys_and_the_log_says_so_at_a_restart(beside: str) -> None:
    scene = Scene(ONE + beside)
    orphan(scene, "a")
    scene.exit("a", 1)
    scene.until(5_000)
    assert scene.pids == []
    assert scene.state.children[0].generation == 2
    assert scene.said.count("unclaimed") == 1


def test_it_is_told_once_in_each_life_that_the_tree_goes_on() -> None:
    scene, daemon = left('restart = "always"\n')
    scene.signal("USR1", at=20)
    scene.until(60_000)
    scene.end(daemon)
    scene.until(120_000)
    assert len(starts(scene)) == 2
    other = scene.fork(scene.child("a"), alone=False)
    assert other is not None
    scene.exit("a", 0, at=130_000)
    scene.until(140_000)
    assert goes_on(scene) == [(0, f"pid {daemon.pid}"), (0, f"pid {other.pid}")]


def goes_on(scene: Scene) -> list[tuple[int, str]]:
    """Return of whom it is told that its tree goes on, with the pids."""
    said = [each for _, each in scene.done if isinstance(each, fx.Say) and each.what == "tree-goes-on"]
    return [(each.child, each.text) for each in said]


@pytest.mark.parametrize("rules", ['exited = "process"\n', 'exited = "tree"\non.stop = "TERM"\n'])
def test_nor_is_it_told_of_what_ends_or_does_not_count(rules: str) -> None:
    scene = Scene(f'[child.a]\ncommand = ["a"]\n{rules}{KEEPS}')
    scene.fork(scene.child("a"), alone=False)
    scene.until(1)
    if "tree" in rules:
        scene.signal("TERM", at=5)
    scene.exit("a", 0, at=10)
    scene.until(2_000)
    assert goes_on(scene) == []
