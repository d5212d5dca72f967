"""Children whose end is that of their tree: who is in it, how it is stopped, how often it is listed."""

from __future__ import annotations

from itertools import pairwise

import pytest

from sigroute.pid1.engine import effects as fx
from sigroute.pid1.engine import events as ev
from sigroute.pid1.engine.life import EXITED
from sigroute.pid1.engine.step import step
from tests.pid1.scene import Scene, plan_of
from tests.pid1.world import ME

TWO = '[child.front]\ncommand = ["f"]\n[child.back]\ncommand = ["b"]\n'


TREE = '[child.server]\nexited = "tree"\n'


def test_a_child_that_means_its_tree_has_exited_when_the_last_of_it_has() -> None:
    scene = Scene(TREE)
    worker = scene.fork(scene.child("server"), alone=False)
    assert worker is not None
    scene.signal("USR1")
    scene.exit("server", 3, at=100)
    assert scene.state.stop is None
    scene.end(worker, at=5000)
    assert (scene.code, scene.ended_at) == (3, 5000)


LADDER = '[child.server.on]\nstop = {{ send = "TERM 1s INT 1s KILL", scope = "{}" }}\n'


@pytest.mark.parametrize(
    ("scope", "interrupted"),
    [("process", ["left"]), ("process-group", ["left", "group"]), ("tree", ["left", "group", "away"])],
)
def test_a_stop_goes_on_until_the_tree_has_ended_and_kill_is_for_all_of_it(scope: str, interrupted: list[str]) -> None:
    scene = Scene(TREE + LADDER.format(scope))
    left = scene.fork(scene.child("server"), alone=False)
    assert left is not None
    group, away = scene.fork(left, alone=False), scene.fork(left, alone=True)
    assert group is not None
    assert away is not None
    names = {left.pid: "left", group.pid: "group", away.pid: "away"}
    scene.signal("TERM")
    scene.exit("server", 3, at=100)
    scene.until(1500)
    assert [names[pid] for pid, what in scene.pids if what == "INT"] == interrupted
    assert scene.code is None
    scene.signal("INT")  # a repeat: its stop action is under way
    assert scene.said[-1] == "ignored"
    scene.until(2500)
    assert sorted(names[pid] for pid, what in scene.pids if what == "KILL") == ["away", "group", "left"]
    scene.reap()
    assert scene.said[-1] == "tree-ended"
    assert scene.ended_at == 2500


def test_a_stops_kill_is_for_the_whole_tree_while_its_first_process_lives_too() -> None:
    scene = Scene(TREE + '[child.server.on]\nstop = "TERM 1s KILL"\nUSR1 = "KILL"\n')
    away = scene.fork(scene.child("server"), alone=True)
    assert away is not None
    scene.signal("TERM")
    scene.until(1500)
    assert [(pid, what) for pid, what in scene.pids if pid == away.pid] == [(away.pid, "KILL")]
    scene = Scene(TREE + '[child.server.on]\nUSR1 = "KILL"\n')
    assert scene.fork(scene.child("server"), alone=True)
    scene.signal("USR1")  # no stop: it means what it says
    assert len(scene.sent) == 1


def daemon(scene: Scene, name: str) -> int:
    """Let a child make a daemon, as daemon(3) does, and a worker of that; return the daemon's pid."""
    middle = scene.fork(scene.child(name), alone=True)
    assert middle is not None
    one = scene.fork(middle, alone=True)
    assert one is not None
    assert scene.fork(one, alone=False)
    scene.die(middle)
    return one.pid


def test_every_daemon_is_the_only_childs() -> None:
    scene = Scene(TREE + '[child.server.on]\nstop = "QUIT"\n')
    scene.new(0)  # somebody who entered from outside
    pid = daemon(scene, "server")
    scene.exit("server")
    assert scene.state.stop is None
    scene.signal("TERM")
    assert scene.sent == [(0, "server", "QUIT")]
    assert scene.pids == [(pid, "QUIT")]
    for each in [each for each in scene.living() if each.parent]:
        scene.end(each)
    assert scene.code == 0


def test_what_a_command_has_started_is_no_childs() -> None:
    scene = Scene(TREE + '[child.server.on]\nUSR1 = { run = ["x"], send = "USR1" }')
    scene.signal("USR1")
    command = next(each for each in scene.living() if each.run is not None)
    assert scene.fork(command, alone=True)
    scene.exit("server")
    assert scene.said[-1] == "drain"


def test_of_several_children_a_daemon_is_nobodys() -> None:
    scene = Scene(TREE + '[child.other]\ncommand = ["x"]\n[exit]\nwhen = "all"\n')
    pid = daemon(scene, "server")
    scene.exit("server")
    assert scene.said == ["tree-ended", "unclaimed"]
    assert [each.text for _, each in scene.done if isinstance(each, fx.Say)][-1] == f"pid {pid}"
    scene.signal("USR1")  # once
    assert scene.said == ["tree-ended", "unclaimed"]


def test_where_nobody_is_left_no_list_is_needed_to_know_it() -> None:
    scene = Scene(TREE)
    assert scene.fork(scene.child("server"), alone=False)
    scene.exit("server")
    scene.processes.clear()
    scene.feed(ev.Childless())
    assert scene.state.children[0].phase == EXITED


def lists(scene: Scene) -> list[int]:
    """Return when the list of processes was asked for."""
    return [now for now, effect in scene.done if isinstance(effect, fx.List)]


def test_while_one_is_left_that_was_sigroutes_own_nobody_looks_again() -> None:
    scene = Scene(TREE)
    workers = [scene.fork(scene.child("server"), alone=False) for _ in range(5)]
    scene.exit("server")
    for worker in workers:
        assert worker is not None
        assert scene.fork(worker, alone=True)
        assert len(lists(scene)) == 1
        scene.end(worker)
    assert len(lists(scene)) == 2
    assert scene.state.stop is None, "their own are left"


def test_who_is_not_waited_for_holds_up_no_wait() -> None:
    """What has left the group is known from before, and outlives it; the KILL is for the group."""
    tree = 'USR1 = { send = "USR1", scope = "tree" }\n'
    scene = Scene(f'[on]\nstop = {{ send = "TERM 60s KILL", scope = "process-group" }}\n{tree}')
    worker = scene.fork(scene.child("server"), alone=False)
    away = scene.fork(scene.child("server"), alone=True)
    assert worker is not None
    assert away is not None
    scene.signal("USR1")
    scene.signal("TERM")
    scene.exit("server")
    scene.end(worker, at=1000)
    assert (1000, "nobody", "TERM") in scene.sent, "the drain"


def test_who_is_forked_while_a_stop_kills_the_tree_is_killed_as_well() -> None:
    scene = Scene(TREE + '[child.server.on]\nstop = "TERM 1s KILL"\n')
    worker = scene.fork(scene.child("server"), alone=False)
    assert worker is not None
    scene.signal("TERM")
    scene.exit("server")
    late: list[int] = []
    perform = scene.perform

    def forked_meanwhile(effect: fx.Effect) -> ev.Event | None:
        if isinstance(effect, fx.KillOther) and effect.signal == 9 and not late:
            child = scene.fork(worker, alone=True)
            assert child is not None
            late.append(child.pid)
        return perform(effect)

    scene.perform = forked_meanwhile  # type: ignore[method-assign] # the one moment that matters
    scene.until(1000)
    scene.reap()
    assert (late[0], "KILL") in scene.pids
    scene.reap()
    assert scene.ended_at == 1000


def test_in_a_storm_of_exits_the_list_is_asked_for_at_most_a_fifth_of_the_time() -> None:
    scene = Scene(TREE)
    scene.took = 100
    last = scene.child("server")
    for _ in range(12):  # each is left to sigroute when the one before has ended, alone
        child = scene.fork(last, alone=False)
        assert child is not None
        last = child
    scene.exit("server")
    while scene.code is None and scene.now < 10_000:
        own = [each for each in scene.living() if each.parent == ME]
        scene.end(own[0], at=scene.now + 50) if own else scene.until(scene.now + 50)
    assert scene.code == 0
    assert len(lists(scene)) <= 4
    assert all(late - early >= 500 for early, late in pairwise(lists(scene)[:-1]))  # the last is the drain's


def test_a_list_that_takes_its_time_is_asked_for_ahead() -> None:
    scene = Scene('[on]\nstop = { send = "TERM 3s KILL CONT", scope = "tree" }\n')
    scene.took = 200
    near, far = scene.fork(scene.child("server"), alone=False), scene.fork(scene.child("server"), alone=True)
    assert near is not None
    assert far is not None
    scene.signal("TERM")
    scene.until(60_000)
    assert lists(scene)[:2] == [0, 200 + 3000 - 2 * 200]
    kills = [
        (now, effect.pid)
        for now, effect in scene.done
        if isinstance(effect, (fx.Kill, fx.KillOther))
        if effect.signal == 9
    ]
    assert {pid for now, pid in kills if now == 3200} >= {near.pid, far.pid}


def test_where_sigroute_is_not_pid_1_its_descendants_are_those_of_its_own_pid() -> None:
    state, plan = Scene().state, plan_of("")
    me = ev.Process(pid=50, parent=7, group=50, session=7, state="S", start=1)
    rows = (me, me.but(pid=60, parent=50, group=60), me.but(pid=61, parent=1, group=61))
    for event in (ev.Exited(pid=state.children[0].pid, status=0), ev.Listed(processes=rows, me=50)):
        state, effects = step(plan, state, event, 0)
    killed = [each for each in effects if isinstance(each, fx.KillOther)]
    assert [(each.pid, each.signal, each.ours) for each in killed] == [(60, 15, True), (60, 18, True)]
