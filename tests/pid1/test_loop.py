"""The loop over a kernel of numbers: reaping before waiting, and what is left after an error of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sigroute.pid1 import loop
from sigroute.pid1.engine import events as ev
from sigroute.pid1.engine import step as engine
from tests.pid1.numbers import (
    BATCH,
    TWO,
    Broken,
    Lines,
    Numbers,
    Watcher,
    break_at,
    dies,
    dies_if_there,
    nothing,
    run,
    sent,
    signal,
)
from tests.pid1.scene import plan_of
from tests.pid1.world import ME

if TYPE_CHECKING:
    from sigroute.pid1.engine.events import Event


def storms(world: Numbers) -> Event:
    """Let a signal arrive while one is dealt with."""
    world.now += 100
    return ev.Signal(signal=10, sender="inside")


def test_a_storm_of_signals_holds_up_no_deadline() -> None:
    world = Numbers(plan_of('[on]\nstop = "QUIT 5s KILL"\nUSR1 = "USR1"\n'), [signal(15), *[storms] * 100])
    assert run(world, Lines()) == 137
    assert len(world.script) == 50


def test_it_ends_with_the_code_of_the_engine() -> None:
    world, log = Numbers(plan_of(TWO), [nothing, signal(15), dies(0, 3), dies(1)]), Lines()
    assert run(world, log, ("a note",)) == 3
    assert sent(world) == [(0, 3), (1, 3)]
    assert log.names()[0] == "note"
    assert log.names()[-1] == "exit"


def test_it_waits_without_a_time_where_nothing_is_due() -> None:
    world = Numbers(plan_of(TWO), [nothing, dies(0), dies(1)])
    run(world, Lines())
    assert world.waits[1:] == [None, None]


def test_who_has_died_is_not_signalled_for_the_death_of_another_at_the_same_moment() -> None:
    """3: the exit of the one stops the other, which has exited as well; its pid may be a third's by then."""

    def both(world: Numbers) -> None:
        for child in (0, 1):
            dies(child, 4)(world)

    world, log = Numbers(plan_of(TWO.replace("all", "any")), [nothing, both]), Lines()
    assert run(world, log) == 4
    assert "fallback" not in log.names()
    assert sent(world) == [(1, 3)], "a zombie, not reaped yet: it keeps its pid"


def test_a_stop_that_is_there_already_comes_before_the_exits_that_are() -> None:
    """The child has ended of what somebody sent to both: the stop was asked for, and the exit map applies."""

    def both(world: Numbers) -> None:
        dies(0, 143)(world)
        world.asked.append(ev.Signal(signal=15, sender="outside"))

    world = Numbers(plan_of("[exit]\nmap = { 143 = 0 }\n"), [both])
    assert run(world, Lines()) == 0
    assert sent(world) == [(0, 15)], "a zombie, not reaped yet: it keeps its pid"


@pytest.mark.parametrize("bound", ["BATCH", "SPELL"])
def test_a_storm_of_exits_never_keeps_a_signal_waiting(monkeypatch: pytest.MonkeyPatch, bound: str) -> None:
    """Neither many of them, nor some that take long: here a millisecond each."""
    monkeypatch.setattr(loop, "BATCH", 1000)
    monkeypatch.setattr(loop, bound, BATCH)

    def orphans(world: Numbers) -> None:
        for _ in range(6 * BATCH):
            orphan = world.new(ME)
            assert orphan is not None
            world.die(orphan)

    world = Numbers(plan_of(TWO), [nothing, orphans, signal(15), *[nothing] * 6, dies(0), dies(1)])
    world.reaping = int(bound == "SPELL")
    log = Lines()
    assert run(world, log) == 0
    reaped = [number for number, name in enumerate(log.names()) if name == "reaped"]
    assert len(reaped) == 6 * BATCH
    assert reaped[0] < log.names().index("signal") < reaped[-1]


def test_a_log_that_fails_does_not_fail_the_run() -> None:
    world = Numbers(plan_of(TWO), [nothing, signal(15), dies(0, 3), dies(1)])
    assert run(world, Broken()) == 3
    assert sent(world) == [(0, 3), (1, 3)]


def test_each_observer_sees_each_step_after_it_was_done_though_another_fails() -> None:
    world = Numbers(plan_of(TWO), [nothing, signal(15), dies(0, 3), dies(1)])
    watcher = Watcher(world)
    first = world.state
    run(world, Broken(), beside=[watcher])
    states, events, done = zip(*watcher.seen, strict=True)
    assert all(done)
    assert states[0] == first
    assert [type(each) for each in events[:2]] == [ev.Begin, ev.Spawned]
    assert [each.signal for each in events if isinstance(each, ev.Signal)] == [15]
    assert [each.status for each in events if isinstance(each, ev.Exited)] == [3, 0]


def test_a_log_that_fails_does_not_fail_the_notes_nor_the_fallback(monkeypatch: pytest.MonkeyPatch) -> None:
    break_at(monkeypatch, 3)
    world = Numbers(plan_of(TWO), [nothing, signal(15), dies_if_there(0, 3), dies_if_there(1, 4)])
    assert run(world, Broken(), ("a note",)) == 3
    assert (0, 3) in sent(world)


def test_a_list_too_long_to_be_looked_through_is_one_that_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def scarce(*arguments: Any) -> object:
        event = arguments[2]
        if isinstance(event, ev.Listed) and event.processes:
            raise MemoryError
        return engine.step(*arguments)

    monkeypatch.setattr(loop, "step", scarce)
    rules = 'grace = "60s"\n[on]\nstop = { send = "TERM 5s KILL", scope = "tree" }\n'
    world, log = Numbers(plan_of(rules), [signal(15)]), Lines()
    assert run(world, log) == 137
    assert sent(world) == [(0, 15), (0, 9)]
    assert world.now == 5_700
    assert log.names().count("unread") == 1
    assert "fallback" not in log.names()
