"""Requests from the control socket: what they do, whom they reach, and that no law is broken by any of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sigroute.pid1.engine.effects import Say
from sigroute.pid1.engine.requests import SIGNALLING, Reply, Requested
from sigroute.pid1.names import STANDARD
from tests.pid1 import histories, many_histories
from tests.pid1.endings import all_end, nobody_listens
from tests.pid1.histories import SIGNALS, History, live_through
from tests.pid1.laws import KINDS, Watch
from tests.pid1.laws.many import Many
from tests.pid1.laws.sends import Sends
from tests.pid1.many_histories import ManyHistory
from tests.pid1.scene import Scene
from tests.pid1.world import World

if TYPE_CHECKING:
    from tests.pid1.histories import Chooser

RULES = """
[child.web]
command = ["web"]
[child.web.on]
HUP = "USR2"
USR1 = "drop"
"USR2@outside" = "WINCH"
stop = "QUIT 8s KILL"
[child.db]
command = ["db"]
[child.db.on]
stop = { after = "web", send = "INT" }
[child.late]
command = ["late"]
needs = "slow"
[child.slow]
command = ["slow"]
ready = "9s"
[exit]
when = "slow"
"""
WEB, DB, LATE, SLOW = range(4)


@pytest.fixture(name="scene")
def _scene() -> Scene:
    return Scene(RULES)


def asked(scene: Scene, what: str, signal: str, *children: int) -> Reply:
    """Have somebody ask; return the reply."""
    before = len(scene.done)
    scene.feed(Requested(number=7, what=what, children=children, signal=STANDARD[signal], pid=99, uid=0))
    (reply,) = [effect for _, effect in scene.done[before:] if isinstance(effect, Reply)]
    assert reply.number == 7
    return reply


def test_a_signal_goes_by_the_rules_and_to_those_alone_who_are_named(scene: Scene) -> None:
    assert not asked(scene, "send", "HUP", WEB).refused
    assert scene.sent == [(0, "web", "USR2")]
    assert not asked(scene, "send", "USR1", WEB).refused
    assert scene.sent == [(0, "web", "USR2")]
    assert scene.said[-2:] == ["requested", "dropped"]
    asked(scene, "send", "HUP", WEB, DB)
    assert scene.sent[1:] == [(0, "web", "USR2"), (0, "db", "HUP")]


def test_it_is_not_from_outside_or_from_inside(scene: Scene) -> None:
    scene.signal("USR2")
    asked(scene, "send", "USR2", WEB)
    assert [what for _, who, what in scene.sent if who == "web"] == ["WINCH", "USR2"]


def test_a_stop_signal_stops_one_child_and_not_the_container(scene: Scene) -> None:
    assert not asked(scene, "send", "TERM", WEB).refused
    assert scene.sent == [(0, "web", "QUIT")]
    assert scene.state.stop is None
    scene.until(8_000)
    assert scene.sent == [(0, "web", "QUIT"), (8_000, "web", "KILL")]
    scene.reap()
    assert scene.state.stop is None
    assert scene.code is None


def test_a_stop_action_waits_for_nobody_who_is_not_stopped(scene: Scene) -> None:
    asked(scene, "send", "TERM", DB)
    assert scene.sent == [(0, "db", "INT")]


def test_the_exit_of_such_a_child_ends_the_container_as_ever(scene: Scene) -> None:
    asked(scene, "send", "TERM", SLOW)
    assert scene.state.stop is None
    scene.exit("slow")
    assert scene.state.stop is not None
    assert not scene.state.stop.asked


def test_a_signal_past_the_rules(scene: Scene) -> None:
    before = scene.state
    for signal in ("HUP", "USR1", "TERM", "KILL"):
        assert not asked(scene, "send-raw", signal, WEB, DB).refused
        assert [(who, what) for _, who, what in scene.sent[-2:]] == [("web", signal), ("db", signal)]
    assert scene.state == before


@pytest.mark.parametrize("what", SIGNALLING)
def test_who_is_not_there_gets_nothing_and_the_reply_says_why(scene: Scene, what: str) -> None:
    assert asked(scene, what, "HUP", LATE).refused == "late is waiting"
    scene.exit("web", at=1_000)
    assert asked(scene, what, "HUP", WEB, LATE).refused == "web has exited, late is waiting"
    assert not scene.sent
    assert not asked(scene, what, "HUP", LATE, DB).refused
    assert [who for _, who, _ in scene.sent] == ["db"]


def test_what_a_child_has_left_behind_gets_a_signal_by_the_rules_and_none_past_them() -> None:
    scene = Scene(
        '[child.web]\ncommand = ["w"]\nexited = "tree"\n[child.web.on]\nHUP = { send = "HUP", scope = "tree" }\n'
    )
    worker = scene.fork(scene.child("web"), alone=False)
    assert worker is not None
    scene.signal("USR1")
    scene.exit("web")
    assert not asked(scene, "send", "HUP", 0).refused
    assert (worker.pid, "HUP") in scene.pids
    assert asked(scene, "send-raw", "HUP", 0).refused == "web is lingering"


def test_while_a_stop_is_under_way_it_is_a_signal_like_any_other(scene: Scene) -> None:
    scene.signal("TERM", at=1_000)
    stop = scene.state.stop
    assert not asked(scene, "send", "HUP", WEB).refused
    asked(scene, "send", "TERM", WEB)
    assert scene.state.stop == stop
    assert [what for _, who, what in scene.sent if who == "web"] == ["QUIT", "USR2"]
    scene.until(9_000)
    assert scene.sent[-1] == (9_000, "web", "KILL")


def test_what_was_asked_is_told_with_who_has_asked(scene: Scene) -> None:
    asked(scene, "send", "HUP", WEB, DB)
    (text,) = [effect.text for _, effect in scene.done if isinstance(effect, Say) and effect.what == "requested"]
    assert text == "send web, db HUP (pid 99, uid 0)"


class Asked(History):
    """A history in which every other signal is asked for at the control socket, for some of the children."""

    def signal(self) -> None:
        if self.pick.choice((True, False)):
            super().signal()
            return
        indices = range(len(self.world.plan.children))
        some = tuple(sorted({self.pick.choice(indices) for _ in range(self.pick.choice((1, 1, 2)))}))
        what, signal = self.pick.choice(("send", "send", "send-raw")), self.pick.choice((*SIGNALS, 9))
        if (what, signal) != ("send", 9):  # no rule is for KILL, so it is refused before (control/answers.py)
            self.world.feed(Requested(number=self.pick.choice((1, 2)), what=what, children=some, signal=signal))


class AskedMany(Asked, ManyHistory):
    """The same with many children."""


def live(pick: Chooser) -> None:
    """Live through a history of few children, and an ending of it."""
    world = World(histories.plan(pick), proc=pick.choice((True, True, True, False)))
    watch = Watch(world, (*KINDS, Sends))
    Asked(world, pick).play(pick.choice((3, 10, 30)))
    world.fails = lambda _effect: None
    if world.code is None:
        pick.choice((all_end, nobody_listens))(world, watch)


def live_many(pick: Chooser) -> None:
    """Live through a history of many children."""
    world = World(many_histories.plan(pick), proc=pick.choice((True, True, True, False)))
    Watch(world, (Many, Sends))
    AskedMany(world, pick).play(pick.choice((5, 20, 60)))


def test_the_guarantees_hold_over_random_histories_with_requests_in_them() -> None:
    live_through(2_000, live)


def test_the_guarantees_hold_over_random_histories_of_many_children() -> None:
    live_through(1_000, live_many)
