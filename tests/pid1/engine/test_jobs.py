"""Job control, with the terminal and the shell as the test says; the laws are in laws/jobs.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sigroute.pid1.engine import effects as fx
from sigroute.pid1.engine import events as ev
from tests.pid1 import histories
from tests.pid1.histories import History, live_through
from tests.pid1.laws import Watch
from tests.pid1.laws.jobs import Jobs
from tests.pid1.scene import Scene
from tests.pid1.world import World

if TYPE_CHECKING:
    import random


INT, STOP, CONT, TSTP, TTIN, TTOU, WINCH = 2, 19, 18, 20, 21, 22, 28


def stopped(signal: int, *, shell: bool = False, foreground: str = ev.OURS, lends: bool = True) -> Scene:
    """Return a scene in which a child has been stopped by a signal."""
    scene = Scene()
    scene.terminal, scene.shell, scene.foreground, scene.lends = True, shell, foreground, lends
    scene.done.clear()
    scene.feed(ev.Stopped(pid=scene.child("server").pid, signal=signal))
    return scene


def done(scene: Scene) -> list[str]:
    return [type(effect).__name__ for _, effect in scene.done if not isinstance(effect, fx.InspectJob)]


@pytest.mark.parametrize("signal", [TTIN, TTOU])
@pytest.mark.parametrize("shell", [False, True])
def test_who_asks_for_the_terminal_gets_it_where_it_is_ours_and_goes_on(signal: int, *, shell: bool) -> None:
    assert done(stopped(signal, shell=shell)) == ["Lend", "Kill"]
    assert done(stopped(signal, shell=shell, foreground=ev.CHILDS)) == ["Kill"], "it has it already"


def test_what_nobody_has_is_lent_unless_a_shell_is_about_to_take_it() -> None:
    assert done(stopped(TTIN, foreground=ev.GONE)) == ["Lend", "Kill"]
    assert done(stopped(TTIN, foreground=ev.GONE, shell=True)) == ["StopSelf", "Kill"]


def test_what_another_has_is_not_lent_and_a_shell_hears_of_it() -> None:
    assert done(stopped(TTIN, foreground=ev.OTHERS)) == []
    assert done(stopped(TTIN, foreground=ev.OTHERS, shell=True)) == ["StopSelf", "Kill"]


def test_what_cannot_be_lent_is_another_s() -> None:
    assert done(stopped(TTIN, lends=False)) == ["Lend"]
    assert done(stopped(TTIN, lends=False, shell=True)) == ["Lend", "StopSelf", "Lend", "Kill"]


def test_under_a_shell_sigroute_stops_with_its_child_and_lends_it_the_terminal_again() -> None:
    scene = stopped(TSTP, shell=True)
    assert done(scene) == ["StopSelf", "Lend", "Kill"]
    assert scene.sent == [(0, "server", "CONT")]


def test_without_a_shell_nobody_could_continue_what_ctrl_z_has_stopped() -> None:
    assert done(stopped(TSTP)) == ["Kill"]
    assert done(stopped(STOP)) == [], "who has sent STOP may send CONT"


def test_a_stop_from_somebody_else_is_not_followed() -> None:
    scene = Scene()
    scene.terminal = scene.shell = True
    scene.by_itself = False
    scene.done.clear()
    scene.feed(ev.Stopped(pid=scene.child("server").pid, signal=STOP))
    assert done(scene) == []


def test_without_a_terminal_nothing_is_done() -> None:
    scene = Scene()
    scene.done.clear()
    scene.feed(ev.Stopped(pid=scene.child("server").pid, signal=TSTP))
    assert done(scene) == []


def sharing(missed: frozenset[int] = frozenset()) -> Scene:
    """Return a scene in which the child is in sigroute's own process group, and has missed some signals."""
    scene = Scene(begun=False)
    scene.terminal, scene.hears, scene.missed = True, frozenset((INT, TSTP, WINCH)), missed
    scene.begin()
    return scene


def test_what_is_typed_reaches_a_child_in_our_group_once() -> None:
    scene = sharing()
    scene.signal("INT", "tty")
    assert scene.sent == []
    assert scene.state.stop is None
    scene.signal("INT", "outside")
    assert scene.sent == [(0, "server", "INT")]


def test_what_was_typed_before_it_was_there_is_passed_on_once() -> None:
    scene = sharing(frozenset((WINCH,)))
    for _ in range(2):
        scene.signal("WINCH", "tty")
    assert scene.sent == [(0, "server", "WINCH")]


def test_what_somebody_has_sent_before_it_was_there_is_routed_and_no_more() -> None:
    scene = sharing(frozenset((INT,)))
    scene.signal("INT", "inside")
    scene.signal("INT", "tty")
    assert scene.sent == [(0, "server", "INT")]


def test_one_in_our_group_is_continued_by_who_continues_us() -> None:
    scene = sharing()
    scene.done.clear()
    scene.feed(ev.Stopped(pid=scene.child("server").pid, signal=TSTP))
    assert done(scene) == ["StopSelf"]


def test_the_laws_hold_whoever_has_the_terminal() -> None:
    def live(pick: random.Random) -> None:
        world = at_a_terminal(pick)
        Watch(world)
        History(world, pick).play(30)

    live_through(1000, live)


def test_its_own_laws_hold_for_whoever_is_in_our_group() -> None:
    """The others would miss the signals that are not routed."""

    def live(pick: random.Random) -> None:
        world = at_a_terminal(pick)
        world.hears = frozenset(pick.sample((1, 2, 15, 10, CONT, TSTP, WINCH), 4))
        world.missed = frozenset(pick.sample((1, 2, 15, 10), 2))
        Watch(world, (Jobs,))
        History(world, pick).play(30)

    live_through(1000, live)


def at_a_terminal(pick: random.Random) -> World:
    """Return a world with a terminal, whoever has it."""
    world = World(histories.plan(pick))
    world.terminal, world.shell = pick.choice(((True, False), (True, True)))
    world.foreground = pick.choice((ev.OURS, ev.OURS, ev.CHILDS, ev.GONE, ev.OTHERS))
    world.lends, world.by_itself = pick.choice((True, True, False)), pick.choice((True, False))
    return world
