"""The engine's guarantees, each a property of every history: what random worlds do to random plans.

20,000 in every run from seeds, which is fast, and some from hypothesis, which finds the shortest that breaks one.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sigroute.pid1.engine import effects as fx
from sigroute.pid1.engine import events as ev
from sigroute.pid1.engine.life import EXITED, LINGERING, RUNNING, STARTING, UNSTARTED
from sigroute.pid1.engine.step import wake
from sigroute.pid1.engine.stop import KILL_ROUND, KILL_ROUNDS
from sigroute.pid1.plan import FORWARD
from tests.pid1 import histories
from tests.pid1.histories import History, live_through
from tests.pid1.laws import all_laws
from tests.pid1.laws.moment import Moment
from tests.pid1.laws.values import signals_of
from tests.pid1.world import CONT, KILL, OTHER, World

if TYPE_CHECKING:
    from sigroute.pid1.engine.effects import Effect
    from sigroute.pid1.engine.events import Event
    from sigroute.pid1.engine.state import State
    from tests.pid1.histories import Chooser

SHARDS = 4
HISTORIES = int(os.environ.get("SIGROUTE_HISTORIES", "20000"))
#: More ticks than any plan here has deadlines: 3 children, 3 steps each, holds, retries, rounds of killing.
MANY = 200
#: So often what nobody tells of is looked at.
SECOND = 1000


class Laws:
    """Watches a world; each method states one guarantee over an event and what came of it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.listed: set[tuple[int, int]] = set()
        self.stop_began: int | None = None
        laws = (
            self.no_signal_is_lost,
            self.only_what_was_seen_is_signalled,
            self.only_what_is_written_is_sent,
            self.one_stop_action_and_it_cancels_the_others,
            self.nothing_starts_in_a_stop,
            self.a_tick_does_something,
            self.it_ends_when_every_child_has_exited,
            self.all_the_others,
        )
        self.more = all_laws()
        world.watchers += laws
        world.at_rest = self.nothing_is_forgotten

    def all_the_others(self, before: State, event: Event, after: State, effects: list[Effect]) -> None:
        """1, 3, 4, 5: see laws/."""
        moment = Moment(self.world, before, event, after, effects)
        for law in self.more:
            law(moment)

    def no_signal_is_lost(self, before: State, event: Event, after: State, effects: list[Effect]) -> None:
        """1: every child that runs gets it, or it is told why not, or it is kept and can be seen in the state."""
        for index, child in enumerate(before.children):
            now = after.children[index]
            if isinstance(event, ev.Signal) and now.phase in UNSTARTED:
                assert any(isinstance(each, fx.Say) and each.child == index for each in effects), "it vanishes"
            if child.phase not in (STARTING, RUNNING) or now.phase not in (STARTING, RUNNING) or is_over(after):
                continue
            arrived = [each.signal for each in child.inbox] + [each.arrival.signal for each in child.held]
            arrived += [event.signal] if isinstance(event, ev.Signal) else []
            kept = [each.signal for each in now.inbox] + [each.arrival.signal for each in now.held]
            kept += [signal for each in now.progress for signal in each.last_arrivals]
            told = [each for each in effects if isinstance(each, (fx.Kill, fx.KillOther, fx.Run, fx.Say))]
            said = [each.signal for each in told if isinstance(each, fx.Say) and each.child == index]
            done = any(not isinstance(each, fx.Say) and each.child == index for each in told)
            assert done or set(arrived) <= {*kept, *said}, f"c{index}: one of {arrived} is lost"
            assert len(now.inbox) in (0, len(child.inbox), len(child.inbox) + 1), "part of an inbox is lost"

    def nothing_is_forgotten(self) -> None:
        """1: what is kept is looked at again: by itself when the hold before it ends."""
        if self.world.code is None:
            state = self.world.state
            listed = state.listing or state.relist_at is not None
            for child in state.children:
                looked_at = child.look_at is not None or (child.phase == LINGERING and listed)
                assert not child.inbox or child.held or looked_at, "nothing will ever look at this inbox"
                assert not child.held or child.look_at is not None, "nothing looks at what is held"

    def only_what_was_seen_is_signalled(
        self, _before: State, event: Event, _after: State, effects: list[Effect]
    ) -> None:
        """3: by pid only what is ours and unreaped (World.kill_own), else by pid and start as listed."""
        if isinstance(event, ev.Listed):
            self.listed |= {(process.pid, process.start) for process in event.processes or ()}
        if isinstance(event, ev.Inspected):
            self.listed |= {(each.process.pid, each.process.start) for each in event.below}
        for effect in effects:
            if isinstance(effect, fx.KillOther):
                assert (effect.pid, effect.process.start) in self.listed

    def only_what_is_written_is_sent(self, _before: State, _event: Event, _after: State, effects: list[Effect]) -> None:
        """4: a signal is a step of the entry it names, or what arrived, or the CONT a stopped process needs."""
        for effect in effects:
            if not isinstance(effect, (fx.Kill, fx.KillOther)):
                continue
            if effect.origin in ("grace", "drain", "run", "terminal"):
                farewell = 0 if self.world.plan.drain is None else self.world.plan.drain.signal
                assert effect.signal in (KILL, farewell, CONT)
                continue
            written = signals_of(next(each for each in self.world.plan.actions if each.origin == effect.origin))
            assert effect.signal in written or FORWARD in written or effect.signal == CONT, effect
            assert effect.signal != KILL or KILL in written, "nobody wrote KILL"

    def one_stop_action_and_it_cancels_the_others(
        self, before: State, _event: Event, after: State, _effects: list[Effect]
    ) -> None:
        for old, new in zip(before.children, after.children, strict=True):
            stops = [each for each in new.progress if each.is_stop]
            olds = [each for each in old.progress if each.is_stop]
            assert len(stops) <= 1
            if stops and not olds:
                assert all(each.id >= stops[0].id for each in new.progress), "an older action goes on beside the stop"
            if olds and new.phase in (STARTING, RUNNING) and not is_over(after):
                assert [each.action for each in stops] == [each.action for each in olds], "a second stop action"

    def nothing_starts_in_a_stop(self, before: State, _event: Event, after: State, effects: list[Effect]) -> None:
        if after.stop is not None and self.stop_began is None:
            self.stop_began = self.world.now
        if before.stop is not None:
            assert not any(isinstance(effect, fx.Spawn) for effect in effects)

    def a_tick_does_something(self, before: State, event: Event, after: State, effects: list[Effect]) -> None:
        """9: no clock ticks for nothing: what is held, due or unread is looked at again, and a wrapper in a stop."""
        if isinstance(event, ev.Tick):
            assert after != before or effects
            for effect in effects:
                if isinstance(effect, fx.Inspect):
                    child = after.children[effect.child]
                    looks = child.program_below and any(
                        each.awaits_look or each.told_program for each in child.progress
                    )
                    assert before.children[effect.child].held or before.children[effect.child].read_failures or looks

    def it_ends_when_every_child_has_exited(
        self, _before: State, _event: Event, after: State, effects: list[Effect]
    ) -> None:
        for effect in effects:
            if isinstance(effect, fx.Exit):
                assert after.stop is not None
                assert after.stop.over or all(child.phase == EXITED for child in after.children)
                assert 0 <= effect.code <= 255


def is_over(state: State) -> bool:
    """Tell whether ``grace`` is over: then everything else is."""
    return state.stop is not None and state.stop.over


def live(pick: Chooser) -> None:
    """Live through one history and one ending of it."""
    world = World(histories.plan(pick), proc=pick.choice((True, True, True, False)))
    world.terminal, world.shell = pick.choice(((False, False), (True, False), (True, True)))
    world.took = pick.choice((0, 0, 0, 40))
    world.adopts = pick.choice((True, True, True, False))
    laws = Laws(world)
    history = History(world, pick)
    history.play(pick.choice((3, 10, 30)))
    world.fails = lambda _effect: None
    if world.code is None:
        pick.choice((all_end, nobody_listens, nothing_dies))(world, laws)


def all_end(world: World, _laws: Laws) -> None:
    """2, 7: when every process ends, sigroute reaps them all and ends: nothing is waited for in vain."""
    for _ in range(MANY):
        if world.code is not None:
            break
        if world.living():
            world.die(world.living()[0])
        world.reap()
        if not world.processes and not world.tick():
            break
    assert world.code is not None, "every process has ended, sigroute has not"


def nobody_listens(world: World, laws: Laws) -> None:
    """Only KILL ends anything: with ``grace`` sigroute ends by then all the same; without, it has no hidden timer."""
    for _ in range(MANY):
        world.reap()
        if not world.tick():
            break
    idle_or_ended(world, laws)
    if laws.stop_began is not None and world.plan.grace is not None:
        assert world.code is not None
        assert world.ended_at <= laws.stop_began + world.plan.grace + KILL_ROUND * KILL_ROUNDS


def nothing_dies(world: World, laws: Laws) -> None:
    """Not even KILL ends anything: at the end of ``grace``, and of some rounds more, sigroute ends."""
    world.mortal = False
    nobody_listens(world, laws)


def idle_or_ended(world: World, laws: Laws) -> None:
    """9: nothing ticks for ever, but while something is held without a bound, and once a second for two things.

    These are a tree that another has adopted and, in a stop, a program below a wrapper: nobody tells when those end.
    """
    unbounded = any(each.due is None for child in world.state.children for each in child.held)
    lingering = [child.members for child in world.state.children if child.phase == LINGERING]
    untold = any(each.parent == OTHER for members in lingering for each in members)
    told = any(each.told_program for child in world.state.children if child.program_below for each in child.progress)
    due = wake(world.state)
    if world.code is not None or unbounded or due is None:
        return
    assert untold or told, "it ticks on with nothing to do"
    assert due >= world.now + SECOND, "it ticks too often"
    assert laws.world is world


@pytest.mark.parametrize("shard", range(SHARDS))
def test_the_guarantees_hold_over_random_histories(shard: int) -> None:
    number = HISTORIES // SHARDS
    live_through(number, live, after=shard * number)


class Drawn:
    """A chooser whose choices hypothesis makes, and shrinks."""

    def __init__(self, data: st.DataObject) -> None:
        self.data = data

    def choice(self, options: Any) -> Any:
        return self.data.draw(st.sampled_from(list(options)))


@settings(max_examples=200, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_the_guarantees_hold_over_the_shortest_histories(data: st.DataObject) -> None:
    live(Drawn(data))
