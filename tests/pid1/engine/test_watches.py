"""Watches: when a path is looked at, and when a change of it arrives."""

from __future__ import annotations

import pytest

from sigroute.pid1.engine import effects as fx
from sigroute.pid1.engine import events as ev
from tests.pid1.scene import Scene

CONF, WHICH = b"/etc/app", 0


class Watched(Scene):
    """A child that watches a path, and another that keeps the container alive."""

    def __init__(self, more: str = "", *, seen: int = 1, blind: bool = False) -> None:
        rules = f'[child.a]\ncommand = ["a"]\nwatch = {{ "/etc/app" = "HUP" }}\n{more}\n[child.b]\ncommand = ["b"]\n'
        super().__init__(rules + '[exit]\nwhen = "b"\n', begun=False)
        self.contents[CONF] = seen
        if blind:  # at first
            unseen = ev.Looked(child=0, which=WHICH, generation=1, seen=None, reason="a loop")
            self.fails = lambda effect: unseen if isinstance(effect, fx.Look) else None
        self.begin()
        self.fails = lambda _: None

    def change(self, seen: int, *, at: int) -> None:
        """Have something else there, and the kernel tell of it."""
        self.until(at)
        self.contents[CONF] = seen
        self.feed(ev.Stirred(child=0, which=WHICH))

    def looks(self) -> list[int]:
        return [now for now, effect in self.done if isinstance(effect, fx.Look)]

    def changes(self) -> list[int]:
        """Return when a change arrived."""
        return [now for now, effect in self.done if isinstance(effect, fx.Say) and effect.what == "changed"]


def test_a_change_arrives_a_second_later_as_the_signal() -> None:
    scene = Watched()
    scene.change(2, at=5_000)
    scene.until(60_000)
    assert scene.changes() == [6_000]
    assert [(now, signal) for now, _, signal in scene.sent] == [(6_000, "HUP")]
    assert scene.looks() == [0, 5_000, 6_000]


def test_many_changes_within_a_second_of_each_other_are_one() -> None:
    scene = Watched()
    for number in range(8):
        scene.change(number + 2, at=5_000 + number * 500)
    scene.until(60_000)
    assert scene.changes() == [10_000]


def test_unrest_without_end_arrives_after_ten_seconds_each_time() -> None:
    scene = Watched()
    for number in range(250):
        scene.change(number + 2, at=5_000 + number * 100)
    scene.until(60_000)
    assert scene.changes() == [15_000, 26_000, 31_000]


def test_what_is_as_before_when_it_is_looked_at_is_no_change() -> None:
    scene = Watched()
    scene.change(1, at=5_000)
    scene.change(2, at=7_000)
    scene.change(1, at=7_500)
    scene.until(60_000)
    assert scene.changes() == []


def test_noise_beside_it_is_looked_at_once_a_second() -> None:
    scene = Watched()
    for number in range(50):
        scene.change(1, at=5_000 + number * 100)
    scene.until(60_000)
    assert scene.looks() == [0, 5_000, 6_000, 7_000, 8_000, 9_000, 10_000]


def test_what_goes_away_is_no_change_and_what_comes_back_is_one_if_it_differs() -> None:
    scene = Watched()
    scene.change(0, at=5_000)
    scene.change(1, at=10_000)
    scene.change(0, at=15_000)
    scene.until(19_000)
    assert scene.changes() == []
    scene.change(2, at=20_000)
    scene.until(60_000)
    assert scene.changes() == [21_000]


def test_what_was_not_there_at_the_start_is_a_change() -> None:
    scene = Watched(seen=0)
    scene.change(1, at=5_000)
    scene.until(60_000)
    assert scene.changes() == [6_000]


def test_while_the_child_starts_it_is_held() -> None:
    scene = Watched('program = "server"')
    scene.change(2, at=5_000)
    scene.change(3, at=20_000)
    scene.until(40_000)
    assert scene.changes() == []
    scene.become("a", "server")
    scene.until(60_000)
    assert scene.changes() == [40_100]


def test_in_a_back_off_it_is_forgotten() -> None:
    scene = Watched('restart = { wait = "30s" }')
    scene.change(2, at=5_000)
    scene.exit("a", 1, at=5_500)
    scene.change(3, at=10_000)
    scene.until(60_000)
    assert scene.changes() == []
    assert scene.looks() == [0, 5_000, 35_500]
    scene.change(4, at=70_000)
    scene.until(80_000)
    assert scene.changes() == [71_000]


def test_an_answer_for_an_earlier_life_does_not_count() -> None:
    scene = Watched('restart = "always"')
    scene.exit("a", 1, at=5_000)
    scene.until(6_000)
    scene.feed(ev.Looked(child=0, which=WHICH, generation=1, seen=7))
    scene.until(60_000)
    assert scene.changes() == []


def test_in_a_stop_nobody_looks() -> None:
    scene = Watched('[child.a.on]\nstop = "60s TERM"\n')
    scene.change(2, at=5_000)
    scene.signal("TERM")
    scene.change(3, at=7_000)
    scene.until(60_000)
    assert scene.changes() == []
    assert scene.looks() == [0, 5_000]


def test_where_something_may_have_changed_since_a_look_there_is_another() -> None:
    scene = Watched()
    scene.uneasy = True
    scene.change(1, at=5_000)
    scene.uneasy = False
    scene.contents[CONF] = 2
    scene.until(60_000)
    assert scene.changes() == [7_000]


def test_a_rule_with_a_sender_is_not_for_it() -> None:
    scene = Watched('[child.a.on]\n"HUP@outside" = "USR1"\nHUP = "USR2"\n')
    scene.change(2, at=5_000)
    scene.until(60_000)
    assert [signal for _, _, signal in scene.sent] == ["USR2"]


@pytest.mark.parametrize("count", [1, 3])
def test_why_it_cannot_be_watched_is_told_once(count: int) -> None:
    scene = Watched()
    for _ in range(count):
        scene.feed(ev.Looked(child=0, which=WHICH, generation=1, seen=None, reason="no dnotify"))
    assert scene.said.count("unwatched") == 1


def test_a_look_that_takes_long_is_told_of_once_and_its_answer_counts() -> None:
    scene = Watched()
    scene.hangs = True
    scene.change(2, at=5_000)
    scene.until(60_000)
    assert scene.said.count("unwatched") == 1
    scene.hangs = False
    scene.feed(ev.Looked(child=0, which=WHICH, generation=1, seen=2))
    scene.until(70_000)
    assert scene.changes() == [61_000]
    assert len(scene.looks()) == 3


def test_what_a_child_has_left_gets_the_signal_as_the_child_would() -> None:
    scene = Watched('exited = "tree"\nprogram = "server"\n')
    daemon = scene.fork(scene.child("a"), alone=False)
    assert daemon is not None
    scene.change(2, at=5_000)
    scene.until(6_500)  # it is held: the child has not become its program
    scene.exit("a", at=7_000)
    scene.until(8_000)
    assert [who for _, who, signal in scene.sent if signal == "HUP"] == ["a"]
    ticks = len(scene.done)
    scene.until(60_000)
    assert len(scene.done) == ticks, "nothing is left to do"


def test_what_could_not_be_looked_at_is_new_once_it_can_be() -> None:
    scene = Watched(blind=True)
    scene.change(2, at=5_000)
    scene.until(60_000)
    assert scene.changes() == [6_000]
