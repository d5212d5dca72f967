"""Children from their start to their exit."""

from __future__ import annotations

from itertools import pairwise

import pytest

from sigroute.pid1.engine import effects as fx
from sigroute.pid1.engine import events as ev
from sigroute.pid1.engine.life import EXITED, SPAWNING
from sigroute.pid1.engine.state import Child
from sigroute.pid1.engine.step import wake
from tests.pid1.scene import Scene
from tests.pid1.world import ME

TWO = '[child.front]\ncommand = ["f"]\n[child.back]\ncommand = ["b"]\n'
TREE = '[child.server]\nexited = "tree"\n'


def starts(scene: Scene) -> list[tuple[int, int]]:
    """Return when which child was started."""
    return [(now, effect.child) for now, effect in scene.done if isinstance(effect, fx.Spawn)]


def test_children_start_in_their_order() -> None:
    assert starts(Scene(TWO)) == [(0, 0), (0, 1)]


def test_a_stop_while_others_are_still_to_be_started_starts_none_of_them() -> None:
    scene = Scene(TWO, begun=False)
    scene.feed(ev.Begin())
    assert starts(scene) == [(0, 0)]
    scene.signal("TERM")
    scene.until(60_000)
    assert starts(scene) == [(0, 0)]
    assert scene.said == ["stop", "never-started"]
    scene.exit("front", 0)
    assert scene.code == 0


def test_what_comes_for_a_child_before_it_is_started_is_told() -> None:
    scene = Scene(TWO + '[on]\nHUP = "USR2"', begun=False)
    scene.feed(ev.Begin())
    scene.signal("HUP")
    assert scene.sent == [(0, "front", "USR2")]
    assert scene.said == ["too-early"]


def test_fork_that_fails_for_now_is_tried_again_at_growing_intervals() -> None:
    scene = Scene(TWO, begun=False)
    scene.fails = lambda effect: (
        ev.NotSpawned(child=0, status=0, reason="EAGAIN") if isinstance(effect, fx.Spawn) and not effect.child else None
    )
    scene.begin()
    scene.until(40_000)
    moments = [now for now, child in starts(scene) if not child]
    assert [late - early for early, late in pairwise(moments)] == [
        *(100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000),
    ]
    scene.signal("USR1")  # meanwhile the other child gets what is its own
    assert scene.sent == [(40_000, "back", "USR1")]


def test_and_not_any_more_once_the_stop_has_begun() -> None:
    scene = Scene(begun=False)
    scene.fails = lambda effect: ev.NotSpawned(child=0, status=0, reason="") if isinstance(effect, fx.Spawn) else None
    scene.begin()
    scene.signal("TERM", at=50)
    assert scene.code == 143


def test_one_that_could_not_be_forked_when_the_stop_came_is_given_up() -> None:
    scene = Scene(begun=False)
    spawning = scene.state.children[0].but(phase=SPAWNING, retry_at=None)
    scene.state = scene.state.but(children=(spawning,), busy=frozenset())  # it is on its way
    scene.signal("TERM")
    scene.feed(ev.NotSpawned(child=0, status=0, reason="EAGAIN"))
    assert scene.code == 143


def test_a_child_that_was_being_started_when_the_stop_came_gets_it() -> None:
    scene = Scene(begun=False)
    child = scene.new(1)
    assert child is not None
    child.child = 0
    scene.fails = lambda effect: (
        ev.NotSpawned(child=0, status=0, reason="not yet") if isinstance(effect, fx.Spawn) else None
    )
    scene.feed(ev.Begin())
    spawning = scene.state.children[0].but(phase=SPAWNING, retry_at=None)
    scene.state = scene.state.but(children=(spawning,), busy=frozenset())  # it is on its way
    scene.signal("TERM")
    assert scene.sent == []
    scene.feed(ev.Spawned(child=0, pid=child.pid))
    assert scene.sent == [(0, "server", "TERM")]


def test_a_child_whose_exec_fails_late_is_given_up_and_its_pid_forgotten() -> None:
    scene = Scene(TWO + '[exit]\nwhen = "all"\ncode = "front"\n[on]\nHUP = "5s USR2"')
    front = scene.child("front")
    scene.signal("HUP")
    scene.fail(front, 126)
    scene.reap()
    assert scene.state.children[0] == Child(phase=EXITED, generation=1, status=126)
    assert front.pid not in scene.state.owners
    scene.until(10_000)
    assert scene.sent == [(5000, "back", "USR2")]
    scene.exit("back")
    assert scene.ends() == 126


def test_or_is_tried_again_where_that_may_help() -> None:
    scene = Scene(TWO)
    scene.signal("USR1", at=50)
    scene.fail(scene.child("front"), 0)
    scene.reap()
    scene.until(1000)
    assert starts(scene) == [(0, 0), (0, 1), (150, 0)]
    scene.signal("USR2")
    assert [who for when, who, _ in scene.sent if when] == ["front", "back", "front", "back"]


def test_and_not_any_more_in_a_stop() -> None:
    scene = Scene()
    scene.signal("TERM")
    scene.fail(scene.child("server"), 0)
    scene.reap()
    assert scene.code == 143


def test_a_command_whose_exec_fails_late_has_failed() -> None:
    scene = Scene('[on]\nHUP = { run = ["check"], send = "USR1", else = "USR2" }')
    scene.signal("HUP")
    command = next(each for each in scene.living() if each.run is not None)
    scene.fail(command, 126)
    scene.reap()
    assert scene.sent == [(0, "server", "USR2")]
    assert not scene.state.runs
    assert command.pid not in scene.state.owners


def test_the_exit_of_an_unknown_process_is_nothing() -> None:
    scene = Scene()
    before = scene.state
    scene.feed(ev.Exited(pid=4242, status=0))
    assert scene.state == before


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


def test_grace_ends_a_command_too_where_there_is_no_proc() -> None:
    scene = Scene(
        'grace = "5s"\n[on]\nstop = { run = ["x"], timeout = "1m", send = "TERM", else = "TERM" }', proc=False
    )
    scene.signal("TERM")
    command = next(each for each in scene.living() if each.run is not None)
    scene.until(5000)
    assert (-command.pid, "KILL") in scene.pids


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


def test_a_signal_that_is_not_permitted_changes_nothing_for_the_others() -> None:
    scene = Scene(TWO)
    scene.fails = lambda effect: (
        ev.NotSent(child=0, pid=effect.pid, signal=effect.signal, reason="EPERM")
        if isinstance(effect, fx.Kill) and not effect.child
        else None
    )
    scene.signal("TERM")
    assert scene.sent == [(0, "front", "TERM"), (0, "back", "TERM")]


def test_the_defaults_protection_covers_what_a_child_left_behind() -> None:
    scene = Scene(TREE)
    daemon = scene.fork(scene.child("server"), alone=False)
    assert daemon is not None
    daemon.handled = 0
    scene.exit("server")
    scene.signal("HUP")
    assert scene.sent == []
    assert scene.said == ["protected"]


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
