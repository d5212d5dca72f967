"""What a signal does as long as nothing else happens: worked out once, and only then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigroute.pid1 import habit
from sigroute.pid1.engine import events as ev
from sigroute.pid1.engine import step as engine
from sigroute.pid1.engine.state import initial
from sigroute.pid1.habit import MOST, Habits
from tests.pid1.scene import plan_of

if TYPE_CHECKING:
    import pytest

    from sigroute.pid1.engine.draft import Draft
    from sigroute.pid1.engine.state import State
    from sigroute.pid1.plan import Plan

RULES = '[on]\nUSR1 = "USR2"\nHUP = "drop"\nstop = "TERM"\nUSR2 = "1s HUP"\n"RTMIN+6" = "forward"\n'


class Counted:
    """Habits of a child that runs, and how often something had to be worked out."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.worked = 0
        monkeypatch.setattr(habit, "work", self.work)
        self.habits = Habits(plan_of(RULES))
        self.now = 0
        self.state = initial(self.habits.plan)
        self.do(ev.Begin())
        self.do(ev.Spawned(child=0, pid=100))

    def work(self, plan: Plan, state: State, event: ev.Event, now: int) -> Draft:
        self.worked += 1
        return engine.work(plan, state, event, now)

    def do(self, event: ev.Event) -> bool:
        """Take a step; tell whether it had to be worked out."""
        self.now += 1
        if self.habits.recall(self.state, event) is not None:
            return False
        before = self.worked
        self.state, _ = self.habits.step(self.state, event, self.now)
        return self.worked > before


def signal(number: int, sender: str = "outside", pid: int = 0, value: int | None = None) -> ev.Signal:
    return ev.Signal(signal=number, sender=sender, pid=pid, value=value)


def test_what_is_only_passed_on_is_worked_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Counted(monkeypatch)
    assert run.do(signal(10))
    assert not run.do(signal(10))
    assert not run.do(signal(10, pid=77)), "who sent it makes no difference, but for the kind of sender"
    assert run.do(signal(10, "tty"))
    assert run.do(signal(1))
    assert not run.do(signal(1))
    assert not run.do(signal(10, "tty"))


def test_what_carries_a_value_is_worked_out_each_time_and_taken_for_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = Counted(monkeypatch)
    for value in (None, 0, 0, 7):
        assert run.do(signal(40, value=value))
    assert not run.do(signal(40))
    assert len(run.habits.known) == 1


def test_another_state_is_another_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Counted(monkeypatch)
    run.do(signal(10))
    run.do(ev.Stopped(pid=100, signal=19))
    assert run.do(signal(10))
    assert not run.do(signal(10))
    run.do(ev.Exited(pid=555, status=0))
    assert not run.do(signal(10)), "nobody's exit changes nothing"


def test_what_depends_on_the_time_is_worked_out_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Counted(monkeypatch)
    run.do(signal(12))
    assert run.do(signal(12)), "within 200 ms a duplicate, then none"
    assert run.do(signal(12))


def test_not_more_is_kept_than_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Counted(monkeypatch)
    for number in range(40, 40 + 3 * MOST):
        run.do(signal(number))
        assert len(run.habits.known) <= MOST


def test_an_orphan_that_nobody_waits_for_is_not_worked_out(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Counted(monkeypatch)
    assert not run.do(ev.Exited(pid=555, status=0))
    assert run.do(ev.Exited(pid=100, status=0))
