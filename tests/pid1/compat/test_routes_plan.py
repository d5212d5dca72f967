"""The plan that a stand-in makes: what each signal does, at every arrival, whatever else goes on."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from sigroute.handover import to_wire
from sigroute.pid1.compat import ROLES
from sigroute.pid1.compat.routes_plan import plan_of
from sigroute.pid1.engine import effects as fx
from sigroute.pid1.engine import events as ev
from sigroute.pid1.engine.life import RUNNING
from sigroute.pid1.engine.step import wake
from sigroute.pid1.plan import SENDERS, Launch, from_wire
from tests.pid1.compat.chosen import KINDS, Chosen
from tests.pid1.histories import History, live_through
from tests.pid1.laws import Watch
from tests.pid1.world import World

if TYPE_CHECKING:
    from sigroute.pid1.engine.effects import Effect
    from sigroute.pid1.engine.events import Event
    from sigroute.pid1.engine.state import State
    from sigroute.pid1.plan import Plan
    from tests.pid1.histories import Chooser

LINES = 300
LIVES = 1500


def plan(chosen: Chosen) -> Plan:
    """Return the plan, as it is on the other side of the wire."""
    role = chosen.role()
    made = plan_of(role.routes, tuple(word.encode() for word in role.command))
    assert from_wire(*to_wire(Launch(plan=made))).plan == made
    return made


@pytest.mark.parametrize("name", ROLES)
def test_each_signal_does_what_the_program_does(name: str) -> None:
    pick = random.Random(name)
    for _ in range(LINES):
        chosen = KINDS[name](pick)
        made = plan(chosen)
        if chosen.pauses:
            assert made.stop_signals == {2, 15}
            continue
        (child,) = made.children
        assert (child.program, child.tree, child.running, made.stop_signals) == ((), False, child.starting, frozenset())
        for sender in SENDERS[:3]:
            for signal in chosen.hears():
                action = made.actions[made.tables[child.running][sender][signal]]
                sent = chosen.sends(signal)
                assert action.do == ("send" if sent else "drop"), (chosen, signal, sender)
                assert [step.signal or signal for step in action.steps] == ([sent] if sent else [])
                assert not any(step.wait for step in action.steps)
                assert action.stops_self == chosen.halts(signal)
                assert not sent or action.scope == ("process-group" if chosen.group else "process")
                assert (action.guard, action.run, action.after, action.is_stop) == (False, (), (), False)


class Faithful:
    """Watches a world that is played by a stand-in."""

    def __init__(self, world: World, chosen: Chosen) -> None:
        self.world, self.chosen = world, chosen
        world.watchers += [self.every_arrival_is_passed_on_once, self.the_end_is_the_childs]

    def every_arrival_is_passed_on_once(
        self, before: State, event: Event, _after: State, effects: list[Effect]
    ) -> None:
        """A repeat like the first; to nobody else; and it stops itself afterwards, if at all."""
        if not isinstance(event, ev.Signal) or self.chosen.pauses or before.ended:
            return
        (child,) = before.children
        if child.phase != RUNNING:
            return
        sent = self.chosen.sends(event.signal)
        kills = [each for each in effects if isinstance(each, (fx.Kill, fx.KillOther))]
        assert [(each.pid, each.signal) for each in kills] == ([(child.pid, sent)] if sent else [])
        for each in kills:
            assert isinstance(each, fx.Kill)
            assert each.group == self.chosen.group
            assert each.value == (event.value if sent == event.signal and not self.chosen.group else None)
        said = [each.what for each in effects if isinstance(each, fx.Say)]
        assert said == ([] if sent else ["dropped"])
        halts = [isinstance(each, fx.StopSelf) for each in effects]
        assert halts == [False, *([True] if self.chosen.halts(event.signal) else [])]

    def the_end_is_the_childs(self, before: State, event: Event, after: State, effects: list[Effect]) -> None:
        """At once: nobody else is waited for, and nobody is killed."""
        if isinstance(event, ev.Exited) and event.pid in before.owners:
            ends = [each for each in effects if isinstance(each, fx.Exit)]
            lists = [each for each in effects if isinstance(each, fx.List)]
            assert bool(ends) != bool(lists), "it ends, or asks who is to get the farewell"
            assert after.stop is not None
            assert not after.stop.asked
        for each in effects:
            if isinstance(each, fx.Exit) and not self.chosen.pauses:
                status = after.children[0].status
                assert status is not None
                assert each.code == self.chosen.codes.get(status, status)
            if isinstance(each, fx.KillOther):
                assert each.origin == "drain"
                assert each.signal == self.chosen.rewritten.get(15, 15) != 0
                assert not self.chosen.single


class Guised(History):
    """A history in which any signal arrives that the stand-in hears of."""

    def __init__(self, world: World, pick: Chooser, chosen: Chosen) -> None:
        super().__init__(world, pick)
        self.signals = chosen.hears()

    def signal(self) -> None:
        number, sender = self.pick.choice(self.signals), self.pick.choice(SENDERS[:3])
        for _ in range(self.pick.choice((1, 1, 3))):
            value = self.pick.choice((None, next(self.values)))
            self.world.feed(ev.Signal(signal=number, sender=sender, value=value))


def live(name: str, pick: random.Random) -> None:
    """Live through one history and its end."""
    chosen = KINDS[name](pick)
    world = World(plan(chosen), proc=pick.choice((True, True, True, False)))
    world.terminal, world.shell = pick.choice(((False, False), (True, False), (True, True)))
    Faithful(world, chosen)
    history = Guised(world, pick, chosen)
    if not chosen.pauses and pick.choice((True, False)):
        Watch(world)  # which take a CONT for one that wakes, and know a child
        history.signals.remove(18)
    history.play(pick.choice((3, 10, 30)))
    world.fails = lambda _effect: None
    if world.code is not None:
        return
    if chosen.pauses:
        assert wake(world.state) is None
        world.feed(ev.Signal(signal=pick.choice((2, 15)), sender=pick.choice(SENDERS[:3])))
        assert world.code == 0
        return
    while (state := world.state).relist_at is not None or (
        wake(state) is not None and state.children[0].phase != RUNNING
    ):
        world.tick()  # it could not be started yet, or who is left could not be listed
        if world.code is not None:
            return
    assert wake(world.state) is None, "it has a timer"
    main = next(each for each in world.processes.values() if each.child == 0)
    main.never_ran = None  # its exec is through by now
    world.die(main, status := pick.choice((0, 1, 7, 130, 143, 255)))
    world.reap()
    assert world.code == chosen.codes.get(status, status)
    assert (
        not any(isinstance(each, fx.Kill) and each.signal == 9 for _, each in world.done)
        or 9 in chosen.rewritten.values()
    )


@pytest.mark.parametrize("name", ROLES)
def test_over_random_histories(name: str) -> None:
    live_through(LIVES, lambda pick: live(name, pick))


def test_a_pause_ends_for_nothing_else() -> None:
    chosen = Chosen("catatonit", ["-P"])
    chosen.pauses = True
    for number in (2, 15):
        world = World(plan(chosen))
        world.begin()
        world.new(1)
        for signal in chosen.hears():
            if signal not in (2, 15):
                world.feed(ev.Signal(signal=signal, sender="outside"))
        world.reap()
        world.feed(ev.Childless())
        assert (world.code, world.done) == (None, [])
        world.feed(ev.Signal(signal=number, sender="outside"))
        assert world.code == 0


@pytest.mark.parametrize("words", [["-r", "20:0"], ["-c", "-r", "20:0"]])
def test_it_stops_itself_though_nothing_is_sent(words: list[str]) -> None:
    world = World(plan(Chosen("dumb-init", words)))
    world.begin()
    world.done.clear()
    for _ in range(2):
        world.feed(ev.Signal(signal=20, sender="inside"))
    assert [type(effect) for _, effect in world.done] == [fx.Say, fx.StopSelf] * 2


def test_what_a_child_is_called() -> None:
    made = plan_of(Chosen("tini", []).role().routes, (b"/usr/bin/pro\xffg", b"x"))
    assert made.children[0].name == "pro\ufffdg"
    assert made.children[0].argv == (b"/usr/bin/pro\xffg", b"x")
