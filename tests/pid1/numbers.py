"""The loop over a world of numbers: a script of what happens, and a log that keeps what it is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sigroute.pid1 import loop
from sigroute.pid1.engine import effects as fx
from sigroute.pid1.engine import events as ev
from sigroute.pid1.engine import step as engine
from sigroute.pid1.log.observer import Narrator
from sigroute.pid1.plan import Launch
from tests.pid1.world import ME, World

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sigroute.pid1.engine.effects import Effect
    from sigroute.pid1.engine.events import Event
    from sigroute.pid1.engine.state import State
    from sigroute.pid1.log.narrate import Line
    from sigroute.pid1.plan import Plan


BATCH = 5


TWO = (
    '[child.front]\ncommand = ["f"]\n[child.back]\ncommand = ["b"]\n[on]\nstop = "QUIT 5s KILL"\n[exit]\nwhen = "all"\n'
)


class Numbers(World):
    """The seam over a world: what happens while the loop waits is a script."""

    def __init__(self, plan: Plan, script: Sequence[Callable[[Numbers], Event | None]]) -> None:
        super().__init__(plan)
        self.script = list(script)
        self.waits: list[int | None] = []
        self.asked: list[Event] = []
        #: Milliseconds that it takes to reap one.
        self.reaping = 0
        self.begun: int | None = None

    def now_(self) -> int:
        return self.now

    def reap_(self) -> Event | None:
        for each in list(self.processes.values()):
            if each.state == "Z" and each.parent == ME:
                self.now += self.reaping
                del self.processes[each.pid]
                return ev.Exited(pid=each.pid, status=each.status, signal=each.signal)
        return None if any(each.parent == ME for each in self.processes.values()) else ev.Childless()

    def stop_(self) -> Event | None:
        return self.asked.pop() if self.asked else None

    def wait_(self, due: int | None) -> Event | None:
        self.waits.append(due)
        if due is None or due > self.now:
            ours = [each for each in self.processes.values() if each.state == "Z" and each.parent == ME]
            if ours:
                pytest.fail("2: it waits, with zombies to reap")  # upon an Exception the fallback would only take over
        if self.script:
            return self.script.pop(0)(self)
        if due is None:
            pytest.fail("it waits for ever")  # as above
        self.now = max(self.now, due)
        return None


class Seam:
    """The functions of the kernel, as the loop knows them."""

    def __init__(self, world: Numbers) -> None:
        self.now, self.reap, self.wait, self.perform = world.now_, world.reap_, world.wait_, world.perform
        self.take_stop = world.stop_
        self.begun = world.begun

    def give_way(self) -> None:
        """Nobody shares a CPU with numbers."""


class Lines:
    """A log that keeps what it is told."""

    silent = False

    def __init__(self) -> None:
        self.lines: list[Line] = []

    def tell(self, *lines: Line | None) -> None:
        self.lines += [line for line in lines if line is not None]

    def names(self) -> list[str]:
        return [name for _, name, _ in self.lines]


class Broken(Lines):
    """A log that fails."""

    def tell(self, *_lines: Line | None) -> None:
        raise OSError(28, "No space left on device")


def nothing(_world: Numbers) -> None:
    """Let a look, such as between the starts of two children, find nothing."""


def signal(number: int) -> Callable[[Numbers], Event]:
    """Let a signal arrive."""
    return lambda _world: ev.Signal(signal=number, sender="outside")


def dies(child: int, status: int = 0) -> Callable[[Numbers], None]:
    """Let a child die, and CHLD wake the loop."""

    def happen(world: Numbers) -> None:
        world.die(next(each for each in world.living() if each.child == child), status)

    return happen


class Watcher:
    """An observer that keeps what it is shown, and whether the effects had been done by then."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.seen: list[tuple[State, Event, bool]] = []

    def observe(self, _now: int, before: State, event: Event, effects: list[Effect], _after: State) -> None:
        last = [effect for _, effect in self.world.done[-len(effects) :]]
        self.seen.append((before, event, not effects or last == effects))


def run(world: Numbers, log: Lines, notes: tuple[str, ...] = (), beside: Sequence[Watcher] = ()) -> int:
    """Run the loop to its end, with a log and other observers after it."""
    launch = Launch(plan=world.plan, notes=notes)
    observers = [Narrator(world.plan, log), *beside]  # type: ignore[arg-type] # what it uses of a log
    return loop.run(launch, Seam(world), observers)  # type: ignore[arg-type] # what the loop uses of a kernel


def sent(world: World) -> list[tuple[int, int]]:
    """Return which child got what."""
    return [(effect.child, effect.signal) for _, effect in world.done if isinstance(effect, fx.Kill)]


def dies_if_there(child: int, status: int) -> Callable[[Numbers], None]:
    """Let a child die, where it was started."""

    def happen(world: Numbers) -> None:
        if any(each.child == child for each in world.living()):
            dies(child, status)(world)

    return happen


def break_at(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Let the engine fail at one of its steps."""
    left = [number]

    def step(*arguments: Any) -> object:
        left[0] -= 1
        if not left[0]:
            raise KeyError(left)
        return engine.step(*arguments)

    monkeypatch.setattr(loop, "step", step)
