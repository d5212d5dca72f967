"""Guarantees that one history can't show: two worlds that differ in one thing must not differ in another."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from sigroute.pid1.engine import effects as fx
from sigroute.pid1.engine import events as ev
from sigroute.pid1.plan import ANY_SIGNAL, SENDERS, Action, ChildPlan, Plan, Step
from tests.pid1 import histories
from tests.pid1.histories import live_through
from tests.pid1.world import World

if TYPE_CHECKING:
    from collections.abc import Callable

    from sigroute.pid1.engine.effects import Effect
    from sigroute.pid1.engine.events import Event
    from sigroute.pid1.plan import Table

TERM, USR1, KILL = 15, 10, 9


def one_child(pick: random.Random, again: str) -> Plan:
    """Return a plan of one child with one action, long enough for repeats, for TERM and for USR1."""
    first = Step(wait=pick.choice((0, 100)), signal=3)
    second, third = (Step(wait=pick.choice((300, 1000, 5000)), signal=pick.choice((2, 15, 9))) for _ in range(2))
    chain = pick.choice(((first, second), (first, second, third)))
    action = Action(
        origin="a",
        do=pick.choice(("send", "send", "hold")),
        steps=chain,
        otherwise=chain,
        run=pick.choice(((), (b"check",))),
        again={ANY_SIGNAL: again},
        hold=1000,
    )
    table: Table = dict.fromkeys(SENDERS, (0,) * 65)
    # A program that it never becomes: what is held is held for as long as it may be.
    held = ("never",) if action.do == "hold" else ()
    child = ChildPlan(name="c", argv=(b"x",), running=0, starting=0, program=held)
    return Plan(children=(child,), tables=(table,), actions=(action,), stop_signals=frozenset({TERM}))


def times(world: World) -> list[tuple[int, Effect]]:
    """Return when what was done; decisions that are only told are left out."""
    return [(now, effect) for now, effect in world.done if not isinstance(effect, (fx.Say, fx.Inspect))]


def with_repeats(plan: Plan, signal: int, repeats: list[int]) -> World:
    """Let a signal arrive at once, and again at these moments while its action is under way."""
    world = World(plan)
    world.begin()
    for moment in (0, *repeats):
        world.until(moment)
        child = world.state.children[0]
        # What arrives after a hold is held anew, and then finds what is under way or finds it done.
        under_way = child.held if plan.actions[0].do == "hold" else any(each.steps for each in child.progress)
        if not moment or under_way:
            world.feed(ev.Signal(signal=signal, sender="outside"))
    world.until(60_000)
    return world


@pytest.mark.parametrize("again", ["ignore", "next"])
def test_a_repeat_restarts_no_timer(again: str) -> None:
    def live(pick: random.Random) -> None:
        plan, signal = one_child(pick, again), pick.choice((TERM, USR1))
        moments = sorted(pick.choice(range(1, 3000)) for _ in range(pick.choice((1, 3, 6))))
        once, often = times(with_repeats(plan, signal, [])), times(with_repeats(plan, signal, moments))
        if again == "ignore":
            assert often == once
        else:
            assert [effect for _, effect in often] == [effect for _, effect in once]
            assert all(late >= early for (late, _), (early, _) in zip(once, often, strict=True))
            last = plan.actions[0].steps[-1]
            kills = [now for now, effect in often if isinstance(effect, fx.Kill)]
            assert last.signal != KILL or kills[-1] - kills[-2] == last.wait, "never into KILL"

    live_through(1000, live)


def failing_spawn(effect: Effect) -> Event | None:
    """The first child can't be started."""
    if isinstance(effect, fx.Spawn) and effect.child == 0:
        return ev.NotSpawned(child=0, status=127, reason="not found")
    return None


def failing_kill(effect: Effect) -> Event | None:
    """The first child may not be signalled."""
    if isinstance(effect, (fx.Kill, fx.KillOther)) and effect.child == 0:
        return ev.NotSent(child=0, pid=effect.pid, signal=effect.signal, reason="not permitted")
    return None


def failing_run(effect: Effect) -> Event | None:
    """The first child's commands can't be started."""
    if isinstance(effect, fx.Run) and effect.child == 0:
        return ev.RunNotStarted(run=effect.run, reason="not found")
    return None


def what_the_others_get(plan: Plan, seed: int, fails: Callable[[Effect], Event | None]) -> list[tuple[object, ...]]:
    """Let time pass and signals arrive, and nothing else; return what children 1 and 2 get, and when."""
    world, pick = World(plan), random.Random(seed)
    world.fails, world.last_pid = fails, 1000  # nobody is reaped here, so that the end is not compared
    world.begin()
    for _ in range(8):
        world.until(world.now + pick.choice((0, 50, 250, 1000)))
        world.feed(ev.Signal(signal=pick.choice(histories.SIGNALS), sender="outside"))
    world.until(world.now + 20_000)
    # Sorted, as what is done in one millisecond may be done in another order: who asks for the process list counts.
    return sorted(
        (now, type(effect).__name__, effect.child, getattr(effect, "signal", 0), getattr(effect, "argv", ()))
        for now, effect in world.done
        if isinstance(effect, (fx.Kill, fx.Run, fx.Say)) and effect.child > 0
    )


@pytest.mark.parametrize("fails", [failing_spawn, failing_kill, failing_run])
def test_the_failure_of_one_child_changes_nothing_for_the_others(fails: Callable[[Effect], Event | None]) -> None:
    def live(pick: random.Random) -> None:
        plan = histories.plan(pick)
        actions = tuple(each.but(after=()) for each in plan.actions)
        plan = plan.but(children=(plan.children[0],) * 3, actions=actions, when="all", grace=None)
        seed = pick.randrange(1 << 30)
        assert what_the_others_get(plan, seed, fails) == what_the_others_get(plan, seed, lambda _effect: None)

    live_through(500, live)
