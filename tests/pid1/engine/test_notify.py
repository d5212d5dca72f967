"""What a child says of itself: that it is ready, that it is stopping, that it needs more time; and who may say so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sigroute.pid1.engine import effects as fx
from sigroute.pid1.engine import events as ev
from tests.pid1.scene import Scene

if TYPE_CHECKING:
    from tests.pid1.world import Process

RULES = """
grace = "30s"
[child.a]
command = ["a"]
ready   = { notify = true, within = "10s" }
restart = "always"
on.stop = "TERM 5s KILL"
alive   = { run = ["look"], every = "1s" }
[child.b]
command = ["b"]
needs   = "a"
"""


def scene_of(rules: str = RULES, *, proc: bool = True) -> Scene:
    """Return a scene of a child that says when it is ready, and another that waits for it."""
    return Scene(rules, proc=proc)


def pid_of(scene: Scene) -> int:
    """Return the pid of child ``a`` in its last life."""
    return scene.state.children[0].pid


def is_told(scene: Scene, sender: ev.Sender | None = None, *, ready: bool = False, stopping: bool = False) -> None:
    """Let child ``a`` say how it is; by default it says so itself."""
    sender = sender or ev.Sender(pid=scene.child("a").pid)
    scene.feed(ev.Notified(child=0, pid=pid_of(scene), sender=sender, ready=ready, stopping=stopping))


def asks(scene: Scene, milliseconds: int) -> None:
    """Let it ask for more time."""
    scene.feed(ev.Notified(child=0, pid=pid_of(scene), sender=ev.Sender(pid=scene.child("a").pid), extend=milliseconds))


def sender_of(scene: Scene, process: Process) -> ev.Sender:
    """Return what the seam tells of a process that is still there."""
    line = []
    each: Process | None = process
    while each is not None:
        line.append(each.row())
        each = scene.processes.get(each.parent)
    return ev.Sender(pid=process.pid, line=tuple(line))


def forked(scene: Scene, parent: Process, *, alone: bool = False) -> Process:
    """Let a process fork; ``alone``: into a session of its own."""
    made = scene.fork(parent, alone=alone)
    assert made is not None
    return made


def is_up(scene: Scene) -> bool:
    """Tell whether the one that waits was started."""
    scene.until(scene.now)
    return any(each.child == 1 for each in scene.processes.values())


def test_it_is_ready_when_it_says_so_and_not_before() -> None:
    scene = scene_of()
    scene.until(9_999)
    assert not is_up(scene)
    is_told(scene, ready=True)
    assert is_up(scene)
    scene.until(60_000)
    assert "not-ready" not in scene.said


def test_one_that_does_not_say_so_within_its_time_has_failed() -> None:
    scene = scene_of()
    scene.until(10_000)
    assert scene.said.count("not-ready") == 1
    is_told(scene, ready=True)  # too late
    assert not is_up(scene)


def test_a_newline_on_the_descriptor_is_from_nobody_else() -> None:
    scene = scene_of(RULES.replace("notify = true", "fd = 3"))
    scene.feed(ev.Notified(child=0, pid=pid_of(scene), ready=True))
    assert is_up(scene)


def test_a_process_below_it_may_say_so_even_if_it_is_a_zombie_by_now() -> None:
    scene = scene_of()
    below = forked(scene, forked(scene, scene.child("a"), alone=True), alone=True)
    sender = sender_of(scene, below)
    first = sender.line[0].but(state="Z")
    is_told(scene, sender.but(line=(first, *sender.line[1:])), ready=True)
    assert is_up(scene)


def test_an_orphan_of_its_session_may_say_so() -> None:
    scene = scene_of()
    parent = forked(scene, scene.child("a"))
    orphan = forked(scene, parent)
    scene.end(parent)
    assert scene.processes[orphan.pid].parent == 1
    is_told(scene, sender_of(scene, orphan), ready=True)
    assert is_up(scene)


@pytest.mark.parametrize("own", ["alone", "outside", "other"])
def test_a_stranger_is_ignored_and_that_is_told_once_in_each_life(own: str) -> None:
    scene = scene_of(RULES.replace('needs   = "a"', ""))
    stranger = scene.new(0)
    assert stranger is not None
    other = sender_of(scene, scene.child("b"))
    senders = {"alone": sender_of(scene, stranger), "outside": ev.Sender(pid=0), "other": other}
    for _ in range(3):
        is_told(scene, senders[own], ready=True)
    assert "is-ready" not in scene.said
    assert scene.said.count("stranger") == 1
    scene.exit("a", 0)
    scene.until(scene.now + 10)
    is_told(scene, senders[own], ready=True)
    assert scene.said.count("stranger") == 2


@pytest.mark.parametrize("kin", [True, False])
def test_of_one_that_has_ended_its_user_decides(*, kin: bool) -> None:
    scene = scene_of()
    is_told(scene, ev.Sender(pid=139, kin=kin), ready=True)
    assert is_up(scene) is kin


def test_without_proc_only_its_own_process_counts() -> None:
    scene = scene_of(proc=False)
    is_told(scene, ev.Sender(pid=139), ready=True)
    assert not is_up(scene)
    is_told(scene, ready=True)
    assert is_up(scene)


def test_what_comes_after_its_end_or_in_a_stop_changes_nothing() -> None:
    scene = scene_of()
    sender = ev.Sender(pid=scene.child("a").pid)
    scene.die(scene.child("a"), 1)
    scene.reap()
    is_told(scene, sender, ready=True)
    assert "is-ready" not in scene.said
    scene.until(scene.now + 10)
    scene.signal("TERM")
    is_told(scene, ready=True)
    assert "is-ready" not in scene.said


def test_one_that_stops_is_ready_no_more_and_nobody_looks_at_its_health() -> None:
    scene = scene_of()
    is_told(scene, ready=True)
    is_told(scene, stopping=True)
    is_told(scene, stopping=True)
    assert scene.said.count("stops-itself") == 1
    assert not scene.state.children[0].ready
    scene.until(20_000)
    assert not [each for each in scene.living() if each.run is not None]
    assert "not-ready" not in scene.said
    is_told(scene, ready=True)
    assert scene.said.count("is-ready") == 2


def test_one_that_has_failed_and_says_that_it_stops_keeps_those_that_come_back_waiting() -> None:
    scene = scene_of(RULES.replace('"1s" }', '"1s", failures = 1 }') + 'restart = "always"\n')
    is_told(scene, ready=True)
    scene.until(1_000)
    (look,) = [each for each in scene.living() if each.run is not None]
    scene.die(look, 1)
    scene.reap()
    is_told(scene, stopping=True)
    assert "not-alive" in scene.said
    assert "stops-itself" not in scene.said
    scene.die(scene.child("b"), 1)
    scene.reap()
    scene.until(scene.now + 100)
    assert [each.child for each in scene.living()] == [0]
    scene.die(scene.child("a"), 0)
    scene.reap()
    scene.until(scene.now + 100)
    is_told(scene, ready=True)
    scene.until(scene.now + 100)
    assert [each.child for each in scene.living()] == [0, 1]


def test_more_time_moves_within_and_never_back() -> None:
    scene = scene_of()
    scene.until(9_000)
    asks(scene, 5_000)
    asks(scene, 2_000)
    scene.until(13_999)
    assert "not-ready" not in scene.said
    scene.until(14_000)
    assert "not-ready" in scene.said


def test_less_than_it_has_is_no_more_time() -> None:
    scene = scene_of()
    asks(scene, 5_000)
    scene.until(9_999)
    assert "not-ready" not in scene.said
    scene.until(10_000)
    assert "not-ready" in scene.said


STOPS = """
grace = "30s"
[child.a]
command = ["a"]
ready   = { notify = true }
on.stop = "TERM 5s KILL"
"""


def test_in_a_stop_more_time_moves_its_kill_as_far_as_grace() -> None:
    scene = scene_of(STOPS)
    scene.signal("TERM", at=1_000)
    began = scene.now
    scene.until(began + 4_000)
    asks(scene, 10_000)
    scene.until(began + 13_000)
    assert [what for _, who, what in scene.sent if who == "a"] == ["TERM"]
    asks(scene, 86_400_000)
    scene.until(31_100)
    assert [(now, what) for now, _, what in scene.sent] == [(1_000, "TERM"), (31_000, "KILL")]
    assert "grace-over" in scene.said


def test_more_time_is_for_the_wait_before_kill_alone() -> None:
    scene = scene_of(STOPS.replace("TERM 5s KILL", "2s TERM 5s KILL"))
    scene.signal("TERM")
    asks(scene, 20_000)
    scene.until(10_000)
    assert [(now, what) for now, _, what in scene.sent] == [(2_000, "TERM"), (7_000, "KILL")]


def test_one_that_has_failed_gets_no_more_time() -> None:
    scene = scene_of()
    scene.until(12_000)
    asks(scene, 20_000)
    scene.until(15_000)
    assert [what for _, who, what in scene.sent if who == "a"] == ["TERM", "KILL"]


@pytest.mark.parametrize("why", ["closed", "flood"])
def test_why_it_is_not_heard_is_told_once(why: str) -> None:
    scene = scene_of(RULES.replace("notify = true", "fd = 3"))
    for _ in range(3):
        scene.feed(ev.Unheard(child=0, pid=pid_of(scene), why=why, number=3))
    assert scene.said.count(why) == 1
    scene.feed(ev.Notified(child=0, pid=pid_of(scene), ready=True))
    scene.feed(ev.Unheard(child=0, pid=pid_of(scene), why=why, number=3))
    assert scene.said.count(why) == 1


def test_what_is_told_of_an_earlier_life_changes_nothing_in_this_one() -> None:
    scene = scene_of(RULES.replace("notify = true", "fd = 3"))
    old = pid_of(scene)
    scene.exit("a", 1)
    scene.new(0)  # another has that pid by now
    scene.until(10)
    assert pid_of(scene) != old
    scene.feed(ev.Notified(child=0, pid=old, ready=True))
    scene.feed(ev.Unheard(child=0, pid=old, why="flood", number=3))
    assert "is-ready" not in scene.said
    assert "flood" not in scene.said


def test_the_list_that_its_kill_needs_waits_for_the_end_of_the_longer_time() -> None:
    scene = scene_of(RULES.replace('"TERM 5s KILL"', '{ send = "TERM 5s KILL", scope = "tree" }'))
    scene.took = 100
    scene.mortal = False
    scene.signal("TERM")
    begun = scene.now
    scene.until(begun + 1_000)
    asks(scene, 20_000)
    scene.until(begun + 60_000)
    lists = [now - begun for now, effect in scene.done if isinstance(effect, fx.List)]
    kills = [now - begun for now, who, signal in scene.sent if (who, signal) == ("a", "KILL")]
    assert 21_000 in kills
    assert not [each for each in lists if 2_000 < each < 20_000]
