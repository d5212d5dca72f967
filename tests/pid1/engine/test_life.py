"""The table of a child's life: total, the same as its diagram, and the only way in which a phase changes."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from sigroute.pid1.engine import draft, life
from sigroute.pid1.engine.effects import Decide
from sigroute.pid1.engine.events import Begin, NotSpawned, Signal
from sigroute.pid1.engine.life import TRANSITIONS, move
from sigroute.pid1.engine.requests import Requested
from sigroute.pid1.engine.state import Child, initial
from sigroute.pid1.engine.step import step
from tests.pid1.engine import test_many_properties
from tests.pid1.engine.test_properties import live
from tests.pid1.histories import live_through
from tests.pid1.scene import Scene, plan_of

PHASES = tuple(TRANSITIONS)
HAPPENINGS = (
    "spawn",
    "spawned",
    "refused",
    "failed",
    "omitted",
    "cancelled",
    "recognised",
    "reaped",
    "left",
    "ended",
    "returns",
    "asked",
)
THEORY = life.__doc__ or ""
PID1 = Path(life.__file__).parent.parent
EDGES = {(phase, what, after) for phase, row in TRANSITIONS.items() for what, after in row.items()}


def test_the_table_of_the_theory_is_total_and_the_same() -> None:
    head, *rows = (
        line.strip() for line in THEORY.partition("this cannot happen:")[2].strip().split("\n\n")[0].split("\n")
    )
    assert tuple(re.split(r"\s{2,}", head)) == PHASES
    cells = {what: after for what, *after in (re.split(r"\s{2,}", row) for row in rows)}
    assert tuple(cells) == HAPPENINGS
    for what, row in cells.items():
        assert len(row) == len(PHASES)
        for phase, after in zip(PHASES, row, strict=True):
            assert after == TRANSITIONS[phase].get(what, "."), (phase, what)


def test_the_diagram_is_the_same() -> None:
    drawn = set()
    for line in THEORY.partition("The diagram")[2].partition("The same as a table")[0].splitlines():
        words = re.split(r" --(\w+)--> ", re.split(r"\s{3,}", line.strip())[0])
        drawn |= set(zip(words[:-2:2], words[1::2], words[2::2], strict=True))
    assert drawn == EDGES


def test_every_phase_and_happening_is_explained() -> None:
    named = re.findall(r"^``([\w ]+)``  ", THEORY, re.MULTILINE)
    assert named == [*PHASES, *HAPPENINGS]


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("happened", HAPPENINGS)
def test_a_child_moves_along_the_table_or_stays_as_it_is(phase: str, happened: str) -> None:
    child = Child(phase=phase, generation=3, refusals=2, pid=100)
    moved = move(child, happened)
    after = TRANSITIONS[phase].get(happened)
    if after in (None, phase):
        assert moved is child
    else:
        assert moved.phase == after
        assert moved.generation == 3 + (happened == "spawn")


def test_every_phase_can_be_reached_and_every_life_can_end() -> None:
    def reached(start: str) -> set[str]:
        found = {start}
        while more := {after for phase, _, after in EDGES if phase in found} - found:
            found |= more
        return found

    assert reached("waiting") == set(PHASES)
    assert all("exited" in reached(phase) for phase in PHASES)


def test_what_could_not_be_run_has_left_nothing() -> None:
    """But what the next life needs: its number, how often in a row it was refused or started, and its waits."""
    kept = {
        "phase",
        "generation",
        "refusals",
        "retry_at",
        "status",
        "starts",
        "waited",
        "started_at",
        "done",
        "included",
        "timeout_at",
        "lived",
        "since",
        "asked",
    }
    assert life.FORGETS["refused"].keys() == Child.__annotations__.keys() - kept
    assert life.FORGETS["failed"].keys() == life.FORGETS["refused"].keys() | {"retry_at", "timeout_at"}
    assert all(value == getattr(Child, name) for name, value in life.FORGETS["refused"].items())


def test_a_process_and_a_tree_take_with_them_what_was_about_them() -> None:
    process = ["inbox", "held", "poll_at", "stopped"]
    until_exit = [
        "ready",
        "ready_at",
        "probe_at",
        "failures",
        "told",
        "late_at",
        "kill_at",
        "doomed",
        "watched",
    ]
    assert [*life.FORGETS["left"]] == process
    assert [*life.FORGETS["reaped"]] == [*process, *until_exit]
    assert [*life.FORGETS["ended"]] == [*process, *until_exit, "progress", "members", "roots", "timeout_at"]
    for happened in ("reaped", "left", "ended"):
        assert all(value == getattr(Child, name) for name, value in life.FORGETS[happened].items())


def test_only_one_function_changes_a_phase() -> None:
    """Beside it, the first one of a child is its default."""
    found = [
        (path.name, node.arg)
        for path in sorted(PID1.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.keyword) and node.arg in ("phase", "generation")
    ]
    assert [name for name, arg in found if arg == "phase"] == ["life.py"]
    assert found.count(("life.py", "generation")) == 1


def rare_ends() -> None:
    """What hardly ever happens: a task is out of time, one is left out at last, while they back off; a request."""
    late = Scene('[task.slow]\ncommand = ["slow"]\ntimeout = "1s"\nrestart = { wait = "1h" }', begun=False)
    late.begin()
    late.exit("slow", 1)
    late.until(2000)
    out = Scene('[task.rare]\ncommand = ["rare"]\nonly-if = "RARE"', begun=False)
    out.fails = lambda effect: NotSpawned(child=0, status=0, reason="no memory") if isinstance(effect, Decide) else None
    out.begin()
    out.fails = lambda _: None
    out.until(1000)
    out.run_ends(1)
    down = Scene('[exit]\nwhen = "all"\n[child.a]\ncommand = ["a"]\n[child.b]\ncommand = ["b"]')
    down.exit("a")
    down.feed(Requested(number=1, what="start", children=(0,)))


def test_every_row_of_the_table_happens_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    happened = set()

    def watched(child: Child, what: str) -> Child:
        moved = move(child, what)
        happened.add((child.phase, what, moved.phase if what in TRANSITIONS[child.phase] else "not in the table"))
        return moved

    monkeypatch.setattr(draft, "move", watched)
    live_through(400, live)
    live_through(800, test_many_properties.live)
    rare_ends()
    plan = plan_of("")
    state, _ = step(plan, initial(plan), Begin(), 0)
    step(plan, state, Signal(signal=15, sender="outside"), 0)  # a stop, before the kernel has answered
    assert happened == EDGES
