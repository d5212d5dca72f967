"""Each entry is what the engine does: in every state that histories reach, beforehand and while Python is up."""

from __future__ import annotations

import ctypes
import os
import random
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from sigroute.pid1.engine.effects import Inspect, Kill, Say
from sigroute.pid1.engine.events import Inspected, Signal
from sigroute.pid1.engine.step import step, wake
from sigroute.pid1.plan import SENDERS
from sigroute.pid1.watch.answers import ASK, GUARDED, SEND, Answer, answer
from sigroute.static.asked import ARRIVING, NOT_ROUTED, SIGNALS
from sigroute.static.table import ENTRY
from tests.pid1.histories import History, live_through
from tests.pid1.world import ALL_SIGNALS, World
from tests.runtime.watch.worlds import BUNDLED, PLANS, compiled, live

if TYPE_CHECKING:
    from sigroute.pid1.engine.effects import Effect
    from sigroute.pid1.engine.state import State
    from sigroute.pid1.plan import Plan
    from tests.runtime.watch.runs import Watch

HISTORIES = int(os.environ.get("SIGROUTE_HISTORIES", "2000"))

ROUTED = [number for number in range(1, SIGNALS + 1) if number not in NOT_ROUTED]

#: Milliseconds that no plan has: whatever the time is, the answer is the same.
TIMES = (0, 123_456, 10**12)


def holds(pick: random.Random, plan: Plan, state: State, event: Signal, found: Answer) -> None:
    """The engine leaves the state as it is, at any time, and does what the entry says; so it needs no time either."""
    sent = [(found.signal, found.group, found.pid)] if found.signal else []
    for now in TIMES:
        after, effects = step(plan, state, event, now)
        if found.kind == GUARDED:
            (look,) = effects
            assert isinstance(look, Inspect)
            assert not look.names
            assert not look.left
            assert look.pid == found.pid
            bit = 1 << found.signal - 1
            masks = pick.getrandbits(64) | bit, pick.choice((0, bit, ALL_SIGNALS))
            seen = Inspected(child=look.child, names=(), handled=masks[0], ignored=masks[0] & masks[1])
            after, effects = step(plan, after, seen, now + pick.choice((0, 1, 10_000)))
        assert after == state
        assert wake(after) == wake(state)
        assert of(effects) == sent
        assert [each for each in effects if not isinstance(each, Say)] == told(found, Kill)
        assert [each for each in effects if isinstance(each, Say)] == told(found, Say)


def of(effects: list[Effect]) -> list[tuple[int, bool, int]]:
    return [(each.signal, each.group, each.pid) for each in effects if isinstance(each, Kill)]


def told(found: Answer, kind: type[Effect]) -> list[Effect]:
    return [each for _, effects in found.steps for each in effects if isinstance(each, kind)]


def test_an_answer_is_the_engines_in_every_state() -> None:
    known = {SEND: 0, GUARDED: 0}

    def lived(pick: random.Random) -> None:
        plan = compiled(pick.choice((0, *range(len(BUNDLED) + PLANS)))).launch.plan
        world = World(plan, proc=pick.choice((True, True, False)))
        history = History(world, pick)
        world.begin()
        for _ in range(pick.choice((1, 3, 10))):
            history.play_on(pick.choice((0, 1, 3)))
            for _ in range(10):
                event = Signal(signal=pick.choice(ROUTED), sender=pick.choice(ARRIVING))
                found = answer(plan, world.state, event)
                if found.kind != ASK:
                    holds(pick, plan, world.state, event, found)
                    known[found.kind] += 1

    live_through(HISTORIES // 4, lived)
    assert min(known.values()) > HISTORIES // 50, known


@pytest.mark.parametrize("number", range(len(BUNDLED)))
def test_every_entry_of_bundled_rules(number: int) -> None:
    plan = compiled(number).launch.plan
    world, pick = World(plan), random.Random(number)
    world.begin()
    for program in (None, "server", "nginx", "httpd", "postgres", "php-fpm", "haproxy"):
        if program is not None:  # first it is starting, then it runs its program
            world.living()[0].names = (program,)
            world.feed(Signal(signal=28, sender="tty"))
        for sender in ARRIVING:
            for signal in ROUTED:
                event = Signal(signal=signal, sender=sender)
                found = answer(plan, world.state, event)
                if found.kind != ASK:
                    holds(pick, plan, world.state, event, found)


class Entry(NamedTuple):
    kind: int
    signal: int
    group: int
    pid: int
    lines: int


def entries(library: ctypes.PyDLL) -> list[Entry]:
    """Return what the watch goes by now: its first field points there (runtime/src/watch.h)."""
    size = ENTRY.size * len(ARRIVING) * (SIGNALS + 1)
    data = ctypes.string_at(ctypes.c_void_p.in_dll(library, "watch").value or 0, size)
    return [Entry(*each) for each in ENTRY.iter_unpack(data)]


def test_the_watch_never_knows_what_the_engine_would_not_say_now(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    """At each of its calls while Python is up: so whatever has changed was forgotten before anything could answer."""
    from sigroute.pid1 import loop  # noqa: PLC0415 - with the watch's module in C

    number = [0]
    running: list[Any] = []
    begins = loop.Loop.__init__

    def begin(self: Any, *arguments: Any) -> None:
        begins(self, *arguments)
        running[:] = [self]

    def look(_name: str) -> None:
        if not (running and watch.brought_up):
            return
        state = running[0].state
        for place, entry in enumerate(entries(watch.shared)):
            if entry.kind == ASK:
                continue
            sender, signal = divmod(place, SIGNALS + 1)
            now = answer(running[0].plan, state, Signal(signal=signal, sender=SENDERS[sender]))
            pid = entry.pid or (entry.signal and state.children[0].pid)
            assert (now.kind, now.signal, now.group, now.pid) == (entry.kind, entry.signal, bool(entry.group), pid)
            number[0] += 1

    monkeypatch.setattr(loop.Loop, "__init__", begin)

    def lived(pick: random.Random) -> None:
        running.clear()
        live(watch, pick, look=look)

    live_through(HISTORIES // 10, lived)
    assert number[0] > HISTORIES
