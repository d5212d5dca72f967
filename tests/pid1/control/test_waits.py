"""What a child waits for: for every kind of wait there is a scene, and each has words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sigroute.pid1.control import table
from sigroute.pid1.control.waits import waits_of
from sigroute.pid1.engine.draft import Draft
from sigroute.pid1.engine.life import ALIVE
from sigroute.pid1.kernel import proc
from tests.pid1 import histories, many_histories
from tests.pid1.control.told import told
from tests.pid1.histories import History, live_through
from tests.pid1.many_histories import ManyHistory
from tests.pid1.scene import Scene
from tests.pid1.world import World

if TYPE_CHECKING:
    from tests.pid1.histories import Chooser


def waits(scene: Scene, name: str) -> list[Any]:
    return list(waits_of(Draft(scene.plan, scene.state, scene.now), scene.names.index(name)))


def web(scene: Scene) -> tuple[list[Any], list[str]]:
    """Return what the child ``web`` waits for, and the words for it."""
    found = waits(scene, "web")
    return found, [table.words(each) for each in found]


ONE = '[child.web]\ncommand = ["web"]\n'


def test_nothing() -> None:
    assert web(Scene(ONE)) == ([], [])


def test_needs() -> None:
    scene = Scene(
        f'{ONE}needs = ["db", "cache"]\n[child.db]\ncommand = ["db"]\nready = "5s"\n[child.cache]\ncommand = ["c"]'
    )
    assert web(scene) == ([{"for": "needs", "children": ["db"]}], ["for db"])
    scene.until(6_000)
    assert waits(scene, "web") == []


def test_the_end() -> None:
    scene = Scene(f'{ONE}[task.last]\ncommand = ["l"]\nat = "end"\n')
    found = waits(scene, "last")
    assert (found, [table.words(each) for each in found]) == ([{"for": "end"}], ["for the end"])


def test_another_start() -> None:
    scene = Scene(f'{ONE}restart = {{ wait = "5s" }}\n[child.b]\ncommand = ["b"]\n')
    scene.exit("web", 1, at=1_000)
    scene.until(2_000)
    assert web(scene) == ([{"for": "start", "ms": 4_000}], ["to be started again in 4.0 s"])
    scene.until(7_000)
    assert web(scene) == ([], [])


def test_the_program() -> None:
    scene = Scene(f'{ONE}program = ["server", "web"]\n')
    assert web(scene) == ([{"for": "program", "children": ["server", "web"]}], ["to become server, web"])
    scene.become("web", "server")
    scene.signal("USR1")
    assert web(scene) == ([], [])


def test_its_tree() -> None:
    scene = Scene(f'{ONE}exited = "tree"\n')
    scene.fork(scene.child("web"), alone=False)
    scene.signal("USR1")
    scene.exit("web")
    assert web(scene) == ([{"for": "tree", "processes": 1}], ["for its tree: processes left: 1"])


def test_readiness() -> None:
    rules = 'ready = { listen = "127.0.0.1:80", within = "9s" }\n[child.b]\ncommand = ["b"]\nneeds = "web"\n'
    scene = Scene(f"{ONE}{rules}")
    scene.until(4_000)
    assert web(scene) == ([{"for": "ready", "ms": 5_000}], ["to be ready, 5.0 s at most"])


@pytest.mark.parametrize(
    ("rule", "ms", "words"), [('"hold"', None, ""), ('{ hold = "3s", else = "KILL" }', 2_000, ", 2.0 s at most")]
)
def test_a_signal_that_is_held(rule: str, ms: int | None, words: str) -> None:
    scene = Scene(f'{ONE}program = "server"\n[child.web.starting]\nHUP = {rule}\n')
    scene.signal("HUP", at=1_000)
    scene.until(2_000)
    found, all_words = web(scene)
    assert found == [{"for": "program", "children": ["server"]}, {"for": "hold", "signal": "HUP", "ms": ms}]
    assert all_words[1] == f"with HUP, which is held{words}"


def test_others_that_are_to_exit_before() -> None:
    rules = '[child.web.on]\nstop = { after = "front", send = "TERM" }\n[child.front]\ncommand = ["f"]\n'
    scene = Scene(f"{ONE}{rules}")
    scene.signal("TERM")
    assert web(scene) == ([{"for": "after", "signal": "TERM", "children": ["front"]}], ["with TERM, for front"])
    scene.exit("front")
    assert web(scene) == ([{"for": "exit", "signal": "TERM"}], ["to exit after TERM"])


def test_a_command() -> None:
    scene = Scene(f'{ONE}[child.web.on]\nHUP = {{ run = ["check"], timeout = "7s", send = "USR2" }}\n')
    scene.signal("HUP", at=1_000)
    scene.until(3_000)
    assert web(scene) == ([{"for": "run", "signal": "HUP", "ms": 5_000}], ["with HUP, for its command, 5.0 s at most"])


def test_a_step() -> None:
    scene = Scene(f'{ONE}[child.web.on]\nstop = "QUIT 8s KILL"\nUSR1 = "3s HUP"\n')
    scene.signal("USR1", at=1_000)
    scene.until(2_000)
    assert web(scene) == ([{"for": "step", "signal": "HUP", "ms": 2_000}], ["HUP in 2.0 s"])
    scene.signal("TERM", at=5_000)
    scene.until(6_000)
    assert web(scene) == ([{"for": "step", "signal": "KILL", "ms": 7_000}], ["KILL in 7.0 s"])


def test_connections() -> None:
    rules = 'ready = { listen = "0.0.0.0:80" }\n[child.web.on]\nstop = "5s idle 30s QUIT"\n'
    scene = Scene(f"{ONE}{rules}")
    scene.busy = {b"0.0.0.0:80"}
    scene.signal("TERM", at=1_000)
    scene.until(2_000)
    assert web(scene) == ([{"for": "step", "signal": "QUIT", "ms": 4_000}], ["QUIT in 4.0 s"])
    scene.until(8_000)
    assert web(scene) == (
        [{"for": "idle", "signal": "QUIT", "ms": 28_000}],
        ["with QUIT, for its connections, 28.0 s at most"],
    )


#: What was waited for in random histories.
KINDS: set[str] = set()


def live(pick: Chooser) -> None:
    """Ask for the status after each event of a random history."""
    many = pick.choice((True, False))
    world = World((many_histories if many else histories).plan(pick), proc=pick.choice((True, True, False)))
    history = (ManyHistory if many else History)(world, pick)

    def look(*_: object) -> None:
        found, text = told(world)
        alive = {child.pid for child in world.state.children if child.phase in ALIVE}
        assert {each["pid"] for each in found["children"]} - {None} == alive
        for child in found["children"]:
            for each in child["waits"]:
                KINDS.add(each["for"])
                assert table.words(each) in text
                assert each.get("ms") is None or each["ms"] >= 0

    world.watchers.append(look)
    history.play(pick.choice((5, 20, 60)))


def test_of_any_history_the_status_can_be_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proc, "processes", lambda: None)  # those of this machine are none of theirs
    live_through(400, live)
    # Each has a scene above, and random histories come to all of them, and to no other.
    assert {
        "needs",
        "end",
        "start",
        "program",
        "tree",
        "ready",
        "hold",
        "after",
        "run",
        "idle",
        "step",
        "exit",
    } == KINDS
