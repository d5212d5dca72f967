"""What the status says of scenes of the engine: phases, readiness, the stop, groups; and of those that do not reap."""

from __future__ import annotations

import os
import time
from typing import Any

import pytest

from sigroute.pid1.control import zombies
from sigroute.pid1.control.look import looked_at
from sigroute.pid1.control.status import VERSION, status
from sigroute.pid1.engine.draft import Draft
from sigroute.pid1.engine.events import Below, Process
from sigroute.pid1.kernel import below, clock, proc, process_names, surroundings
from tests.pid1.control.told import told
from tests.pid1.scene import Scene

TWO = """
[child.web]
command = ["web"]
groups = ["all", "front"]
[child.db]
command = ["db"]
groups = ["all"]
"""


@pytest.fixture(autouse=True)
def _no_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """What this machine runs is no part of a scene; a look at the clock finds the scene's own."""
    monkeypatch.setattr(proc, "processes", lambda: None)
    monkeypatch.setattr(clock, "stamp", lambda age=0: f"{age} ms ago")


def of(scene: Scene, name: str) -> dict[str, Any]:
    """Return what is told of a child."""
    return next(each for each in told(scene)[0]["children"] if each["name"] == name)


def test_all_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene(TWO)
    pids = [scene.child(name).pid for name in ("web", "db")]
    me = surroundings.parent_pid()
    rows = [Process(pid=pid, parent=me, group=pid, session=pid, state="S", start=0) for pid in (me, *pids)]
    monkeypatch.setattr(proc, "processes", lambda: tuple(rows))
    monkeypatch.setattr(below, "age", lambda process: 10 * process.pid)
    children = [
        {
            "name": name, "kind": "child", "groups": groups, "phase": "running", "ready": True, "pid": pid,
            "since": f"{10 * pid} ms ago", "lives": 1, "status": None, "asked": None, "suspended": False,
            "unwell": 0, "waits": [],
        }
        for name, groups, pid in (("web", ["all", "front"], pids[0]), ("db", ["all"], pids[1]))
    ]  # fmt: skip
    assert told(scene)[0] == {
        "status": VERSION, "pid": me, "since": f"{10 * me} ms ago", "state": "running", "stop": None,
        "groups": {"all": ["web", "db"], "front": ["web"]}, "children": children, "zombies": [],
    }  # fmt: skip


def test_without_proc_the_times_of_processes_are_unknown() -> None:
    found, text = told(Scene(TWO))
    assert found["since"] is None
    assert [each["since"] for each in found["children"]] == [None, None]
    assert "since an unknown time: running" in text


def test_a_stop_from_its_beginning_to_the_drain() -> None:
    scene = Scene(f'grace = "20s"\n{TWO}[drain]\nwait = "9s"\n')
    scene.signal("TERM", at=1_000)
    scene.until(4_000)
    found, text = told(scene)
    assert (found["state"], found["stop"]) == ("stopping", {"signal": "TERM", "asked": True, "grace_left_ms": 17_000})
    assert ": stopping, TERM asked for it, grace is over in 17.0 s\n" in text
    scene.exit("web", 3, at=5_000)
    scene.until(6_000)
    web = of(scene, "web")
    assert (web["phase"], web["status"], web["pid"], web["since"]) == ("exited", 3, None, "1000 ms ago")
    scene.fork(scene.child("db"), alone=True)
    scene.exit("db")
    assert told(scene)[0]["state"] == "draining"


def test_a_stop_that_nobody_has_asked_for() -> None:
    scene = Scene(TWO)
    scene.exit("web", 3, at=1_000)
    found, text = told(scene)
    assert (found["stop"]["asked"], found["stop"]["signal"]) == (False, "TERM")
    assert "nobody asked for it" in text


def test_after_grace_no_time_of_it_is_left() -> None:
    scene = Scene(f'grace = "2s"\n{TWO}')
    scene.mortal = False
    scene.signal("TERM")
    scene.until(2_500)
    assert told(scene)[0]["stop"]["grace_left_ms"] is None


def test_starting_until_all_are_ready() -> None:
    scene = Scene('[child.web]\ncommand = ["w"]\nneeds = "db"\n[child.db]\ncommand = ["d"]\nready = "5s"\n')
    assert told(scene)[0]["state"] == "starting"
    assert (of(scene, "db")["ready"], of(scene, "db")["phase"]) == (False, "running")
    assert (of(scene, "web")["phase"], of(scene, "web")["pid"], of(scene, "web")["lives"]) == ("waiting", None, 0)
    scene.until(6_000)
    assert told(scene)[0]["state"] == "running"


def test_a_child_that_has_not_had_its_turn_waits_since_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """And not since the clock of the machine began."""
    scene = Scene('[child.web]\ncommand = ["w"]\nneeds = "db"\n[child.db]\ncommand = ["d"]\nready = "5s"\n')
    me = Process(pid=surroundings.parent_pid(), parent=0, group=1, session=1, state="S", start=0)
    monkeypatch.setattr(proc, "processes", lambda: (me,))
    monkeypatch.setattr(below, "age", lambda _process: 77)
    assert of(scene, "web")["since"] == "77 ms ago"


def test_a_task_is_ready_once_it_is_done() -> None:
    scene = Scene(f'{TWO}[task.migrate]\ncommand = ["m"]\n')
    found = of(scene, "migrate")
    assert (found["kind"], found["ready"], found["phase"]) == ("task", False, "running")
    assert told(scene)[0]["state"] == "starting"
    scene.exit("migrate", at=1_000)
    found = of(scene, "migrate")
    assert (found["ready"], found["status"], found["phase"]) == (True, 0, "exited")
    assert told(scene)[0]["state"] == "running"


def test_a_task_of_the_end_keeps_nobody_starting() -> None:
    assert told(Scene(f'{TWO}[task.last]\ncommand = ["l"]\nat = "end"\n'))[0]["state"] == "running"


def test_a_suspended_child() -> None:
    scene = Scene(TWO)
    scene.freeze("web")
    found, text = told(scene)
    assert [each["suspended"] for each in found["children"]] == [True, False]
    assert "to be continued (it is suspended)" in text
    scene.thaw("web")
    assert not of(scene, "web")["suspended"]


def test_a_child_that_is_not_well() -> None:
    scene = Scene(
        '[child.web]\ncommand = ["w"]\nalive = { run = ["probe"], every = "2s", timeout = "1s", failures = 3 }\n'
        'restart = "always"\n[child.b]\ncommand = ["b"]\n'
    )
    for _ in range(40):
        if any(each.run is not None for each in scene.living()):
            break
        scene.tick()
    scene.run_ends(1)
    found, text = told(scene)
    assert found["children"][0]["unwell"] == 1
    assert "to be well again (1 checks failed)" in text


NGINX = '[child.web]\ncommand = ["sh"]\nprogram = "nginx"\n'


def test_a_child_that_has_become_its_program_runs_though_no_signal_has_come(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene(NGINX)
    assert (of(scene, "web")["phase"], of(scene, "web")["ready"]) == ("starting", False)
    asked: list[tuple[int, tuple[str, ...]]] = []
    names = [("sh",)]

    def look(pid: int, programs: tuple[str, ...]) -> object:
        asked.append((pid, programs))
        return names[0], names[0][0], ()

    monkeypatch.setattr(below, "names_and_below", look)
    assert looked_at(scene.plan, scene.state, scene.now) == scene.state
    names[0] = ("nginx",)
    state = looked_at(scene.plan, scene.state, scene.now)
    assert asked == [(scene.child("web").pid, ("nginx",))] * 2
    found: Any = status(scene.plan, state, scene.now)
    assert (found["state"], found["children"][0]["phase"], found["children"][0]["waits"]) == ("running", "running", [])
    assert looked_at(scene.plan, state, scene.now) is state  # nobody is looked at again


def test_a_child_whose_program_runs_below_it_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene(NGINX)
    server = Process(pid=9, parent=scene.child("web").pid, group=1, session=1, state="S", start=0)
    young = Below(process=server, handled=0, ignored=0, age=10)
    for age, phase in ((10, "starting"), (60_000, "running")):
        monkeypatch.setattr(below, "names_and_below", lambda *_, age=age: (("sh",), "sh", (young.but(age=age),)))
        assert looked_at(scene.plan, scene.state, scene.now).children[0].phase == phase


def test_a_child_that_holds_a_signal_is_looked_at_by_pid_1_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene(f'{NGINX}[child.web.starting]\nHUP = "hold"\n')
    scene.signal("HUP")
    monkeypatch.setattr(below, "names_and_below", lambda *_: pytest.fail("it is polled"))
    assert looked_at(scene.plan, scene.state, scene.now) is scene.state


def rows(me: int, *lines: tuple[int, int, str]) -> dict[int, Process]:
    """Return a list of processes: pid, parent, state."""
    found = [Process(pid=pid, parent=parent, group=1, session=1, state=state, start=0) for pid, parent, state in lines]
    return {each.pid: each for each in [*found, Process(pid=me, parent=0, group=1, session=1, state="S", start=0)]}


def test_zombies_are_their_parents_and_these_the_children_s(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene(TWO)
    draft, web, db = Draft(scene.plan, scene.state, 0), scene.child("web").pid, scene.child("db").pid
    monkeypatch.setattr(process_names, "names", lambda pid: ((), f"n{pid}"))
    listed = rows(
        1,
        (web, 1, "S"), (701, web, "S"), (702, 701, "Z"), (703, 701, "Z"), (704, web, "Z"),  # of web, and below it
        (db, 1, "Z"), (705, 1, "Z"),  # sigroute reaps these
        (706, 1, "S"), (707, 706, "Z"),  # of a daemon that nobody knows
        (708, 999, "Z"), (900, 901, "Z"), (901, 900, "S"),  # of others; the list was not made in one moment
    )  # fmt: skip
    assert zombies.of_others(listed, 1, draft) == [
        {"parent": 701, "name": "n701", "child": "web", "zombies": 2},
        {"parent": web, "name": f"n{web}", "child": "web", "zombies": 1},
        {"parent": 706, "name": "n706", "child": None, "zombies": 1},
    ]


def test_the_pid_of_a_child_that_has_gone_may_be_somebody_else_s(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene(f'{TWO}[exit]\nwhen = "db"\n')
    web = scene.child("web").pid
    scene.exit("web")
    monkeypatch.setattr(process_names, "names", lambda _pid: ((), "other"))
    (found,) = zombies.of_others(rows(1, (web, 1, "S"), (701, web, "Z")), 1, Draft(scene.plan, scene.state, 0))
    assert found == {"parent": web, "name": "other", "child": None, "zombies": 1}


def test_the_time_of_a_real_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    scene = Scene(TWO)
    found: Any = status(scene.plan, scene.state, scene.now)
    assert found["pid"] == os.getppid()
    assert found["since"] <= time.strftime("%Y-%m-%dT%H:%M:%S.999Z", time.gmtime())
