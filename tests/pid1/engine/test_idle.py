"""Idle waits: when connections are looked at, and what ends the wait."""

from __future__ import annotations

import pytest

from sigroute.pid1.engine import effects as fx
from sigroute.pid1.engine import events as ev
from sigroute.pid1.engine.idle import LOOK, REST
from tests.pid1.scene import Scene

WEB = b"0.0.0.0:80"
RULES = """
[child.web]
command = ["server"]
ready   = {{ listen = "0.0.0.0:80" }}
[child.web.on]
stop = {}
"""


def scene_of(stop: str, *, busy: bool = True) -> Scene:
    scene = Scene(RULES.format(stop))
    scene.busy = {WEB} if busy else set()
    return scene


def looks(scene: Scene) -> list[int]:
    """Return when connections were looked at."""
    return [now for now, effect in scene.done if isinstance(effect, fx.Probe) and effect.progress]


def test_it_ends_at_the_first_look_that_finds_nothing_busy() -> None:
    scene = scene_of('"5s idle 30s QUIT"')
    scene.signal("TERM", at=1_000)
    scene.until(9_900)
    scene.busy.clear()
    scene.until(20_000)
    assert scene.sent == [(10_000, "web", "QUIT")]
    assert looks(scene) == list(range(6_000, 10_001, LOOK))
    assert [each for each in scene.said if each in ("waits", "waits-idle", "idle")] == ["waits", "waits-idle", "idle"]


def test_it_ends_at_its_limit_whatever_is_busy() -> None:
    scene = scene_of('"idle 30s QUIT"')
    scene.signal("TERM", at=1_000)
    scene.until(60_000)
    assert scene.sent == [(31_000, "web", "QUIT")]
    assert max(looks(scene)) < 31_000
    assert "still-busy" in scene.said


def test_it_is_over_at_once_where_nothing_is_busy() -> None:
    scene = scene_of('"idle 30s QUIT 7s KILL"', busy=False)
    scene.signal("TERM", at=1_000)
    scene.until(60_000)
    assert scene.sent == [(1_000, "web", "QUIT"), (8_000, "web", "KILL")]
    assert looks(scene) == [1_000]


def test_next_skips_the_present_wait_alone() -> None:
    scene = scene_of('{ send = "5s idle 30s QUIT", again = "next" }')
    scene.signal("TERM", at=1_000)
    scene.signal("TERM", at=2_000)
    assert (looks(scene), scene.sent) == ([2_000], [])
    scene.signal("TERM", at=3_100)
    assert scene.sent == [(3_100, "web", "QUIT")]
    assert "still-busy" not in scene.said


def test_next_skips_no_idle_wait_into_kill_but_the_one_before() -> None:
    scene = scene_of('{ send = "5s idle 30s KILL", again = "next" }')
    scene.signal("TERM", at=1_000)
    scene.signal("TERM", at=2_000)
    scene.signal("TERM", at=3_000)
    scene.until(60_000)
    assert scene.sent == [(32_000, "web", "KILL")]


def test_a_repeat_that_replaces_it_ends_it() -> None:
    scene = scene_of('{ send = "idle 30s QUIT", again = "idle 10s INT" }')
    scene.signal("TERM", at=1_000)
    scene.signal("TERM", at=2_000)
    scene.until(60_000)
    assert scene.sent == [(12_000, "web", "INT")]


def test_a_look_that_takes_long_is_followed_by_a_long_rest() -> None:
    scene = scene_of('"idle 30s QUIT"')
    scene.fails = lambda effect: (
        ev.Probed(child=0, well=False, progress=effect.progress, took=100) if isinstance(effect, fx.Probe) else None
    )
    scene.signal("TERM", at=1_000)
    scene.until(60_000)
    assert looks(scene) == list(range(1_000, 31_000, 100 * REST))


def test_a_list_of_processes_changes_nothing() -> None:
    """It is taken ahead of the end of other waits."""
    scene = scene_of('{ send = "idle 30s QUIT", scope = "tree" }')
    scene.took = 50
    scene.signal("TERM", at=1_000)
    scene.feed(ev.Listed(processes=(), took=50))
    scene.until(4_900)
    scene.busy.clear()
    scene.until(60_000)
    ((when, _, _),) = scene.sent
    assert 4_900 < when <= 4_900 + LOOK + 100


def test_where_sock_diag_is_refused_that_is_said_once() -> None:
    scene = scene_of('{ send = "idle 1s USR1 idle 1s QUIT" }')
    scene.refuses_diag = True
    scene.signal("TERM", at=1_000)
    scene.until(60_000)
    asked = [effect.no_diag for _, effect in scene.done if isinstance(effect, fx.Probe) and effect.progress]
    assert (asked[0], set(asked[1:])) == (False, {True})
    assert scene.said.count("no-diag") == 1
    assert scene.sent == [(2_000, "web", "USR1"), (3_000, "web", "QUIT")]


def test_an_answer_that_comes_too_late_changes_nothing() -> None:
    scene = scene_of('"idle 2s QUIT 10s KILL"')
    scene.signal("TERM", at=1_000)
    scene.until(4_000)
    scene.feed(ev.Probed(child=0, well=True, progress=1))
    scene.feed(ev.Probed(child=0, well=True, progress=99))
    scene.until(60_000)
    assert scene.sent == [(3_000, "web", "QUIT"), (13_000, "web", "KILL")]


def test_the_end_of_the_child_ends_it() -> None:
    scene = scene_of('"idle 30s QUIT"')
    scene.signal("TERM", at=1_000)
    scene.exit("web", at=2_000)
    scene.until(60_000)
    assert scene.sent == []
    assert max(looks(scene)) <= 2_000


@pytest.mark.parametrize("sent", ['"HUP idle 30s TERM"', '{ run = ["check"], send = "idle 30s TERM" }'])
def test_any_action_may_have_one(sent: str) -> None:
    scene = Scene(RULES.format('"TERM"') + f"HUP = {sent}\n")
    scene.busy = {WEB}
    scene.signal("HUP", at=1_000)
    if "run" in sent:
        scene.run_ends(0)
    scene.until(2_900)
    scene.busy.clear()
    scene.until(9_000)
    assert scene.sent[-1] == (3_000, "web", "TERM")
