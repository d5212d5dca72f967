"""What is told: every template by its fields, every kind by somebody."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest

from sigroute.pid1.engine import events as ev
from sigroute.pid1.engine.effects import Effect, Kill, KillOther, Run
from sigroute.pid1.engine.state import Arrival, Stop
from sigroute.pid1.log.log import LEVELS
from sigroute.pid1.log.messages import MESSAGES
from sigroute.pid1.log.narrate import of_effect, of_event
from tests.pid1.scene import Scene

ROOT = Path(__file__).parent.parent.parent.parent
SOURCES = "".join(path.read_text() for path in (ROOT / "sigroute" / "pid1").rglob("*.py"))

TERM = Arrival(signal=15, sender="outside")


@pytest.fixture
def scene() -> Scene:
    return Scene('[child.one]\ncommand = ["one"]\n[child.two]\ncommand = ["two"]\n')


def told(scene: Scene, what: ev.Event | Effect) -> str:
    """Return the text of the line for an event or an effect."""
    line = of_event(scene.plan, scene.state, what) if isinstance(what, ev.Event) else of_effect(scene.plan, what)
    if line is None:
        return ""
    level, name, fields = line
    assert level == MESSAGES[name][0] or (name, level) in {("killed", "warning"), ("exited", "warning")}
    assert set(fields) == {field for _, field, _, _ in Formatter().parse(MESSAGES[name][1]) if field}
    return MESSAGES[name][1].format_map(fields)


@pytest.mark.parametrize("name", MESSAGES)
def test_every_line_is_told_somewhere(name: str) -> None:
    assert MESSAGES[name][0] in LEVELS
    assert len(re.findall(rf'"{name}"', SOURCES)) > 1, "its place in the table is one"


def test_a_child_is_started_as_what_the_command_line_says() -> None:
    scene = Scene('[child.nginx]\nprogram = "nginx"\n')
    assert told(scene, ev.Spawned(child=0, pid=7)) == "nginx (pid 7) started as server"


@pytest.mark.parametrize(("status", "stops", "level"), [(0, False, "info"), (3, False, "warning"), (3, True, "info")])
def test_a_code_that_nobody_has_asked_for_is_a_warning(scene: Scene, status: int, *, stops: bool, level: str) -> None:
    if stops:
        scene.signal("TERM")
    line = of_event(scene.plan, scene.state, ev.Exited(pid=scene.child("two").pid, status=status))
    assert line is not None
    assert line[:2] == (level, "exited")


def test_the_code_of_an_only_child_is_no_warning() -> None:
    """It is sigroute's own; and with one line for all codes the watch in C can write it (static/table.py)."""
    scene = Scene('[child.one]\ncommand = ["one"]\n')
    line = of_event(scene.plan, scene.state, ev.Exited(pid=scene.child("one").pid, status=3))
    assert line is not None
    assert line[:2] == ("info", "exited")


def test_whose_process_was_reaped(scene: Scene) -> None:
    pid = scene.child("two").pid
    assert told(scene, ev.Exited(pid=pid, status=3)) == f"two (pid {pid}) exited with 3"
    killed = ev.Exited(pid=pid, status=137, signal=9)
    assert told(scene, killed) == f"two (pid {pid}) was ended by KILL, status 137"
    assert told(scene, ev.Exited(pid=999, status=0)) == "reaped pid 999, status 0"


@pytest.mark.parametrize(
    ("number", "alone", "stopping"),
    [
        (11, "warning", "warning"),  # SEGV
        (6, "warning", "warning"),  # ABRT
        (24, "warning", "warning"),  # XCPU
        (9, "warning", "info"),  # KILL: out of memory, or the end of a stop
        (10, "warning", "info"),  # USR1
        (13, "warning", "info"),  # PIPE
        (37, "warning", "info"),  # RTMIN+3
        (1, "info", "info"),
        (2, "info", "info"),
        (3, "info", "info"),
        (15, "info", "info"),
    ],
)
def test_an_end_that_nobody_asked_for_is_a_warning(scene: Scene, number: int, alone: str, stopping: str) -> None:
    """Whoever asks for the end does it by HUP, INT, QUIT, TERM, or begins a stop."""
    exited = ev.Exited(pid=scene.child("one").pid, status=128 + number, signal=number)
    for state, level in (
        (scene.state, alone),
        (scene.state.but(stop=Stop(arrival=TERM, asked=True, due=None)), stopping),
    ):
        line = of_event(scene.plan, state, exited)
        assert line is not None
        assert line[:2] == (level, "killed")


def test_only_children_are_told_to_be_stopped(scene: Scene) -> None:
    pid = scene.child("one").pid
    assert told(scene, ev.Stopped(pid=pid, signal=19)) == f"one (pid {pid}) was suspended by STOP"
    assert told(scene, ev.Continued(pid=pid)) == f"one (pid {pid}) goes on"
    assert told(scene, ev.Stopped(pid=999, signal=19)) == told(scene, ev.Continued(pid=999)) == ""


def test_who_gets_a_signal_and_why(scene: Scene) -> None:
    kill = Kill(child=1, pid=7, signal=37, origin="on.stop", group=False)
    assert told(scene, kill) == "two (pid 7) gets RTMIN+3 [on.stop]"
    assert told(scene, kill.but(group=True)) == "two (process group 7) gets RTMIN+3 [on.stop]"
    process = ev.Process(pid=8, parent=7, group=7, session=7, state="S", start=1)
    other = KillOther(child=0, process=process, signal=15, origin="drain")
    assert told(scene, other) == "one (its process 8) gets TERM [drain]"
    assert told(scene, other.but(child=-1)) == "pid 8 gets TERM [drain]"


def test_a_command_is_told_whatever_its_bytes(scene: Scene) -> None:
    run = Run(run=0, child=0, argv=(b"nginx", b"-t", b"\xff"), origin="on.HUP")
    assert told(scene, run) == "one: running nginx -t \ufffd [on.HUP]"


def test_a_start_that_is_tried_again_is_no_error(scene: Scene) -> None:
    later = ev.NotSpawned(child=0, status=0, reason="no room")
    assert told(scene, later) == "cannot start one now, trying again: no room"
    assert told(scene, later.but(status=127)) == "cannot start one: no room"
