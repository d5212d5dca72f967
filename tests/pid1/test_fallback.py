"""What is left after an error of the engine: first signals, grace, reaping, and nothing that ends it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sigroute.pid1.engine import effects as fx
from sigroute.pid1.engine import events as ev
from tests.pid1.histories import live_through
from tests.pid1.scene import plan_of
from tests.pid1.world import ME

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from sigroute.pid1.engine.effects import Effect
    from sigroute.pid1.engine.events import Event
from tests.pid1.numbers import TWO, Lines, Numbers, break_at, dies, dies_if_there, nothing, run, sent, signal


@pytest.mark.parametrize("number", range(1, 12))
def test_an_error_of_its_own_at_any_step_loses_no_stop_and_no_status(
    monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    break_at(monkeypatch, number)
    world, log = Numbers(plan_of(TWO), [nothing, signal(15), dies_if_there(0, 3), dies_if_there(1, 4)]), Lines()
    code = run(world, log)
    assert log.names().count("fallback") == (number <= 8)
    started = {effect.child for _, effect in world.done if isinstance(effect, fx.Spawn)}
    assert {each for each, what in sent(world) if what == 3} == started
    assert code == (3 if started else 1)


def test_what_the_fallback_forwards_keeps_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    def queued(number: int) -> Callable[[Numbers], Event]:
        return lambda _world: ev.Signal(signal=number, sender="outside", value=7)

    break_at(monkeypatch, 5)
    world = Numbers(plan_of(TWO), [nothing, signal(40), queued(40), queued(15), dies(0), dies(1)])
    run(world, Lines())
    kills = [effect for _, effect in world.done if isinstance(effect, fx.Kill) and effect.child == 0]
    assert [(effect.signal, effect.value, effect.origin) for effect in kills][1:] == [
        (40, 7, "fallback"),
        (3, None, "fallback"),
    ]


LATE = '[on]\nUSR1 = "5s USR2"\nstop = "TERM"\n'


def test_the_fallback_sends_what_was_to_be_sent_later(monkeypatch: pytest.MonkeyPatch) -> None:
    break_at(monkeypatch, 4)
    world = Numbers(plan_of(LATE), [signal(10), signal(12), signal(15), dies(0)])
    run(world, Lines())
    assert sent(world) == [(0, 12), (0, 12), (0, 15)]


HELD = """
[child.one]
program = "server"
[child.one.starting]
stop = { hold = "60s", else = "TERM" }
[child.one.on]
stop = "QUIT"
"""


@pytest.mark.parametrize("number", [4, 5, 6])
def test_the_fallback_sends_what_was_held_and_what_waited_for_a_look(
    monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    break_at(monkeypatch, number)
    world, log = Numbers(plan_of(HELD), [signal(15), signal(10), dies(0)]), Lines()
    run(world, log)
    assert sent(world) == [(0, 3), (0, 10)]
    assert "fallback" in log.names()


@pytest.mark.parametrize("script", [(15, 10), (10, 15)])
def test_the_fallback_keeps_the_grace(monkeypatch: pytest.MonkeyPatch, script: tuple[int, int]) -> None:
    """Of a stop that is under way, and of one that comes after."""
    break_at(monkeypatch, 4)
    world = Numbers(plan_of('grace = "5s"\n[on]\nstop = "TERM"\n'), [signal(each) for each in script])
    assert run(world, Lines()) == 137
    assert world.now == 5_000
    assert sent(world)[-1] == (0, 9)


@pytest.mark.parametrize("number", range(2, 8))
def test_the_fallback_passes_a_stop_on_to_what_a_child_has_left_and_keeps_the_grace(
    monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def leaves(world: Numbers) -> None:
        first = next(each for each in world.living() if each.child == 0)
        left = world.fork(first, alone=True)
        assert left is not None
        world.die(first, 3)

    break_at(monkeypatch, number)
    rules = 'grace = "5s"\n[child.server]\nexited = "tree"\n[on]\nstop = "QUIT"\n'
    world = Numbers(plan_of(rules), [leaves, signal(15)])
    assert run(world, Lines()) == 3
    kills = [effect.signal for _, effect in world.done if isinstance(effect, (fx.Kill, fx.KillOther))]
    assert kills[0] == 3
    assert world.now == 5_000


TREES = """
[child.front]
command = ["f"]
exited = "tree"
[child.back]
command = ["b"]
exited = "tree"
[child.front.on]
stop = "QUIT"
[child.back.on]
stop = "INT"
[exit]
when = "all"
"""


def test_the_fallback_gives_what_two_children_have_left_what_each_would_get(monkeypatch: pytest.MonkeyPatch) -> None:
    left: list[int] = []

    def leave(world: Numbers) -> None:
        for first in [each for each in world.living() if each.child is not None]:
            worker = world.fork(first, alone=False)
            assert worker is not None
            left.append(worker.pid)
            world.die(first, 3)

    def end(world: Numbers) -> None:
        for each in world.living():
            world.die(each)

    break_at(monkeypatch, 5)
    world = Numbers(plan_of(TREES), [nothing, leave, signal(15), end])
    assert run(world, Lines()) == 3
    kills = [effect for _, effect in world.done if isinstance(effect, (fx.Kill, fx.KillOther))]
    assert {(effect.pid, effect.signal) for effect in kills} == {(left[0], 3), (left[1], 2)}


@pytest.mark.parametrize(
    ("number", "handled", "got"), [(3, 1 << 14, [15]), (3, 0, [3]), (10, 0, []), (10, 1 << 9, [10])]
)
def test_the_fallback_protects_as_the_default_does(
    monkeypatch: pytest.MonkeyPatch, number: int, handled: int, got: list[int]
) -> None:
    def handles(world: Numbers) -> None:
        world.living()[0].handled = handled

    break_at(monkeypatch, 2)
    world = Numbers(plan_of(""), [handles, signal(number), dies(0)])
    run(world, Lines())
    assert [what for _, what in sent(world)] == got


WRAPPED = '[child.one]\ncommand = ["npm", "start"]\nprogram = "server"\n[child.one.on]\nstop = "QUIT"\n'


@pytest.mark.parametrize(("scope", "state"), [("program", "S"), ("program", "T"), ("process", "T")])
def test_the_fallback_finds_a_program_below_its_wrapper(
    monkeypatch: pytest.MonkeyPatch, scope: str, state: str
) -> None:
    pids: list[int] = []

    def wraps(world: Numbers) -> None:
        (wrapper,) = world.living()
        below = world.fork(wrapper, alone=False)
        assert below is not None
        below.names, below.state = ("server",), state
        pids.extend((below.pid, wrapper.pid))

    def end(world: Numbers) -> None:
        for each in reversed(world.living()):
            world.die(each)

    break_at(monkeypatch, 3)
    rules = WRAPPED.replace('"QUIT"', f'{{ send = "QUIT", scope = "{scope}" }}')
    world = Numbers(plan_of(rules), [wraps, signal(15), end])
    run(world, Lines())
    kills = [effect for _, effect in world.done if isinstance(effect, (fx.Kill, fx.KillOther))]
    got = [3, 18] if (scope, state) == ("program", "T") else [3]
    assert [(effect.pid, effect.signal) for effect in kills] == [(pids[scope == "process"], each) for each in got]
    assert not any(isinstance(effect, fx.Kill) and effect.group for effect in kills)


def halts(world: Numbers) -> Event:
    """Let the first child be stopped by a signal."""
    return ev.Stopped(pid=world.living()[0].pid, signal=19)


def goes_on(world: Numbers) -> Event:
    """Let the first child be continued."""
    return ev.Continued(pid=world.living()[0].pid)


@pytest.mark.parametrize("number", range(2, 7))
@pytest.mark.parametrize(
    ("script", "got"),
    [
        ([halts, signal(15)], [3, 18]),
        ([signal(15), halts, halts], [3, 18]),
        ([halts, goes_on, signal(15)], [3]),
        ([halts, signal(10)], [10]),
    ],
    ids=["before", "after", "continued", "no stop"],
)
def test_the_fallback_continues_a_stopped_child_with_the_stop(
    monkeypatch: pytest.MonkeyPatch, script: list[Callable[[Numbers], Event]], got: list[int], number: int
) -> None:
    break_at(monkeypatch, number)
    world = Numbers(plan_of('[on]\nstop = "QUIT"\n'), [*script, nothing, dies(0)])
    run(world, Lines())
    assert [what for _, what in sent(world)] == got


def test_the_fallback_knows_the_child_that_was_begun_before_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    break_at(monkeypatch, 1)
    world = Numbers(plan_of(TWO), [signal(15), dies(0, 3)])
    first = world.new(ME)
    assert first is not None
    first.child = 0
    world.begun = first.pid
    assert run(world, Lines()) == 3
    assert sent(world) == [(0, 3)]


def test_the_fallback_does_what_was_decided_and_not_done(monkeypatch: pytest.MonkeyPatch) -> None:
    world = Numbers(plan_of(TWO), [nothing, signal(15), dies(0, 3), dies(1)])
    perform = world.perform

    def fails_once(effect: Effect) -> Event | None:
        if isinstance(effect, fx.Say) and effect.what == "stop":
            raise KeyError
        return perform(effect)

    monkeypatch.setattr(world, "perform", fails_once)
    log = Lines()
    assert run(world, log) == 3
    assert log.names().count("fallback") == 1
    assert sent(world) == [(0, 3), (1, 3)]


def test_the_fallback_outlives_errors_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    break_at(monkeypatch, 3)

    def fails(_world: Numbers) -> None:
        raise MemoryError

    world = Numbers(plan_of(TWO), [fails, fails, signal(15), fails, dies(0, 3)])
    assert run(world, Lines()) == 3
    assert (0, 3) in sent(world)


@pytest.mark.parametrize(("number", "sender"), [(1374195264, "inside"), (10, "nobody")])
def test_the_fallback_outlives_what_the_engine_failed_by(number: int, sender: str) -> None:
    wrong = ev.Signal(signal=number, sender=sender)
    world, log = Numbers(plan_of(TWO), [nothing, lambda _world: wrong, signal(15), dies(0, 3), dies(1)]), Lines()
    assert run(world, log) == 3
    assert log.names().count("fallback") == 1
    assert sent(world) == [(0, 3), (1, 3)]


def test_the_fallback_ends_and_reaps_whenever_it_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    def live(pick: random.Random) -> None:
        with monkeypatch.context() as patch:
            break_at(patch, pick.randrange(1, 15))
            happenings = [pick.choice((signal(15), signal(1), signal(10))) for _ in range(8)]
            world = Numbers(plan, [nothing, *happenings, dies_if_there(0, 3), dies_if_there(1, 4)])
            run(world, Lines())
            assert not world.processes

    plan = plan_of(TWO)
    live_through(200, live)


@pytest.mark.parametrize("missed", [frozenset(), frozenset((2,))])
def test_the_fallback_leaves_what_is_typed_to_who_hears_it(
    monkeypatch: pytest.MonkeyPatch, missed: frozenset[int]
) -> None:
    """The terminal sends INT to sigroute's whole group: it is passed on only where the child had missed it."""

    def typed(_world: Numbers) -> Event:
        return ev.Signal(signal=2, sender="tty")

    break_at(monkeypatch, 3)
    world = Numbers(
        plan_of('[child.c]\ncommand = ["c"]\n[child.c.on]\nINT = "INT"\n'), [signal(12), typed, typed, dies(0)]
    )
    world.hears, world.missed = frozenset((2,)), missed
    run(world, Lines())
    assert [number for _, number in sent(world) if number == 2] == [2] * len(missed)
