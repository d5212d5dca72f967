"""``sigroute stop``, ``start`` and ``restart``, by scenes: what children do, who is answered, and what ends nobody."""

from __future__ import annotations

from itertools import count

import pytest

from sigroute.pid1.engine.effects import Say
from sigroute.pid1.engine.requests import Reply, Requested
from tests.pid1.scene import Scene

NUMBERS = count(1)

TWO = """
[child.web]
command = ["web"]
[child.web.on]
stop = "QUIT"
[child.db]
command = ["db"]
"""


def ask(scene: Scene, what: str, *names: str) -> int:
    """Ask for something; return its number."""
    number = next(NUMBERS)
    scene.feed(Requested(number=number, what=what, children=tuple(scene.names.index(name) for name in names)))
    return number


def replies(scene: Scene) -> dict[int, str]:
    """Return what was replied: why it is refused, or nothing."""
    return {effect.number: effect.refused for _, effect in scene.done if isinstance(effect, Reply)}


def phase(scene: Scene, name: str) -> str:
    return scene.state.children[scene.names.index(name)].phase


def test_who_is_stopped_gets_the_stop_action_stays_down_and_ends_nobody() -> None:
    scene = Scene(TWO)
    number = ask(scene, "stop", "web")
    assert [(who, what) for _, who, what in scene.sent] == [("web", "QUIT")]
    assert number not in replies(scene)
    scene.exit("web", 3)
    assert replies(scene)[number] == ""
    assert (phase(scene, "web"), scene.state.stop) == ("exited", None)
    scene.until(1_000_000)
    assert phase(scene, "web") == "exited"


def test_who_is_down_can_be_started_and_then_its_exit_counts_again() -> None:
    scene = Scene(TWO)
    ask(scene, "stop", "web")
    scene.exit("web")
    number = ask(scene, "start", "web")
    scene.tick()
    assert replies(scene)[number] == ""
    assert phase(scene, "web") == "running"
    scene.exit("web", 4)
    assert scene.state.stop is not None
    scene.exit("db")
    assert scene.ends() == 4


def test_a_restart_does_not_apply_to_who_is_stopped() -> None:
    scene = Scene('[child.web]\ncommand = ["web"]\nrestart = "always"\n[child.db]\ncommand = ["db"]\n')
    ask(scene, "stop", "web")
    scene.exit("web", 1)
    scene.until(100_000)
    assert phase(scene, "web") == "exited"
    assert "comes-back" not in scene.said


def test_who_backs_off_is_started_at_once_or_stays_down() -> None:
    rules = '[child.web]\ncommand = ["web"]\nrestart = { wait = "1h" }\n[child.db]\ncommand = ["db"]\n'
    scene = Scene(rules)
    scene.exit("web", 1)
    number = ask(scene, "start", "web")
    scene.tick()
    assert (replies(scene)[number], phase(scene, "web")) == ("", "running")
    scene.exit("web", 1)
    number = ask(scene, "stop", "web")
    assert (replies(scene)[number], phase(scene, "web")) == ("", "exited")


def test_a_restart_kills_what_is_left_and_starts_it_again_whatever_the_rules_say() -> None:
    scene = Scene(TWO)
    worker = scene.fork(scene.child("web"), alone=False)
    number = ask(scene, "restart", "web")
    scene.exit("web")
    assert ("web", "KILL") in [(who, what) for _, who, what in scene.sent]
    assert worker is not None
    scene.end(worker)
    scene.tick()
    assert (replies(scene)[number], phase(scene, "web"), scene.state.stop) == ("", "running", None)


def test_the_reply_comes_when_it_is_ready() -> None:
    rules = '[child.web]\ncommand = ["web"]\nready = "5s"\n[child.db]\ncommand = ["db"]\n'
    scene = Scene(rules)
    scene.until(6_000)
    number = ask(scene, "restart", "web")
    scene.exit("web")
    scene.until(10_000)
    assert number not in replies(scene)
    scene.until(12_000)
    assert replies(scene)[number] == ""


def test_a_program_is_looked_for_until_it_is_there() -> None:
    scene = Scene('[child.web]\ncommand = ["start"]\nprogram = "nginx"\n[child.db]\ncommand = ["db"]\n')
    number = ask(scene, "start", "web")
    scene.until(1_000)
    assert number not in replies(scene)
    scene.become("web", "nginx")
    scene.until(2_000)
    assert replies(scene)[number] == ""


def test_who_exits_before_it_is_ready_is_told_of() -> None:
    rules = '[child.web]\ncommand = ["web"]\nready = "5s"\nrestart = "always"\n[child.db]\ncommand = ["db"]\n'
    scene = Scene(rules)
    number = ask(scene, "restart", "web")
    scene.exit("web")
    scene.tick()
    scene.exit("web", 7)
    assert replies(scene)[number] == "web has exited with 7, and is started again later"


def test_those_that_need_one_that_is_down_wait_for_it() -> None:
    rules = '[child.db]\ncommand = ["db"]\nready = "1s"\n[child.web]\ncommand = ["web"]\nneeds = "db"\n'
    scene = Scene(rules)
    ask(scene, "stop", "db")
    scene.exit("db")
    assert phase(scene, "web") == "waiting"
    ask(scene, "start", "db")
    scene.until(5_000)
    assert phase(scene, "web") == "running"


@pytest.mark.parametrize(
    ("what", "name", "why"),
    [
        ("stop", "job", "job is a task: it runs when the rules say so"),
        ("start", "rare", "rare is left out (only-if)"),
        ("restart", "deaf", "the rules of deaf drop TERM: nothing would stop it"),
    ],
)
def test_what_cannot_be_done_is_refused(what: str, name: str, why: str) -> None:
    scene = Scene(
        '[task.job]\ncommand = ["job"]\n'
        '[child.rare]\ncommand = ["rare"]\nonly-if = "NEVER"\n'
        '[child.deaf]\ncommand = ["deaf"]\non.stop = "drop"\n'
        '[child.web]\ncommand = ["web"]\n'
    )
    scene.run_ends(1)
    number = ask(scene, what, name)
    assert replies(scene)[number] == why


def test_a_stop_of_the_container_ends_what_is_under_way_and_refuses_more() -> None:
    scene = Scene(TWO)
    under_way = ask(scene, "restart", "web")
    scene.signal("TERM")
    assert replies(scene)[under_way] == "the container stops"
    late = ask(scene, "start", "web")
    assert replies(scene)[late] == "the container stops"
    scene.exit("web")
    scene.exit("db")
    assert scene.ends() is not None


def test_two_who_disagree_are_both_told() -> None:
    scene = Scene(TWO)
    first = ask(scene, "restart", "web")
    second = ask(scene, "stop", "web")
    assert replies(scene)[first] == "somebody else has asked to stop web"
    third = ask(scene, "start", "web")
    assert replies(scene)[second] == "somebody else has asked to start or restart web"
    scene.exit("web")
    scene.until(5_000)
    assert replies(scene)[third] == ""


def test_a_container_whose_children_are_all_down_goes_on_until_a_stop() -> None:
    scene = Scene(TWO)
    ask(scene, "stop", "web", "db")
    scene.exit("web")
    scene.exit("db")
    scene.until(1_000_000)
    assert scene.code is None
    scene.signal("TERM")
    assert scene.ends() is not None


def test_what_is_asked_for_is_told_with_who_asks() -> None:
    scene = Scene(TWO)
    scene.feed(Requested(number=1, what="stop", children=(0, 1), pid=12, uid=5))
    told = [effect.text for _, effect in scene.done if isinstance(effect, Say) and effect.what == "requested"]
    assert told == ["stop web, db (pid 12, uid 5)"]


def test_a_signal_for_who_can_get_none_is_refused() -> None:
    rules = '[child.web]\ncommand = ["web"]\nrestart = "always"\n[task.last]\ncommand = ["last"]\nat = "end"\n'
    scene = Scene(f"grace = '5s'\n{rules}")
    scene.signal("TERM")
    scene.exit("web")
    number = ask(scene, "send", "last")
    assert replies(scene)[number] == "last is a task of the end, which gets none"
    scene = Scene(f"grace = '5s'\n{rules}")
    scene.signal("TERM")
    scene.until(5_000)
    number = ask(scene, "send", "web")
    assert replies(scene)[number] == "grace is over: all get KILL"


def test_who_is_asked_twice_gets_one_signal() -> None:
    scene = Scene(TWO)
    ask(scene, "stop", "web")
    scene.until(5_000)
    ask(scene, "stop", "web")
    ask(scene, "restart", "web")
    assert [what for _, who, what in scene.sent if who == "web"] == ["QUIT"]


def test_the_exit_of_who_is_stopped_ends_nothing_though_it_is_the_last() -> None:
    scene = Scene(f'[exit]\nwhen = "all"\n{TWO}')
    scene.exit("db", 7)
    ask(scene, "stop", "web")
    scene.exit("web")
    assert scene.state.stop is None
    number = ask(scene, "start", "web")
    scene.tick()
    assert replies(scene)[number] == ""


def test_who_is_not_started_for_want_of_another_is_told_so() -> None:
    rules = '[child.db]\ncommand = ["db"]\nready = "1h"\n[child.web]\ncommand = ["web"]\nneeds = "db"\n'
    scene = Scene(f'[exit]\nwhen = "all"\n{rules}[child.other]\ncommand = ["other"]\n')
    scene.exit("db", 3)
    number = ask(scene, "start", "web")
    scene.tick()
    assert replies(scene)[number] == "web is not started: what it needs has exited"
