"""A value that was queued with a signal: with whom it goes on, and with whom not."""

from __future__ import annotations

import pytest

from tests.pid1.scene import Scene

STARTS = '[child.server]\nprogram = "server"\n[child.server.starting]\n'
KINDS = ["RTMIN+6", "RTMIN+1", "RTMIN+6", "USR1"]


@pytest.mark.parametrize("value", [0, 1, -1, 2**31 - 1, -(2**31)])
@pytest.mark.parametrize("rules", ["", '[on]\n"RTMIN+6" = "forward"', '[on]\n"RTMIN+6" = "5s forward"'])
def test_what_is_forwarded_keeps_it(rules: str, value: int) -> None:
    scene = Scene(rules)
    scene.signal("RTMIN+6", value=value)
    scene.until(5000)
    assert scene.values == [("RTMIN+6", value)]


@pytest.mark.parametrize("sent", ["USR1", "RTMIN+6"])
def test_what_is_written_has_none_also_where_it_is_what_arrived(sent: str) -> None:
    scene = Scene(f'[on]\n"RTMIN+6" = "{sent}"')
    scene.signal("RTMIN+6", value=7)
    assert scene.values == [(sent, None)]


def test_of_a_chain_only_what_is_forwarded_has_it() -> None:
    scene = Scene('[on]\nstop = "forward 5s USR1 5s forward"')
    scene.freeze("server")
    scene.signal("TERM", value=7)
    scene.until(20_000)
    got = [("TERM", 7), ("CONT", None), ("USR1", None), ("CONT", None), ("TERM", 7), ("CONT", None)]
    assert scene.values == got


def test_a_group_has_none_and_of_a_tree_only_the_child() -> None:
    scene = Scene('[on]\nUSR1 = { send = "forward", scope = "process-group" }')
    scene.signal("USR1", value=7)
    assert scene.values == [("USR1", None)]
    scene = Scene('[on]\nUSR1 = { send = "forward", scope = "tree" }')
    scene.fork(scene.child("server"), alone=True)
    scene.signal("USR1", value=7)
    assert scene.values == [("USR1", 7)]
    assert len(scene.pids) == 2
    scene = Scene('[on]\nUSR1 = { send = "forward", scope = "tree" }', proc=False)
    scene.signal("USR1", value=7)
    scene.signal("USR1", value=8)
    assert scene.values == [("USR1", None)] * 2, "without /proc the group stands for the tree"


def test_each_child_gets_it() -> None:
    scene = Scene('[child.a]\ncommand = ["a"]\n[child.b]\ncommand = ["b"]\n')
    scene.signal("RTMIN+6", value=7)
    assert scene.sent == [(0, "a", "RTMIN+6"), (0, "b", "RTMIN+6")]
    assert scene.values == [("RTMIN+6", 7)] * 2


@pytest.mark.parametrize("rules", ["", '[on]\nUSR1 = "forward"\n"RTMIN+6" = "forward"\n"RTMIN+1" = "forward"'])
def test_a_hundred_are_a_hundred_in_their_order(rules: str) -> None:
    """Real-time signals queue (signal(7)): none is another's repeat, whether the child is looked at first or not."""
    scene = Scene(rules)
    arrived = [(KINDS[number % len(KINDS)], None if number % 7 == 3 else number) for number in range(100)]
    for name, value in arrived:
        scene.signal(name, value=value)
    assert scene.values == arrived


def test_what_is_held_keeps_it_and_what_is_held_already_is_not_kept() -> None:
    scene = Scene(STARTS + '"RTMIN+6" = "hold"\nUSR1 = "hold"\n"RTMIN+7" = { hold = "1s", else = "forward" }')
    for value, name in enumerate(("RTMIN+6", "USR1", "RTMIN+6", "RTMIN+7")):
        scene.signal(name, value=value)
    scene.until(1000)
    assert scene.values == [("RTMIN+7", 3)]
    scene.become("server", "server")
    scene.until(1100)
    assert scene.values[1:] == [("RTMIN+6", 0), ("USR1", 1)]


def test_what_waits_behind_what_is_held_keeps_it() -> None:
    scene = Scene(STARTS + 'HUP = "hold"')
    scene.signal("HUP")
    scene.become("server", "server", handled=0)
    scene.until(100)
    for value in range(100):
        scene.signal("RTMIN+6", value=value)
    assert scene.values == []
    scene.become("server", "server")
    scene.until(200)
    assert scene.values == [("HUP", None), *(("RTMIN+6", value) for value in range(100))]


def test_what_replaces_a_signal_replaces_its_value_and_once_more_is_the_same_once_more() -> None:
    scene = Scene('[on]\nUSR1 = { send = "5s forward", again = "1s forward" }')
    scene.signal("USR1", value=1)
    scene.signal("USR1", value=2, at=1000)
    scene.until(10_000)
    assert scene.values == [("USR1", 2)]
    scene = Scene('[on]\nUSR1 = { send = "5s forward", again = "repeat" }')
    scene.signal("USR1", value=1)
    scene.signal("USR1", value=2, at=1000)
    scene.until(20_000)
    assert scene.values == [("USR1", 1)] * 2
