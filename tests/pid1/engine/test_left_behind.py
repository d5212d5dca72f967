"""What a child has left behind: who gets its signals, who has adopted it, and when nobody is left."""

from __future__ import annotations

import pytest

from sigroute.pid1.engine import effects as fx
from sigroute.pid1.engine import events as ev
from sigroute.pid1.engine.life import EXITED
from sigroute.pid1.engine.step import wake
from tests.pid1.scene import Scene

TWO = '[child.front]\ncommand = ["f"]\n[child.back]\ncommand = ["b"]\n'


TREE = '[child.server]\nexited = "tree"\n'


def test_what_lingers_still_gets_its_signals() -> None:
    scene = Scene(TREE + '[child.server.on]\nstop = { send = "QUIT 2s KILL", scope = "tree" }')
    worker = scene.fork(scene.child("server"), alone=False)
    assert worker is not None
    scene.exit("server", 3, at=100)
    scene.signal("TERM", at=200)
    scene.until(60_000)
    assert [(pid, what) for pid, what in scene.pids if pid == worker.pid] == [
        (worker.pid, "QUIT"),
        (worker.pid, "KILL"),
    ]


def test_it_does_not_tick_while_a_tree_lingers() -> None:
    scene = Scene(TREE)
    assert scene.fork(scene.child("server"), alone=False)
    scene.exit("server", 3, at=100)
    assert scene.code is None
    assert wake(scene.state) is None


ADOPTED = TREE + '[child.server.on]\nHUP = { send = "HUP", scope = "tree" }\nstop = "QUIT"\n'


@pytest.mark.parametrize("others", ["", '[child.other]\ncommand = ["x"]\n[exit]\nwhen = "server"\n'])
def test_what_another_has_adopted_is_looked_at_until_it_has_ended(others: str) -> None:
    """Nobody tells sigroute of its end, and that no child is left is none."""
    scene = Scene(ADOPTED + others)
    scene.adopts = False
    worker = scene.fork(scene.child("server"), alone=False)
    assert worker is not None
    scene.signal("HUP")
    scene.exit("server", 3, at=100)
    scene.reap()
    scene.until(5_500)
    assert scene.state.stop is None
    scene.end(worker)
    scene.until(7_000)
    assert scene.state.stop is not None
    assert [now for now, effect in scene.done if isinstance(effect, fx.List)][1:7] == [*range(100, 5_101, 1000)]


def test_what_another_has_adopted_gets_what_the_child_would_have_got() -> None:
    scene = Scene('grace = "5s"\n' + ADOPTED)
    scene.adopts = False
    worker = scene.fork(scene.child("server"), alone=False)
    assert worker is not None
    scene.signal("HUP")
    scene.exit("server", 3, at=100)
    scene.signal("TERM")
    assert scene.pids[-1] == (worker.pid, "QUIT")
    assert scene.ends() == 3
    assert scene.pids[-1] == (worker.pid, "KILL")


def test_without_proc_a_tree_has_exited_with_its_leader() -> None:
    scene = Scene(TREE, proc=False)
    assert scene.fork(scene.child("server"), alone=False)
    scene.signal("USR1")
    scene.exit("server", 3)
    assert scene.code == 3


def test_the_defaults_protection_covers_what_a_child_left_behind() -> None:
    scene = Scene(TREE)
    daemon = scene.fork(scene.child("server"), alone=False)
    assert daemon is not None
    daemon.handled = 0
    scene.exit("server")
    scene.signal("HUP")
    assert scene.sent == []
    assert scene.said == ["tree-goes-on", "protected"]


def test_what_lingers_can_drop_a_stop_as_well() -> None:
    scene = Scene(TREE + '[child.server.on]\nWINCH = "drop"\n[signals]\nstop = ["+WINCH"]')
    assert scene.fork(scene.child("server"), alone=False)
    scene.exit("server")
    scene.signal("WINCH", "tty")
    assert scene.state.stop is None


WIDE = (
    '[child.front]\ncommand = ["f"]\n[child.back]\ncommand = ["b"]\n[exit]\nwhen = "back"\n[child.front.on]\n'
    'USR1 = { send = "USR2 60s KILL", scope = "process-group" }\nHUP = "forward"\n'
)


def test_what_is_meant_for_a_process_alone_is_not_sent_to_what_it_left_behind() -> None:
    scene = Scene(WIDE)
    worker = scene.fork(scene.child("front"), alone=False)
    assert worker is not None
    scene.signal("USR1")
    scene.exit("front", at=100)
    scene.signal("HUP", at=200)
    scene.signal("TERM", at=300)
    scene.exit("back", at=400)
    assert [what for pid, what in scene.pids if pid == worker.pid] == ["TERM", "CONT"]
    assert scene.sent[-1] == (400, "nobody", "CONT"), "that was the drain"


def test_a_child_is_gone_with_the_last_action_that_meant_more_than_its_process() -> None:
    scene = Scene(WIDE + 'stop = "drop"\nUSR2 = { run = ["check"], send = "USR2", scope = "tree" }\n')
    assert scene.fork(scene.child("front"), alone=False)
    scene.signal("USR2")
    scene.exit("front", at=100)
    scene.run_ends(1, at=200)
    scene.signal("TERM", at=300)
    scene.exit("back", at=400)
    assert scene.ends() == 0
    assert scene.ended_at == 5500


def test_a_stop_runs_no_command_for_a_child_that_has_exited() -> None:
    scene = Scene(WIDE + 'stop = { run = ["shutdown"], send = "TERM", else = "TERM" }\n')
    assert scene.fork(scene.child("front"), alone=False)
    scene.signal("USR1")
    scene.exit("front", at=100)
    scene.signal("TERM", at=200)
    assert scene.ran == []
    assert scene.state.children[0].phase == EXITED, "its other action is cancelled all the same"


def test_the_exit_that_ends_the_container_is_no_earlier_one_that_still_lingers() -> None:
    scene = Scene(WIDE.replace('when = "back"', 'when = "all"'))
    assert scene.fork(scene.child("front"), alone=False)
    scene.signal("USR1")
    scene.exit("front", 3, at=100)
    scene.exit("back", 4, at=200)
    assert scene.ends() == 4


def test_what_waited_for_a_look_at_a_process_is_not_for_what_it_has_left_behind() -> None:
    scene = Scene('[child.server]\nexited = "tree"\n')
    assert scene.fork(scene.child("server"), alone=False)
    scene.fails = lambda effect: (
        ev.Inspected(child=0, names=(), handled=None, reason="no memory") if isinstance(effect, fx.Inspect) else None
    )
    scene.signal("USR1")
    scene.fails = lambda _effect: None
    scene.exit("server", at=50)
    assert wake(scene.state) is None, "nobody looks at the process again, either"
    scene.signal("USR2", at=1000)
    assert [what for _, _, what in scene.sent] == ["USR2"]
