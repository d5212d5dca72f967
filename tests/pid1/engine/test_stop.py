"""The stop: what begins it, grace, the drain, the exit code."""

from __future__ import annotations

import pytest

from sigroute.pid1.engine import events as ev
from tests.pid1.scene import NOBODY, Scene

TWO = '[child.front]\ncommand = ["f"]\n[child.back]\ncommand = ["b"]\n'


def test_a_stop_signal_that_every_child_drops_starts_no_stop() -> None:
    scene = Scene('[on]\nWINCH = "drop"\n[signals]\nstop = ["+WINCH"]')
    scene.signal("WINCH")
    assert scene.state.stop is None


def test_one_child_that_does_not_drop_it_is_enough() -> None:
    scene = Scene(TWO + '[child.front.on]\nINT = "drop"\n')
    scene.signal("INT")
    assert scene.state.stop is not None
    assert scene.sent == [(0, "back", "TERM")]


@pytest.mark.parametrize("name", ["TERM", "INT", "QUIT", "PWR", "RTMIN+3"])
def test_the_built_in_class(name: str) -> None:
    scene = Scene('[on]\nstop = "USR2"')
    scene.signal(name)
    assert scene.sent == [(0, "server", "USR2")]


@pytest.mark.parametrize(
    ("when", "exits", "ends"),
    [('"any"', ["back"], True), ('"all"', ["back"], False), ('"front"', ["back"], False), ('"front"', ["front"], True)],
)
def test_the_container_ends_when_the_rules_say(when: str, exits: list[str], ends: object) -> None:
    scene = Scene(TWO + f"[exit]\nwhen = {when}")
    for name in exits:
        scene.exit(name)
    assert bool(scene.state.stop) == bool(ends)


def test_then_everything_happens_as_if_term_had_arrived_and_a_term_is_its_first_repeat() -> None:
    scene = Scene(TWO + '[on]\nstop = { send = "QUIT 10s INT", again = "next" }')
    scene.exit("front", at=1000)
    assert scene.sent == [(1000, "back", "QUIT")]
    scene.signal("TERM", at=3000)
    assert scene.sent[1:] == [(3000, "back", "INT")]


@pytest.mark.parametrize("grace", [500, 3000])
def test_when_grace_is_over_all_that_is_left_is_killed(grace: int) -> None:
    scene = Scene(f'grace = "{grace}ms"\n{TWO}[on]\nstop = "TERM 60s QUIT"')
    scene.signal("TERM", at=100)
    scene.until(60_000)
    assert scene.sent[2:] == [(100 + grace, "front", "KILL"), (100 + grace, "back", "KILL")]
    scene.reap()
    assert scene.code == 137


def test_grace_covers_the_drain_too() -> None:
    scene = Scene('grace = "2s"\n[drain]\nwait = "60s"')
    daemon = scene.fork(scene.child("server"), alone=True)
    assert daemon is not None
    scene.signal("TERM")
    scene.exit("server", at=1500)
    scene.until(60_000)
    assert [(now, what) for now, who, what in scene.sent if who == NOBODY] == [
        (1500, "TERM"),
        (1500, "CONT"),
        (2000, "KILL"),
    ]


def test_what_not_even_kill_ends_is_not_waited_for_for_ever() -> None:
    scene = Scene('grace = "2s"')
    scene.mortal = False
    scene.signal("TERM")
    scene.until(60_000)
    assert (scene.code, scene.ended_at) == (137, 4000)
    assert "undying" in scene.said


def test_after_grace_nothing_is_sent_or_run_any_more() -> None:
    scene = Scene('grace = "2s"\n[on]\nstop = { run = ["shutdown"], send = "TERM", else = "TERM" }\nHUP = "USR2"')
    scene.mortal = False
    scene.signal("TERM")
    scene.run_ends(0)
    for name in ("TERM", "HUP"):
        scene.signal(name, at=2500)
    scene.until(60_000)
    assert scene.sent == [(0, "server", "TERM"), (2000, "server", "KILL")]
    assert len(scene.ran) == 1


def test_without_grace_there_is_no_hidden_timer() -> None:
    scene = Scene()
    scene.signal("TERM")
    scene.until(3_600_000)
    assert scene.sent == [(0, "server", "TERM")]


@pytest.mark.parametrize("wait", [0, 300, 5000])
def test_the_drain_ends_what_nobody_declared(wait: int) -> None:
    scene = Scene(f'[drain]\nwait = "{wait}ms"')
    daemon, guest = scene.fork(scene.child("server"), alone=True), scene.new(0)
    assert daemon is not None
    assert guest is not None
    scene.exit("server", 5, at=100)
    scene.until(60_000)
    scene.reap()
    politely = [(daemon.pid, "TERM"), (daemon.pid, "CONT")] if wait else []
    assert scene.pids == [*politely, (daemon.pid, "KILL")]
    assert scene.sent[-1][0] == 100 + wait
    assert scene.code == 5


def test_the_drain_ends_as_soon_as_nothing_is_left() -> None:
    scene = Scene()
    daemon = scene.fork(scene.child("server"), alone=True)
    assert daemon is not None
    scene.exit("server", at=100)
    scene.end(daemon, at=250)
    assert (scene.code, scene.ended_at) == (0, 250)


def test_with_nothing_left_it_ends_at_once() -> None:
    scene = Scene('grace = "60s"')
    scene.signal("TERM")
    scene.exit("server", at=40)
    assert scene.ended_at == 40


@pytest.mark.parametrize("asked", [True, False])
def test_who_leaves_its_own_processes_to_the_drain_in_a_stop_is_named(asked: object) -> None:
    scene = Scene()
    assert scene.fork(scene.child("server"), alone=False)
    if asked:
        scene.signal("TERM")
    scene.exit("server")
    assert ("left" in scene.said) == bool(asked)


def test_a_process_that_forks_while_it_is_killed_is_found() -> None:
    scene = Scene('[drain]\nwait = "1s"')
    first = scene.fork(scene.child("server"), alone=True)
    assert first is not None
    scene.exit("server")
    scene.until(900)
    second = scene.fork(first, alone=True)
    assert second is not None
    scene.until(1000)
    third = scene.new(1)  # a child of what has just been killed, not on its list
    assert third is not None
    scene.until(60_000)
    assert [pid for pid, what in scene.pids if what == "KILL"] == [first.pid, second.pid, third.pid]


def test_without_proc_the_drain_is_left_out() -> None:
    scene = Scene(proc=False)
    assert scene.fork(scene.child("server"), alone=True)
    scene.exit("server", 3)
    assert scene.code == 3


@pytest.mark.parametrize(
    ("rules", "asked", "exits", "code"),
    [
        ("", True, {"front": 3, "back": 4}, 3),  # the first declared, in a stop that was asked for
        ("", False, {"back": 4, "front": 3}, 4),  # otherwise the one whose exit met `when`
        ('[exit]\nwhen = "back"', True, {"front": 3, "back": 4}, 4),
        ('[exit]\nwhen = "back"\ncode = "front"', True, {"front": 3, "back": 4}, 3),
        ("[exit]\nmap = { 143 = 0 }", True, {"front": 143, "back": 4}, 0),
        ("[exit]\nmap = { 143 = 0 }", False, {"front": 143, "back": 4}, 143),
        ("[exit]\nmap = { any = 7 }", True, {"front": 9, "back": 4}, 7),
        ("[exit]\nmap = { any = 7, 9 = 8 }", True, {"front": 9, "back": 4}, 8),
    ],
)
def test_the_exit_code(rules: str, asked: object, exits: dict[str, int], code: int) -> None:
    scene = Scene(TWO + rules)
    if asked:
        scene.signal("TERM")
    for name, status in exits.items():
        scene.exit(name, status)
    assert scene.code == code


def test_the_exit_code_is_that_of_the_child_that_took_the_command_line() -> None:
    scene = Scene('[child.helper]\ncommand = ["h"]\n[child.main]\n')
    scene.signal("TERM")
    scene.exit("helper", 3)
    scene.exit("main", 4)
    assert scene.code == 4


def test_a_child_that_can_not_be_started_gives_126_or_127() -> None:
    scene = Scene(fails=("server",))
    assert scene.code == 127


def test_a_stop_before_the_start_is_128_and_its_signal() -> None:
    scene = Scene(TWO, begun=False)
    scene.feed(ev.Signal(signal=2, sender="outside"))
    scene.ends()
    assert scene.code == 130
    assert scene.said.count("never-started") == 2
