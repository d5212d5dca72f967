"""Children from their start to their exit."""

from __future__ import annotations

from itertools import pairwise

from sigroute.pid1.engine import effects as fx
from sigroute.pid1.engine import events as ev
from sigroute.pid1.engine.life import EXITED, SPAWNING
from sigroute.pid1.engine.state import Child
from tests.pid1.scene import Scene

TWO = '[child.front]\ncommand = ["f"]\n[child.back]\ncommand = ["b"]\n'
TREE = '[child.server]\nexited = "tree"\n'


def starts(scene: Scene) -> list[tuple[int, int]]:
    """Return when which child was started."""
    return [(now, effect.child) for now, effect in scene.done if isinstance(effect, fx.Spawn)]


def test_children_start_in_their_order() -> None:
    assert starts(Scene(TWO)) == [(0, 0), (0, 1)]


def test_a_stop_while_others_are_still_to_be_started_starts_none_of_them() -> None:
    scene = Scene(TWO, begun=False)
    scene.feed(ev.Begin())
    assert starts(scene) == [(0, 0)]
    scene.signal("TERM")
    scene.until(60_000)
    assert starts(scene) == [(0, 0)]
    assert scene.said[:2] == ["stop", "never-started"]
    scene.exit("front", 0)
    assert scene.code == 0


def test_what_comes_for_a_child_before_it_is_started_is_told() -> None:
    scene = Scene(TWO + '[on]\nHUP = "USR2"', begun=False)
    scene.feed(ev.Begin())
    scene.signal("HUP")
    assert scene.sent == [(0, "front", "USR2")]
    assert scene.said == ["too-early"]


def test_fork_that_fails_for_now_is_tried_again_at_growing_intervals() -> None:
    scene = Scene(TWO, begun=False)
    scene.fails = lambda effect: (
        ev.NotSpawned(child=0, status=0, reason="EAGAIN") if isinstance(effect, fx.Spawn) and not effect.child else None
    )
    scene.begin()
    scene.until(40_000)
    moments = [now for now, child in starts(scene) if not child]
    assert [late - early for early, late in pairwise(moments)] == [
        *(100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000),
    ]
    scene.signal("USR1")  # meanwhile the other child gets what is its own
    assert scene.sent == [(40_000, "back", "USR1")]


def test_and_not_any_more_once_the_stop_has_begun() -> None:
    scene = Scene(begun=False)
    scene.fails = lambda effect: ev.NotSpawned(child=0, status=0, reason="") if isinstance(effect, fx.Spawn) else None
    scene.begin()
    scene.signal("TERM", at=50)
    assert scene.code == 143


def test_one_that_could_not_be_forked_when_the_stop_came_is_given_up() -> None:
    scene = Scene(begun=False)
    spawning = scene.state.children[0].but(phase=SPAWNING, retry_at=None)
    scene.state = scene.state.but(children=(spawning,), busy=frozenset())  # it is on its way
    scene.signal("TERM")
    scene.feed(ev.NotSpawned(child=0, status=0, reason="EAGAIN"))
    assert scene.code == 143


def test_a_child_that_was_being_started_when_the_stop_came_gets_it() -> None:
    scene = Scene(begun=False)
    child = scene.new(1)
    assert child is not None
    child.child = 0
    scene.fails = lambda effect: (
        ev.NotSpawned(child=0, status=0, reason="not yet") if isinstance(effect, fx.Spawn) else None
    )
    scene.feed(ev.Begin())
    spawning = scene.state.children[0].but(phase=SPAWNING, retry_at=None)
    scene.state = scene.state.but(children=(spawning,), busy=frozenset())  # it is on its way
    scene.signal("TERM")
    assert scene.sent == []
    scene.feed(ev.Spawned(child=0, pid=child.pid))
    assert scene.sent == [(0, "server", "TERM")]


def test_a_child_whose_exec_fails_late_is_given_up_and_its_pid_forgotten() -> None:
    scene = Scene(TWO + '[exit]\nwhen = "all"\ncode = "front"\n[on]\nHUP = "5s USR2"')
    front = scene.child("front")
    scene.signal("HUP")
    scene.fail(front, 126)
    scene.reap()
    assert scene.state.children[0] == Child(phase=EXITED, generation=1, status=126)
    assert front.pid not in scene.state.owners
    scene.until(10_000)
    assert scene.sent == [(5000, "back", "USR2")]
    scene.exit("back")
    assert scene.ends() == 126


def test_or_is_tried_again_where_that_may_help() -> None:
    scene = Scene(TWO)
    scene.signal("USR1", at=50)
    scene.fail(scene.child("front"), 0)
    scene.reap()
    scene.until(1000)
    assert starts(scene) == [(0, 0), (0, 1), (150, 0)]
    scene.signal("USR2")
    assert [who for when, who, _ in scene.sent if when] == ["front", "back", "front", "back"]


def test_and_not_any_more_in_a_stop() -> None:
    scene = Scene()
    scene.signal("TERM")
    scene.fail(scene.child("server"), 0)
    scene.reap()
    assert scene.code == 143


def test_a_command_whose_exec_fails_late_has_failed() -> None:
    scene = Scene('[on]\nHUP = { run = ["check"], send = "USR1", else = "USR2" }')
    scene.signal("HUP")
    command = next(each for each in scene.living() if each.run is not None)
    scene.fail(command, 126)
    scene.reap()
    assert scene.sent == [(0, "server", "USR2")]
    assert not scene.state.runs
    assert command.pid not in scene.state.owners


def test_the_exit_of_an_unknown_process_is_nothing() -> None:
    scene = Scene()
    before = scene.state
    scene.feed(ev.Exited(pid=4242, status=0))
    assert scene.state == before


def test_grace_ends_a_command_too_where_there_is_no_proc() -> None:
    scene = Scene(
        'grace = "5s"\n[on]\nstop = { run = ["x"], timeout = "1m", send = "TERM", else = "TERM" }', proc=False
    )
    scene.signal("TERM")
    command = next(each for each in scene.living() if each.run is not None)
    scene.until(5000)
    assert (-command.pid, "KILL") in scene.pids


def test_a_signal_that_is_not_permitted_changes_nothing_for_the_others() -> None:
    scene = Scene(TWO)
    scene.fails = lambda effect: (
        ev.NotSent(child=0, pid=effect.pid, signal=effect.signal, reason="EPERM")
        if isinstance(effect, fx.Kill) and not effect.child
        else None
    )
    scene.signal("TERM")
    assert scene.sent == [(0, "front", "TERM"), (0, "back", "TERM")]
