"""Whether conditions hold, and the process that looks."""

from __future__ import annotations

import json
import os
import signal
import time
from typing import TYPE_CHECKING

import pytest

from sigroute.pid1.engine.effects import Decide, Spawn
from sigroute.pid1.engine.events import Exited, NotSpawned, RunStarted
from sigroute.pid1.kernel import conditions
from sigroute.pid1.kernel.conditions import begin, holds
from sigroute.pid1.kernel.further_starts import FurtherStarts
from sigroute.pid1.kernel.options import DEFAULT_START
from sigroute.pid1.kernel.start import Start
from sigroute.pid1.plan import ChildPlan, Plan, World
from tests.pid1.scene import plan_of

if TYPE_CHECKING:
    from pathlib import Path

    from sigroute.pid1.condition import Condition


def condition_of(text: str) -> Condition:
    (condition,) = plan_of(f"[child.c]\nonly-if = {json.dumps(text)}").children[0].only_if
    return condition


@pytest.mark.parametrize(
    ("text", "yes", "no"),
    [
        ("A", "1 yes x -1 00", " 0 false FALSE no No off OFF"),
        ("!A", " 0 false off", "1 true"),
        ("A=a|b", "a b", " c A ab a|b"),
        ("A!=a|b", " c A", "a b"),
        ("A=", "", "a 0"),
        ("A!=", "0 a", ""),
        ("A=pg*|*my", "pg pgsql my xmy", " apg myx"),
        ("A=*local*", "local xlocalx", " loca"),
        ("A=*", " a", None),
        ("A=**", " a", None),
        ("A=a=b", "a=b", "a"),
        ("A=ä", "ä", "a"),
    ],
)
def test_a_condition_holds_for_these_values_and_not_for_those(text: str, yes: str, no: str | None) -> None:
    condition = condition_of(text)
    assert str(condition) == text
    for value in yes.split(" "):
        assert holds(condition, value.encode()), value
    for value in [] if no is None else no.split(" "):
        assert not holds(condition, value.encode()), value


def code_of(*texts: str, world: World | None = None) -> int:
    """Return the exit code of a process that looks."""
    begun = begin(tuple(map(condition_of, texts)), world)
    assert isinstance(begun, Start)
    return os.waitstatus_to_exitcode(os.waitpid(begun.pid, 0)[1])


def test_the_first_condition_that_does_not_hold_is_the_exit_code(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "nothing")
    world = World(env={b"A": b"1", b"HOME": False})
    assert code_of("A", "!HOME", str(tmp_path), world=world) == 0
    assert code_of("A", "HOME", "B", world=world) == 2
    assert code_of("A", "!A", f"!{tmp_path}", world=world) == 3  # paths are looked at first
    assert code_of(f"!{tmp_path}/nothing", f"!{tmp_path}/link", "!/dev/null/x") == 0
    assert code_of(f"{tmp_path}/link") == 1


def test_the_variables_of_its_files_and_its_user_count(tmp_path: Path) -> None:
    (tmp_path / "variables").write_text("A=file\n")
    world = World(user=b"root", env_files=(os.fsencode(tmp_path / "variables"),))
    assert code_of("A=file", "USER=root", world=world) == 0


def starts_of(text: str, world: World) -> FurtherStarts:
    child = ChildPlan(name="c", argv=(b"x",), running=0, starting=0, world=world, only_if=(condition_of(text),))
    other = ChildPlan(name="other", argv=(b"/nowhere/at-all",), running=0, starting=0)
    return FurtherStarts(
        Plan(children=(child, other), tables=(), actions=(), stop_signals=frozenset()), DEFAULT_START, None
    )


def test_one_that_can_not_have_its_variables_fails_as_its_start_would() -> None:
    starts = starts_of("A", World(env_files=(b"/nowhere/variables",)))
    event = starts.decide(Decide(run=7, child=0))
    if isinstance(event, RunStarted):
        os.waitpid(event.pid, 0)
        event = starts.fate(Exited(pid=event.pid, status=126))
    assert isinstance(event, NotSpawned)
    assert event.status == 126
    assert "/nowhere/variables" in event.reason


def test_nobody_needs_its_variables_for_a_path() -> None:
    assert code_of("/nowhere", world=World(env_files=(b"/nowhere/variables",))) == 1


def test_a_process_that_hangs_holds_up_no_other_start_and_ends_by_a_signal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A dead file server can't be had here: whoever looks at a path sleeps."""
    monkeypatch.setattr(conditions, "exists", lambda _: time.sleep(1000))
    starts = starts_of("/path", World())
    event = starts.decide(Decide(run=7, child=0))
    assert isinstance(event, RunStarted)
    failed = starts.spawn(Spawn(child=1))
    assert isinstance(failed, NotSpawned), "nobody has waited for it"
    os.kill(event.pid, signal.SIGTERM)
    assert os.waitstatus_to_exitcode(os.waitpid(event.pid, 0)[1]) == -signal.SIGTERM
