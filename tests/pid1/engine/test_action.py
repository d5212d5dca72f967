"""An action under way: its steps and their times, repeats, ``after``, ``run``, ``scope``."""

from __future__ import annotations

import pytest

from sigroute.pid1.engine.life import EXITED
from tests.pid1.scene import Scene

TWO = '[child.front]\ncommand = ["f"]\n[child.back]\ncommand = ["b"]\n'


@pytest.mark.parametrize("wait", [0, 250, 30_000])
def test_an_escalation_at_its_times(wait: int) -> None:
    scene = Scene(f'[on]\nstop = "TERM {wait}ms INT 60s QUIT"')
    scene.signal("TERM", at=1000)
    scene.until(500_000)
    assert scene.sent == [
        (1000, "server", "TERM"),
        (1000 + wait, "server", "INT"),
        (61_000 + wait, "server", "QUIT"),
    ]


@pytest.mark.parametrize("wait", [0, 400, 5000])
def test_a_delay_is_as_long_as_written(wait: int) -> None:
    scene = Scene(f'[on]\nUSR1 = "{wait}ms forward"')
    scene.signal("USR1", at=50)
    scene.until(100_000)
    assert scene.sent == [(50 + wait, "server", "USR1")]


def test_a_wait_ends_when_everything_has_exited() -> None:
    scene = Scene('[on]\nstop = "TERM 30s KILL"')
    scene.signal("TERM")
    scene.exit("server", 0, at=10)
    assert (scene.code, scene.ended_at) == (0, 10)


def test_several_signals_are_sent_at_once_in_order() -> None:
    scene = Scene('[on]\nHUP = "USR2 WINCH"')
    scene.signal("HUP")
    assert scene.sent == [(0, "server", "USR2"), (0, "server", "WINCH")]


def test_an_action_without_a_wait_is_repeated_at_each_arrival() -> None:
    scene = Scene('[on]\nHUP = "USR2"')
    for moment in (0, 1, 500):
        scene.signal("HUP", at=moment)
    assert scene.sent == [(0, "server", "USR2"), (1, "server", "USR2"), (500, "server", "USR2")]


def test_a_second_stop_signal_of_whatever_key_starts_no_second_stop_action() -> None:
    scene = Scene('[on]\nstop = "QUIT 30s KILL"\nINT = "TERM 1s KILL"')
    scene.signal("TERM")
    scene.signal("INT", at=1000)
    scene.until(60_000)
    assert scene.sent == [(0, "server", "QUIT"), (30_000, "server", "KILL")]


@pytest.mark.parametrize(
    ("again", "sent"),
    [
        ('"ignore"', [(0, "QUIT"), (10_000, "TERM"), (20_000, "KILL")]),
        ('"next"', [(0, "QUIT"), (1000, "TERM"), (11_000, "KILL")]),
        ('"INT 1s KILL"', [(0, "QUIT"), (1000, "INT"), (2000, "KILL")]),
        ('{ TERM = "next" }', [(0, "QUIT"), (1000, "TERM"), (11_000, "KILL")]),
        ('{ INT = "KILL" }', [(0, "QUIT"), (10_000, "TERM"), (20_000, "KILL")]),
    ],
)
def test_a_repeat_does_what_again_says(again: str, sent: list[tuple[int, str]]) -> None:
    scene = Scene(f'[on]\nstop = {{ send = "QUIT 10s TERM 10s KILL", again = {again} }}')
    scene.signal("TERM")
    scene.signal("TERM", at=1000)
    scene.until(60_000)
    assert [(now, what) for now, _, what in scene.sent] == sent


def test_a_double_int_forces_where_a_double_term_does_not() -> None:
    rules = '[on]\nstop = { send = "QUIT 60s KILL", again = { INT = "KILL", TERM = "ignore" } }'
    scene = Scene(rules)
    scene.signal("TERM")
    scene.signal("TERM", at=500)
    scene.signal("INT", at=1000)
    scene.until(2000)
    assert [(now, what) for now, _, what in scene.sent] == [(0, "QUIT"), (1000, "KILL")]


@pytest.mark.parametrize("end", ["KILL", "QUIT KILL"])
def test_next_never_skips_the_wait_before_a_kill(end: str) -> None:
    scene = Scene(f'[on]\nstop = {{ send = "TERM 10s {end}", again = "next" }}')
    for moment in (0, 1000, 2000, 3000):
        scene.signal("TERM", at=moment)
    scene.until(60_000)
    assert scene.sent[0] == (0, "server", "TERM")
    assert {now for now, _, _ in scene.sent[1:]} == {10_000}


def test_next_skips_a_wait_whose_kill_comes_after_another_wait() -> None:
    scene = Scene('[on]\nstop = { send = "TERM 10s QUIT 10s KILL", again = "next" }')
    for moment in (0, 1000, 2000):
        scene.signal("TERM", at=moment)
    scene.until(60_000)
    assert scene.sent == [(0, "server", "TERM"), (1000, "server", "QUIT"), (11_000, "server", "KILL")]


def test_the_same_signal_within_200_ms_is_a_duplicate() -> None:
    scene = Scene('[on]\nstop = { send = "TERM 10s INT 10s QUIT", again = "next" }')
    scene.signal("TERM")
    scene.signal("TERM", at=199)
    assert scene.said[-1] == "duplicate"
    scene.signal("TERM", at=200)
    assert scene.sent[-1] == (200, "server", "INT")


def test_repeat_does_it_once_more_when_it_is_done() -> None:
    scene = Scene('[on]\nHUP = { send = "1s USR2", again = "repeat" }')
    scene.signal("HUP")
    for moment in (300, 600):
        scene.signal("HUP", at=moment)
    scene.until(60_000)
    assert scene.sent == [(1000, "server", "USR2"), (2000, "server", "USR2")]


def test_what_arrives_just_after_it_began_anew_is_no_duplicate() -> None:
    scene = Scene('[on]\nHUP = { send = "1s USR2", again = "repeat" }')
    for moment in (0, 700, 1100):  # it begins anew at 1000
        scene.signal("HUP", at=moment)
    scene.until(60_000)
    assert [now for now, _, _ in scene.sent] == [1000, 2000, 3000]


def test_a_duplicate_of_what_made_it_begin_anew_still_is_one() -> None:
    scene = Scene('[on]\nstop = { send = "QUIT", again = "repeat" }')
    for name, moment in (("TERM", 0), ("INT", 1000), ("INT", 1100), ("TERM", 1150)):
        scene.signal(name, at=moment)
    assert [now for now, _, _ in scene.sent] == [0, 1000, 1150]


def test_what_is_cancelled_at_the_moment_it_was_due_is_not_sent() -> None:
    scene = Scene('[on]\nstop = { send = "1s QUIT", again = "repeat" }\nHUP = "700ms USR2"')
    for name, moment in (("TERM", 0), ("TERM", 250), ("HUP", 300)):
        scene.signal(name, at=moment)
    scene.until(60_000)
    assert [what for _, _, what in scene.sent] == ["QUIT", "QUIT"]
    assert scene.said.count("cancelled") == 1


def test_what_replaces_an_action_replaces_its_being_done_once_more_too() -> None:
    scene = Scene('[on]\nstop = { send = "QUIT 10s USR1", again = { TERM = "repeat", INT = "USR2 1s KILL" } }')
    for name, moment in (("TERM", 0), ("TERM", 1000), ("INT", 2000)):
        scene.signal(name, at=moment)
    scene.until(60_000)
    assert [(now, what) for now, _, what in scene.sent] == [(0, "QUIT"), (2000, "USR2"), (3000, "KILL")]


def test_a_stop_cancels_the_other_actions_and_kills_their_commands() -> None:
    scene = Scene('[on]\nHUP = { run = ["check"], send = "USR2" }\nUSR1 = "5s USR1"\nstop = "QUIT"')
    scene.signal("HUP")
    scene.signal("USR1")
    (command,) = [each.pid for each in scene.living() if each.run is not None]
    scene.signal("TERM", at=100)
    scene.until(60_000)
    assert (-command, "KILL") in scene.pids
    assert [what for _, _, what in scene.sent if what not in ("KILL", "QUIT")] == []


def test_after_waits_for_all_of_them_to_exit() -> None:
    scene = Scene(TWO + '[child.back.on]\nstop = { after = "front", send = "QUIT 5s KILL" }\n[exit]\nwhen = "all"')
    scene.signal("TERM")
    assert scene.sent == [(0, "front", "TERM")]
    scene.exit("front", at=700)
    assert scene.sent[1:] == [(700, "back", "QUIT")]
    scene.until(60_000)
    assert scene.sent[2:] == [(5700, "back", "KILL")]


def test_after_one_that_was_never_started_does_not_wait() -> None:
    rules = TWO + '[child.back.on]\nstop = { after = "front", send = "QUIT" }\n[exit]\nwhen = "back"'
    scene = Scene(rules, fails=("front",))
    scene.signal("TERM")
    assert scene.sent == [(0, "back", "QUIT")]


def test_after_a_group_means_its_members_but_oneself() -> None:
    rules = (
        '[child.a]\ncommand = ["a"]\ngroups = ["g"]\n[child.b]\ncommand = ["b"]\ngroups = ["g"]\n'
        '[child.c]\ncommand = ["c"]\ngroups = ["g"]\n[child.c.on]\nstop = { after = "@g", send = "INT" }'
    )
    scene = Scene(rules)
    scene.signal("TERM")
    scene.exit("a", at=100)
    assert ("c", "INT") not in [(who, what) for _, who, what in scene.sent]
    scene.exit("b", at=200)
    assert scene.sent[-1] == (200, "c", "INT")


def test_the_scopes_reach_what_they_say() -> None:
    got = {}
    for scope in ("process", "process-group", "tree"):
        scene = Scene(f'[on]\nUSR1 = {{ send = "USR1", scope = "{scope}" }}')
        server = scene.child("server")
        scene.fork(server, alone=False)
        away = scene.fork(server, alone=True)
        assert away is not None
        scene.fork(away, alone=False)
        scene.new(0)  # somebody who entered from outside
        scene.signal("USR1")
        got[scope] = [pid - server.pid if pid > 0 else pid + server.pid for pid, _ in scene.pids]
        assert all((pid > 0) == (scope != "process-group") for pid, _ in scene.pids)
    assert got == {"process": [0], "process-group": [0], "tree": [0, 1, 2, 3]}


@pytest.mark.parametrize(
    ("scope", "reached"), [("process", []), ("process-group", ["near"]), ("tree", ["near", "far"])]
)
def test_the_escalation_goes_on_while_its_scope_lives(scope: str, reached: list[str]) -> None:
    """The leader exits at TERM, its workers do not (process-compose#520, circus#1044)."""
    scene = Scene(f'[on]\nstop = {{ send = "TERM 2s KILL", scope = "{scope}" }}\n[drain]\nwait = "60s"')
    server = scene.child("server")
    near, far = scene.fork(server, alone=False), scene.fork(server, alone=True)
    assert near is not None
    assert far is not None
    scene.signal("TERM")
    scene.exit("server", 0, at=100)
    scene.until(2500)
    names = {near.pid: "near", far.pid: "far"}
    assert [names[pid] for pid, what in scene.pids if what == "KILL" and pid in names] == reached


@pytest.mark.parametrize("scope", ["process", "process-group", "tree"])
def test_a_stopped_child_gets_cont_after_each_signal_of_a_stop(scope: str) -> None:
    scene = Scene(f'[on]\nstop = {{ send = "TERM", scope = "{scope}" }}\nUSR1 = "USR1"')
    scene.freeze("server")
    scene.signal("USR1")
    scene.signal("TERM")
    assert [what for _, _, what in scene.sent] == ["USR1", "TERM", "CONT"]


@pytest.mark.parametrize(("scope", "group"), [("process", 1), ("process-group", -1), ("tree", 1)])
def test_one_that_turns_out_to_be_stopped_gets_cont_once_for_each_signal_of_a_stop(scope: str, group: int) -> None:
    scene = Scene(f'[on]\nstop = {{ send = "TERM 1s INT 1s KILL", scope = "{scope}" }}\nUSR1 = "USR1"')
    pid = scene.child("server").pid
    scene.signal("USR1")
    scene.freeze("server")
    scene.thaw("server")
    assert [what for _, what in scene.pids] == ["USR1"]
    scene.signal("TERM")
    for _ in range(3):
        scene.freeze("server")
        scene.thaw("server")
    scene.until(1500)
    for _ in range(3):
        scene.freeze("server")
    assert [what for _, what in scene.pids] == ["USR1", "TERM", "CONT", "INT", "CONT"]
    assert scene.pids[2] == (group * pid, "CONT")


def test_one_that_is_stopped_before_its_stop_has_sent_anything_waits_for_that() -> None:
    scene = Scene('[on]\nstop = "1s TERM"')
    scene.signal("TERM")
    scene.freeze("server")
    scene.until(1500)
    assert scene.sent == [(1000, "server", "TERM"), (1000, "server", "CONT")]


def test_where_nothing_is_left_in_scope_nothing_is_begun_once_more() -> None:
    reload = 'HUP = { run = ["check"], send = "5s USR1", scope = "tree", again = "repeat" }'
    scene = Scene(f'[child.a]\ncommand = ["a"]\n[child.b]\ncommand = ["b"]\n[child.a.on]\n{reload}\n[exit]\nwhen = "b"')
    left = scene.fork(scene.child("a"), alone=False)
    assert left is not None
    scene.signal("HUP")
    scene.end(next(each for each in scene.processes.values() if each.run is not None))
    scene.signal("HUP", at=1_000)  # to be done once more
    scene.exit("a", at=2_000)
    scene.die(left)  # a zombie when the wait is over
    scene.until(10_000)
    assert len(scene.ran) == 1
    assert scene.state.children[0].phase == EXITED
