"""What a step takes, counted in calls, with ten times as many children or rules: no clock, so the same everywhere."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from sigroute.pid1.engine import events as ev
from sigroute.pid1.engine.state import initial
from sigroute.pid1.engine.step import step, wake
from tests.pid1.scene import plan_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from sigroute.pid1.engine.state import State
    from sigroute.pid1.plan import Plan


def plan(children: int, rules: int = 4) -> Plan:
    """Return so many children, each with so many rules of its own."""
    lines = ['[exit]\nwhen = "all"\n[on]\nstop = "TERM 5s KILL"\n']
    for child in range(children):
        lines.append(f'[child.c{child}]\ncommand = ["x"]\n[child.c{child}.on]\n')
        lines += [f'"{34 + rule}" = "{child}s USR1"\n' for rule in range(rules)]
    return plan_of("".join(lines))


def running(plan: Plan) -> State:
    """Return the state in which all of them run."""
    state, events = starts(plan)
    for event in events:
        state, _ = step(plan, state, event, 0)
    return state


def calls(plan: Plan, state: State, event: ev.Event) -> int:
    """Return how many calls a step and the look for the next deadline make, those of built-in functions included."""
    made = 0

    def count(_frame: object, what: str, _argument: object) -> None:
        nonlocal made
        made += what in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        state, _ = step(plan, state, event, 1)
        wake(state)
    finally:
        sys.setprofile(before)
    return made


def starts(rules: Plan) -> tuple[State, list[ev.Event]]:
    """Return how all of them are started."""
    events: list[ev.Event] = [ev.Begin()]
    for index in range(len(rules.children)):
        events += [ev.Spawned(child=index, pid=100 + index), ev.Tick()]
    return initial(rules), events


def ends(rules: Plan) -> tuple[State, list[ev.Event]]:
    """Return how all of them end."""
    return running(rules), [ev.Exited(pid=100 + index, status=0) for index in range(len(rules.children))]


EVENTS = {
    "an orphan": ev.Exited(pid=99_999, status=0),
    "a child that has stopped": ev.Stopped(pid=100, signal=19),
}


@pytest.mark.parametrize("name", EVENTS)
def test_what_is_one_childs_or_nobodys_takes_the_same_with_ten_times_the_children(name: str) -> None:
    few, many = plan(20), plan(200)
    assert calls(few, running(few), EVENTS[name]) == calls(many, running(many), EVENTS[name])


def lingering(number: int) -> tuple[Plan, State]:
    """Return the state after the exit of a child whose tree means so many processes that are left to sigroute."""
    rules = plan_of('[child.c]\ncommand = ["x"]\nexited = "tree"\n')
    state, events = starts(rules)
    me = ev.Process(pid=1, parent=0, group=1, session=1, state="S", start=0)
    left = [me.but(pid=1000 + each, parent=1, group=100, session=100) for each in range(number)]
    for event in (*events, ev.Exited(pid=100, status=0), ev.Listed(processes=(me, *left), took=100)):
        state, _ = step(rules, state, event, 0)
    return rules, state


def test_the_exit_of_one_of_a_tree_takes_the_same_however_many_are_left_and_no_list() -> None:
    made = []
    for number in (20, 200):
        rules, state = lingering(number)
        event = ev.Exited(pid=1010, status=0)
        made.append(calls(rules, state, event))
        assert step(rules, state, event, 1)[1] == []
    assert made[0] == made[1]


@pytest.mark.parametrize("signal", [1, 10, 15, 28, 35])
def test_a_signal_to_all_takes_ten_times_as_much_with_ten_times_the_children(signal: int) -> None:
    few, many = plan(20), plan(200)
    event = ev.Signal(signal=signal, sender="outside")
    assert calls(many, running(many), event) <= 10 * calls(few, running(few), event)


def test_a_signal_takes_the_same_whatever_the_number_of_rules() -> None:
    few, many = plan(5, rules=1), plan(5, rules=30)
    event = ev.Signal(signal=34, sender="outside")
    assert calls(few, running(few), event) == calls(many, running(many), event)


@pytest.mark.parametrize("life", [starts, ends])
def test_a_whole_life_takes_ten_times_as_much_with_ten_times_the_children(
    life: Callable[[Plan], tuple[State, list[ev.Event]]],
) -> None:
    taken = []
    for number in (20, 200):
        rules = plan(number)
        state, events = life(rules)
        total = 0
        for event in events:
            total += calls(rules, state, event)
            state, _ = step(rules, state, event, 1)
        taken.append(total)
    assert taken[1] <= 10 * taken[0]
