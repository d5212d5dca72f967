"""The order of many children: what they need starts before them and is stopped after them."""

from __future__ import annotations

import pytest

from sigroute.pid1.engine import effects as fx
from sigroute.pid1.engine import events as ev
from tests.pid1.scene import Scene

CHAIN = """
[child.web]
command = ["web"]
needs   = "tables"
[child.db]
command = ["db"]
ready   = "5s"
[task.tables]
command = ["tables"]
needs   = "db"
"""


def starts(scene: Scene) -> list[tuple[int, str]]:
    """Return when which child was started."""
    return [(now, scene.names[effect.child]) for now, effect in scene.done if isinstance(effect, fx.Spawn)]


def told(scene: Scene, what: str) -> list[tuple[str, str]]:
    """Return whom a line was about, and its text."""
    lines = [effect for _, effect in scene.done if isinstance(effect, fx.Say) and effect.what == what]
    return [(scene.names[each.child], each.text) for each in lines]


def test_each_starts_when_what_it_needs_is_ready() -> None:
    scene = Scene(CHAIN)
    scene.until(7000)
    assert starts(scene) == [(0, "db"), (5000, "tables")]
    scene.exit("tables", 0, at=9000)
    scene.tick()
    assert starts(scene)[2:] == [(9000, "web")]
    assert told(scene, "needs") == [("web", "tables"), ("tables", "db")]


def test_a_stop_goes_the_other_way_round() -> None:
    scene = Scene(CHAIN)
    scene.until(5000)
    scene.exit("tables")
    scene.tick()
    scene.signal("TERM", at=20_000)
    assert scene.sent == [(20_000, "web", "TERM")]
    scene.exit("web", 143, at=21_000)
    assert scene.sent[1:] == [(21_000, "db", "TERM")]
    scene.exit("db", at=22_000)
    assert scene.code == 143


def test_a_stop_while_a_task_runs_waits_for_the_task() -> None:
    """Who needs a task that needs the database stops before it, and so does the task."""
    scene = Scene(CHAIN)
    scene.until(5000)
    scene.signal("TERM", at=6000)
    assert scene.sent == [(6000, "tables", "TERM")]
    scene.exit("tables", 143, at=7000)
    assert scene.sent[1:] == [(7000, "db", "TERM")]
    scene.exit("db", at=8000)
    assert [name for _, name in starts(scene)] == ["db", "tables"]
    assert scene.code == 0  # web was never started, so the code of db counts


@pytest.mark.parametrize("moment", [0, 1, 4999, 5000, 5001])
def test_nothing_starts_after_a_stop_has_begun(moment: int) -> None:
    scene = Scene(CHAIN)
    scene.signal("TERM", at=moment)
    before = len(starts(scene))
    scene.until(moment + 60_000)
    assert len(starts(scene)) == before


def test_what_needs_one_that_has_exited_for_good_is_never_started() -> None:
    scene = Scene(CHAIN + '[child.log]\ncommand = ["log"]\n[exit]\nwhen = "log"\n')
    scene.exit("db", 7, at=1000)
    scene.until(60_000)
    assert [name for _, name in starts(scene)] == ["db", "log"]
    assert told(scene, "needs-gone") == [("tables", "db"), ("web", "tables")]
    scene.exit("log", 3)
    assert scene.code == 3


def test_after_replaces_what_needs_implies() -> None:
    """A written wait wins where the two would make a circle; [] waits for nobody."""
    scene = Scene("""
[child.db]
command = ["db"]
[child.db.on]
stop = { after = [], send = "INT" }
[child.web]
command = ["web"]
needs = "db"
[child.tail]
command = ["tail"]
needs = "web"
[child.tail.on]
stop = { after = "web", send = "QUIT" }
""")
    scene.signal("TERM", at=10)
    assert scene.sent == [(10, "db", "INT"), (10, "web", "TERM")]
    scene.exit("web", at=20)
    assert scene.sent[2:] == [(20, "tail", "QUIT")]


def test_all_waits_for_every_other_child_and_task() -> None:
    scene = Scene("""
[child.shipper]
command = ["shipper"]
[child.shipper.on]
stop = { after = "all", send = "1s TERM" }
[child.web]
command = ["web"]
[child.last]
command = ["last"]
[child.last.on]
stop = { after = "shipper", send = "TERM" }
[task.slow]
command = ["slow"]
""")
    scene.signal("TERM", at=0)
    assert scene.sent == [(0, "web", "TERM"), (0, "slow", "TERM")]
    scene.exit("web", at=100)
    scene.exit("slow", at=200)
    scene.exit("shipper", at=1500)
    assert scene.sent[2:] == [(1200, "shipper", "TERM"), (1500, "last", "TERM")]


def test_outside_a_stop_nobody_waits() -> None:
    """A child that is stopped alone, as it is not ready in time, does not wait for dependents that nobody stops."""
    scene = Scene("""
[child.web]
command = ["web"]
needs   = "db"
[child.db]
command = ["db"]
ready   = { listen = "127.0.0.1:80", within = "2s" }
restart = "always"
""")
    scene.until(2000)
    assert scene.sent == [(2000, "db", "TERM")]


def test_needs_wait_again_only_for_those_that_come_back() -> None:
    """A death of what is needed restarts nobody; who is restarted then waits until it is ready again."""
    scene = Scene("""
restart = { unless = [0], wait = "0s" }
[child.db]
command = ["db"]
ready   = "3s"
[child.web]
command = ["web"]
needs   = ["db", "gone"]
[child.gone]
command = ["gone"]
[exit]
when = "all"
""")
    scene.until(3000)
    assert [name for _, name in starts(scene)] == ["db", "gone", "web"]
    scene.exit("gone", 0, at=4000)
    scene.exit("db", 1, at=5000)
    scene.exit("web", 1, at=6000)
    scene.until(20_000)
    assert starts(scene)[3:] == [(5000, "db"), (8000, "web")]


def test_a_program_that_others_need_is_ready_when_it_runs() -> None:
    scene = Scene("""
[child.db]
command = ["entrypoint"]
program = "postgres"
[child.web]
command = ["web"]
needs   = "db"
""")
    scene.until(1000)
    assert [name for _, name in starts(scene)] == ["db"]
    scene.become("db", "postgres")
    scene.until(1200)
    assert [name for _, name in starts(scene)] == ["db", "web"]
    scene.until(60_000)
    looks = [now for now, effect in scene.done if isinstance(effect, fx.Inspect)]
    assert max(looks) <= 1200  # and then nothing ticks


def test_the_first_that_met_when_has_the_code_and_in_a_stop_the_first_that_was_started() -> None:
    rules = """
[child.a]
command = ["a"]
needs   = "b"
[child.b]
command = ["b"]
ready   = "5s"
[child.c]
command = ["c"]
[exit]
when = ["a", "b"]
"""
    scene = Scene(rules)
    scene.exit("c", 9)
    assert scene.state.stop is None
    scene.exit("b", 4)
    assert scene.code == 4
    scene = Scene(rules)
    scene.signal("TERM")
    scene.exit("b", 5)
    scene.exit("c", 6)
    assert scene.code == 5


def test_a_stop_between_a_start_and_its_answer_reaches_the_child() -> None:
    scene = Scene('[child.a]\ncommand = ["a"]\n[child.b]\ncommand = ["b"]\nneeds = "a"\n', begun=False)
    scene.feed(ev.Begin())
    scene.signal("TERM")
    scene.until(1000)
    assert starts(scene) == [(0, "a")]
    assert scene.sent == [(0, "a", "TERM")]
