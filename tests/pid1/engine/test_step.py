"""The tables of the engine are total."""

from __future__ import annotations

from sigroute.pid1.engine import effects as fx
from sigroute.pid1.engine import events as ev
from sigroute.pid1.engine import requests
from sigroute.pid1.engine.events import Event
from sigroute.pid1.engine.step import HANDLERS, wake
from sigroute.pid1.log.messages import MESSAGES
from tests.pid1.scene import Scene


def test_every_event_has_a_handler() -> None:
    kinds = {
        kind for kind in (vars(ev) | vars(requests)).values() if isinstance(kind, type) and issubclass(kind, Event)
    }
    kinds.remove(Event)
    assert kinds == set(HANDLERS)


def test_every_message_has_a_level() -> None:
    assert {level for level, _ in MESSAGES.values()} == {"debug", "info", "warning", "error"}


def test_with_nothing_to_do_it_does_nothing() -> None:
    scene = Scene()
    assert wake(scene.state) is None
    scene.signal("TERM")
    assert wake(scene.state) is None, "no hidden timer in a stop either"


def test_after_its_end_nothing_happens_any_more() -> None:
    scene = Scene()
    scene.exit("server", 3)
    assert scene.code == 3
    before = len(scene.done)
    scene.code = None
    scene.signal("TERM")
    assert len(scene.done) == before
    assert isinstance(scene.done[-1][1], fx.Exit)
