"""Which action applies: phases, senders, the default's protection, hold."""

from __future__ import annotations

import pytest

from sigroute.pid1.engine import effects as fx
from sigroute.pid1.engine.step import wake
from tests.pid1.scene import Scene
from tests.pid1.world import ALL_SIGNALS

NGINX = """
[child.server]
program = "nginx"
[child.server.on]
stop = "QUIT"
HUP = "USR2"
"""
HOLD = """
[child.server]
program = "postgres"
[child.server.starting]
stop = { hold = "60s", else = "KILL" }
HUP = "hold"
[child.server.on]
stop = "INT"
HUP = "USR2"
"""


def test_while_it_is_starting_only_starting_and_the_default_apply() -> None:
    scene = Scene(NGINX)
    scene.signal("TERM")
    assert scene.sent == [(0, "server", "TERM")]


def test_what_keeps_the_rules_from_applying_is_said_with_each_signal_and_with_no_other_look() -> None:
    scene = Scene(HOLD)
    scene.become("server", "initdb")
    scene.signal("TERM")
    scene.until(scene.now + 1_000)
    scene.signal("HUP")
    told = [effect for _, effect in scene.done if isinstance(effect, fx.Say) and effect.what.endswith("starting")]
    assert [(effect.what, effect.text) for effect in told] == [("stop-starting", "initdb"), ("starting", "initdb")]


def test_once_it_has_become_its_program_the_rules_apply() -> None:
    scene = Scene(NGINX)
    scene.become("server", "nginx")
    scene.signal("TERM")
    assert scene.sent == [(0, "server", "QUIT")]


def test_once_it_has_become_its_program_it_stays_so() -> None:
    scene = Scene(NGINX)
    scene.become("server", "nginx")
    scene.signal("HUP")
    scene.become("server", "nginx: master process")
    scene.signal("HUP")
    assert [what for _, _, what in scene.sent] == ["USR2", "USR2"]


def test_without_proc_a_child_counts_as_its_program_and_it_is_said_once() -> None:
    scene = Scene(NGINX, proc=False)
    scene.signal("HUP")
    scene.signal("TERM")
    assert [what for _, _, what in scene.sent] == ["USR2", "QUIT"]
    assert scene.said.count("blind") == 1


@pytest.mark.parametrize(
    ("program", "name", "same"),
    [
        ("nginx", "nginx", True),
        ("nginx", "nginx-debug", False),
        ("postgres*", "postgres-17", True),
    ],
)
def test_how_names_are_compared(program: str, name: str, same: object) -> None:
    scene = Scene(NGINX.replace('"nginx"', f'"{program}"'))
    scene.become("server", name)
    scene.signal("TERM")
    assert scene.sent == [(0, "server", "QUIT" if same else "TERM")]


def test_a_child_that_proc_hides_counts_as_its_program_and_it_is_said_once() -> None:
    """As with hidepid=2, of another user's process."""
    scene = Scene(NGINX)
    process = scene.child("server")
    process.names, process.handled = (), None
    scene.signal("HUP")
    scene.signal("TERM")
    assert [what for _, _, what in scene.sent] == ["USR2", "QUIT"]
    assert scene.said.count("unknown") == 1
    assert "blind" not in scene.said


def test_a_signal_with_its_sender_beats_the_signal_and_that_beats_its_class() -> None:
    scene = Scene('[on]\nstop = "QUIT"\nINT = "USR1"\n"INT@tty" = "USR2"')
    scene.signal("TERM")
    assert scene.sent[-1][2] == "QUIT"
    scene = Scene('[on]\nstop = "QUIT"\nINT = "USR1"\n"INT@tty" = "USR2"')
    scene.signal("INT", "inside")
    assert scene.sent[-1][2] == "USR1"
    scene = Scene('[on]\nstop = "QUIT"\nINT = "USR1"\n"INT@tty" = "USR2"')
    scene.signal("INT", "tty")
    assert scene.sent[-1][2] == "USR2"


def test_several_children_get_term_for_any_stop_signal() -> None:
    scene = Scene('[child.a]\ncommand = ["a"]\n[child.b]\ncommand = ["b"]')
    scene.signal("RTMIN+3")
    assert scene.sent == [(0, "a", "TERM"), (0, "b", "TERM")]


def test_a_held_stop_starts_the_stop_at_once_but_is_sent_when_the_child_is_ready() -> None:
    scene = Scene(HOLD)
    scene.signal("TERM", at=100)
    assert scene.state.stop is not None
    scene.until(5000)
    assert scene.sent == []
    scene.become("server", "postgres")
    scene.until(6000)
    assert scene.sent == [(5100, "server", "INT")]


def test_each_signal_is_held_once_and_they_are_released_in_order() -> None:
    scene = Scene(HOLD)
    for name in ("HUP", "HUP", "TERM", "HUP"):
        scene.signal(name)
    assert scene.said.count("held-already") == 2
    scene.become("server", "postgres")
    scene.until(1000)
    assert [what for _, _, what in scene.sent] == ["USR2", "INT"]


@pytest.mark.parametrize(("bound", "moment"), [("2s", 2000), ("7s", 7000)])
def test_a_hold_ends_at_its_bound(bound: str, moment: int) -> None:
    scene = Scene(HOLD.replace("60s", bound))
    scene.signal("TERM")
    scene.until(60_000)
    assert scene.sent == [(moment, "server", "KILL")]


def test_what_is_held_waits_for_the_handler_it_needs() -> None:
    scene = Scene(HOLD)
    scene.signal("TERM")
    scene.become("server", "postgres", handled=0)
    scene.until(550)
    assert scene.sent == [], "INT would kill it before its first instruction"
    scene.become("server", "postgres", handled=1 << 1)
    scene.until(650)
    assert scene.sent == [(600, "server", "INT")]


def test_but_not_for_ever() -> None:
    scene = Scene(HOLD)
    scene.signal("TERM")
    scene.become("server", "postgres", handled=0)
    scene.until(60_000)
    assert scene.sent == [(5100, "server", "INT")]


def test_and_not_beyond_the_bound_of_the_hold() -> None:
    scene = Scene(HOLD.replace("60s", "500ms"))
    scene.signal("TERM")
    scene.become("server", "postgres", handled=0)
    scene.until(60_000)
    assert scene.sent == [(500, "server", "INT")], "it is ready: what is held is acted on, not given up"


def test_what_arrives_meanwhile_stays_behind_what_is_held() -> None:
    scene = Scene(HOLD)
    scene.signal("HUP")
    scene.become("server", "postgres", handled=0)
    scene.until(100)
    scene.signal("TERM", at=150)
    scene.become("server", "postgres", handled=ALL_SIGNALS)
    scene.until(1000)
    assert scene.sent == [(200, "server", "USR2"), (200, "server", "INT")]


def test_a_stop_behind_what_is_held_begins_the_stop_at_once() -> None:
    scene = Scene("grace = '10s'" + HOLD)
    scene.signal("HUP")
    scene.become("server", "postgres", handled=0)
    for moment in (50, 150):
        scene.signal("USR1", at=moment)
    scene.signal("TERM", at=250)
    assert scene.sent == []
    assert scene.state.stop is not None
    assert wake(scene.state.but(children=(), busy=frozenset())) == 10_250


def test_it_looks_every_100_ms_only_while_something_is_held() -> None:
    scene = Scene(HOLD)
    assert wake(scene.state) is None
    scene.signal("HUP")
    assert wake(scene.state) == 100
    scene.become("server", "postgres")
    scene.until(1000)
    assert wake(scene.state) is None


def test_what_is_held_is_forgotten_when_the_child_exits() -> None:
    scene = Scene(HOLD)
    scene.signal("HUP")
    scene.exit("server", 4, at=250)
    assert (scene.code, scene.sent) == (4, [])


def test_a_signal_may_be_of_class_stop_from_one_sender_only() -> None:
    scene = Scene('[signals]\nstop = ["+WINCH@outside"]\n[on]\nstop = "QUIT 5s KILL"\n"WINCH@inside" = "USR1"')
    scene.become("server", "server", handled=0)
    scene.signal("WINCH", sender="inside")
    scene.signal("WINCH", sender="tty")
    assert [what for _, _, what in scene.sent] == ["USR1", "WINCH"]
    assert scene.state.stop is None
    scene.signal("WINCH", sender="outside")
    assert [what for _, _, what in scene.sent[2:]] == ["QUIT"]
    assert scene.state.stop is not None
    scene.signal("WINCH", sender="tty")
    assert [what for _, _, what in scene.sent[3:]] == ["WINCH"], "and so it is no repeat of it"
