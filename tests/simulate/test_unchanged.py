"""What leaves a state as it is, whatever the time: never said of what does not, and said of what is only passed on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sigroute.pid1.engine import effects as fx
from sigroute.pid1.engine import events as ev
from sigroute.pid1.engine.step import step
from sigroute.pid1.names import STANDARD
from sigroute.pid1.watch.unchanged import effects_if_unchanged
from tests.pid1 import histories
from tests.pid1.histories import History, live_through
from tests.pid1.scene import Scene
from tests.pid1.world import World

if TYPE_CHECKING:
    import random

    from sigroute.pid1.engine.effects import Effect
    from sigroute.pid1.engine.events import Event
    from sigroute.pid1.engine.state import State


def answers(scene: Scene, name: str, sender: str = "outside") -> list[Effect] | None:
    return effects_if_unchanged(scene.plan, scene.state, ev.Signal(signal=STANDARD[name], sender=sender))


def test_what_is_only_passed_on_changes_nothing() -> None:
    scene = Scene('[on]\nUSR1 = "USR2"\nHUP = "drop"\n')
    (kill,) = answers(scene, "USR1") or []
    assert isinstance(kill, fx.Kill)
    assert kill.signal == STANDARD["USR2"]
    (told,) = answers(scene, "HUP") or []
    assert isinstance(told, fx.Say)


@pytest.mark.parametrize("rules", ['USR1 = "1s HUP"', 'USR1 = { send = "HUP", run = ["check"] }'])
def test_what_waits_or_asks_changes_the_state(rules: str) -> None:
    assert answers(Scene(f"[on]\n{rules}\n"), "USR1") is None


def test_a_repeat_depends_on_the_time() -> None:
    """Within 200 ms it is a duplicate, and later it is none: the state stays only where it is one."""
    scene = Scene('[on]\nUSR1 = "1s HUP"\n')
    scene.signal("USR1")
    assert answers(scene, "USR1") is None


def test_the_exit_of_an_orphan_changes_nothing_unless_a_tree_is_waited_for() -> None:
    scene = Scene()
    orphan = ev.Exited(pid=555, status=0)
    assert effects_if_unchanged(scene.plan, scene.state, orphan) == []
    assert effects_if_unchanged(scene.plan, scene.state, ev.Exited(pid=scene.child("server").pid, status=0)) is None


class Asking(World):
    """A world in which each event is asked about before it comes."""

    def __init__(self, pick: random.Random) -> None:
        super().__init__(histories.plan(pick))
        self.found = 0
        self.watchers.append(self.ask)

    def ask(self, before: State, event: Event, _after: State, _effects: list[Effect]) -> None:
        known = effects_if_unchanged(self.plan, before, event)
        if known is not None:
            self.found += 1
            for now in (self.now, self.now + 7, self.now + 100_000):
                assert step(self.plan, before, event, now) == (before, known)


def test_over_random_histories_it_is_so() -> None:
    found = []

    def live(pick: random.Random) -> None:
        world = Asking(pick)
        History(world, pick).play(20)
        found.append(world.found)

    live_through(1000, live)
    assert sum(found) > 500, "hardly anything is found"
