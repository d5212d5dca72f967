"""What can't be read of /proc this time: it is looked at again before anything is decided, and not for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigroute.pid1.engine import effects as fx
from sigroute.pid1.engine import events as ev
from tests.pid1.scene import Scene

if TYPE_CHECKING:
    from sigroute.pid1.engine.effects import Effect
    from sigroute.pid1.engine.events import Event

NGINX = '[child.nginx]\nprogram = "nginx"\n[child.nginx.on]\nstop = "QUIT"\nUSR1 = "USR2"\n'
TREE = '[on]\nstop = { send = "QUIT 5s KILL", scope = "tree" }\n'
LINGERS = '[child.one]\nexited = "tree"\n'


def refuse(scene: Scene, times: int) -> list[Effect]:
    """Let so many looks fail; return those that did."""
    looks: list[Effect] = []

    def failure(effect: Effect) -> Event | None:
        if not isinstance(effect, (fx.Inspect, fx.List)) or len(looks) == times:
            return None
        looks.append(effect)
        if isinstance(effect, fx.List):
            return ev.Listed(processes=None, reason="no descriptor is left")
        return ev.Inspected(child=effect.child, names=(), handled=None, reason="no descriptor is left")

    scene.fails = failure
    return looks


def got(scene: Scene) -> list[str]:
    """Return what the child and its tree have got."""
    return [signal for _, _, signal in scene.sent]


def test_an_entrypoint_that_cannot_be_read_this_time_is_not_taken_for_its_program() -> None:
    scene = Scene(NGINX)
    refuse(scene, 1)
    scene.signal("TERM")
    assert got(scene) == []
    assert scene.state.stop is not None
    scene.until(100)
    assert got(scene) == ["TERM"]
    assert scene.said.count("unread") == 1


def test_nor_is_its_program_taken_for_an_entrypoint() -> None:
    scene = Scene(NGINX)
    scene.become("nginx", "nginx")
    refuse(scene, 3)
    scene.signal("TERM")
    scene.until(699)
    assert got(scene) == []
    scene.until(700)
    assert got(scene) == ["QUIT"]
    assert scene.said.count("unread") == 1


def test_signals_that_come_meanwhile_keep_their_order_and_hasten_nothing() -> None:
    scene = Scene(NGINX)
    scene.become("nginx", "nginx")
    looks = refuse(scene, 9)
    scene.signal("USR1")
    for _ in range(7):
        scene.signal("TERM")
    assert len(looks) == 8
    assert got(scene) == []
    scene.fails = lambda _effect: None
    scene.until(100)
    assert got(scene) == ["USR2", "QUIT"]


def test_what_can_never_be_read_is_done_without() -> None:
    scene = Scene(NGINX)
    refuse(scene, 10_000)
    scene.signal("TERM")
    scene.until(699)
    assert got(scene) == []
    scene.until(700)
    assert got(scene) == ["TERM"]
    assert not scene.state.no_proc


def test_a_tree_that_cannot_be_listed_this_time_is_listed_again() -> None:
    scene = Scene(TREE)
    scene.fork(scene.child("server"), alone=True)
    refuse(scene, 3)
    scene.signal("TERM")
    scene.until(699)
    assert got(scene) == []
    scene.until(700)
    assert got(scene) == ["QUIT", "QUIT"]
    assert scene.said.count("unread") == 1


def test_a_tree_that_can_never_be_listed_gets_it_as_a_group() -> None:
    scene = Scene(TREE)
    refuse(scene, 10_000)
    scene.signal("TERM")
    scene.until(700)
    kills = [(effect.signal, effect.group) for _, effect in scene.done if isinstance(effect, fx.Kill)]
    assert kills == [(3, True)]
    scene.until(6_000)
    assert got(scene) == ["QUIT", "KILL"]


def test_a_stop_ends_though_nobody_knows_what_is_left_of_its_tree() -> None:
    scene = Scene(TREE)
    refuse(scene, 10_000)
    scene.signal("TERM")
    scene.until(1_000)
    scene.exit("server", 7)
    assert scene.ends() == 7


def test_who_is_left_of_a_tree_is_not_forgotten_as_it_cannot_be_listed() -> None:
    scene = Scene(LINGERS)
    worker = scene.fork(scene.child("one"), alone=True)
    assert worker is not None
    looks = refuse(scene, 10_000)
    scene.die(scene.child("one"))
    scene.reap()
    scene.until(60_000)
    assert scene.code is None
    assert len(looks) < 15
    scene.fails = lambda _effect: None
    scene.die(worker)
    scene.reap()
    scene.until(120_000)
    assert scene.code == 0
