"""Random plans and random histories, from whatever chooses: hypothesis (which shrinks) or a seed (which is fast)."""

from __future__ import annotations

import os
import random
from itertools import count
from typing import TYPE_CHECKING, Protocol, TypeVar

from sigroute.pid1.engine import effects as fx
from sigroute.pid1.engine import events as ev
from sigroute.pid1.plan import ANY_SIGNAL, FORWARD, SENDERS, Action, ChildPlan, DrainPlan, Plan, Step
from tests.pid1.world import ALL_SIGNALS, ME, STOP_SIGNALS, World

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sigroute.pid1.engine.effects import Effect
    from sigroute.pid1.engine.events import Event
    from tests.pid1.world import Process

T = TypeVar("T")

STOPS = frozenset({15, 2, 3, 30, 37})
SIGNALS = (15, 15, 2, 1, 10, 40)
SENT = (FORWARD, 3, 15, 10, 9, 19)


def live_through(number: int, live: Callable[[random.Random], None], *, after: int = 0) -> None:
    """Live so many lives, after others; what goes wrong with one names the seed that brings it back at once.

    They are the same in every run, so that a change is judged by itself; SIGROUTE_SEED looks elsewhere.
    """
    first = int(os.environ.get("SIGROUTE_SEED", "0")) + after
    for seed in range(first, first + number):
        try:
            live(random.Random(seed))
        except BaseException as error:
            error.add_note(f"SIGROUTE_SEED={seed} brings this life back as the first")
            raise


class Chooser(Protocol):
    """Chooses; ``random.Random`` is one."""

    def choice(self, options: Sequence[T], /) -> T:
        """Return one of these; the first are the simplest."""


#: May be of class stop from outside only.
LIMITED = 2


def steps(pick: Chooser) -> tuple[Step, ...]:
    count = pick.choice((1, 1, 2, 3))
    return tuple(Step(wait=pick.choice((0, 0, 100, 5000)), signal=pick.choice(SENT)) for _ in range(count))


def action(pick: Chooser, number: int, children: int) -> Action:
    hows: tuple[str | tuple[Step, ...], ...] = ("ignore", "next", "repeat", steps(pick))
    again = {ANY_SIGNAL: pick.choice(hows)}
    if pick.choice((False, True)):
        again[2] = pick.choice(hows)
    return Action(
        origin=f"a{number}",
        do=pick.choice(("send", "send", "send", "drop", "hold")),
        steps=steps(pick),
        run=pick.choice(((), (), (b"check",))),
        otherwise=steps(pick),
        scope=pick.choice(("program", "program", "process", "process-group", "tree")),
        again=again,
        hold=pick.choice((None, 1000)),
        guard=pick.choice((False, False, True)),
        # As the compiler has it: never in a circle, so only on children that come before.
        after=tuple(each for each in range(children - 1) if pick.choice((False, False, False, True))),
    )


def plan(pick: Chooser) -> Plan:
    count = pick.choice((1, 2, 3))
    actions = [action(pick, number, count) for number in range(pick.choice((1, 3, 5)))]
    actions.append(Action(origin="drop", do="drop"))
    simple = [number for number, each in enumerate(actions) if not each.after]
    ready = [number for number in simple if actions[number].do != "hold"]
    late = [number for number, each in enumerate(actions) if each.do != "hold"]
    # Only a child that is starting holds, and only a stop action waits for others.
    tables = (table(pick, ready, ready), table(pick, simple, simple), table(pick, ready, late))
    holds = any(actions[number].do == "hold" for row in tables[1].values() for number in row)
    children = tuple(
        ChildPlan(
            name=f"c{index}",
            argv=(b"x",),
            running=pick.choice((0, 2)) if index == count - 1 and count > 1 else 0,
            starting=1,
            holds=holds,
            program=pick.choice(((), ("server",))),
            tree=pick.choice((False, False, True)),
            terminal=pick.choice((False, True)),
        )
        for index in range(count)
    )
    ends: tuple[str | tuple[int, ...], ...] = ("any", "all", (0,), (count - 1,))
    made = Plan(
        children=children,
        tables=tables,
        actions=tuple(actions),
        stop_signals=STOPS,
        stop_senders=pick.choice(({}, {}, {LIMITED: ("outside", "sigroute")})),
        grace=pick.choice((None, 3000)),
        drain=drain(pick.choice((5000, 0, 300, None)), pick.choice((0, 15, 10))),
        when=pick.choice(ends),
        code=pick.choice((None, None, 0)),
        command=pick.choice((None, None, count - 1)),
    )
    codes: dict[int, int] = pick.choice(({}, {143: 0}, {-1: 7}))
    return made.but(exit_map=codes) if pick.choice((False, False, True)) else made.but(stop_exit_map=codes)


def drain(wait: int | None, left: int) -> DrainPlan | None:
    """Return a drain; one that nobody waits for is for process groups, as a stand-in's is."""
    if wait is not None:
        return DrainPlan(wait=wait)
    return DrainPlan(signal=left, wait=None, scope="process-group") if left else None


def table(pick: Chooser, choices: Sequence[int], for_stops: Sequence[int]) -> dict[str, tuple[int, ...]]:
    """Return one table, the same for all senders."""
    row = [choices[0]] * 65
    for signal in dict.fromkeys(SIGNALS):
        row[signal] = pick.choice(for_stops if signal in STOPS - {LIMITED} else choices)
    return dict.fromkeys(SENDERS, tuple(row))


class History:
    """What happens to a world: one thing after another, until its processes are left to end."""

    def __init__(self, world: World, pick: Chooser) -> None:
        self.world, self.pick = world, pick
        #: Each is another's, so it tells which signal it came with.
        self.values = count(-1)
        #: In two lives of three nothing of /proc is refused: nobody may be left over in those.
        self.reads = pick.choice((True, True, False))
        world.fails = self.failure

    def play(self, length: int) -> None:
        """Let so many things happen."""
        self.world.begin()
        self.play_on(length)

    def play_on(self, length: int) -> None:
        """Let so many more things happen."""
        for _ in range(length):
            if self.world.code is not None:
                return
            getattr(self, self.pick.choice(HAPPENINGS))()

    def failure(self, effect: Effect) -> Event | None:
        """Let one in ten starts, signals and looks fail."""
        if self.pick.choice(range(10)) < 9:
            return None
        match effect:
            case fx.Inspect() | fx.List() if self.reads:
                return None
            case fx.Inspect():
                return ev.Inspected(child=effect.child, names=(), handled=None, reason="chance")
            case fx.List():
                return ev.Listed(processes=None, reason="chance")
            case fx.Spawn():
                return ev.NotSpawned(child=effect.child, status=self.pick.choice((0, 126, 127)), reason="chance")
            case fx.Run():
                return ev.RunNotStarted(run=effect.run, reason="chance")
            case fx.Kill() | fx.KillOther():
                return ev.NotSent(child=effect.child, pid=effect.pid, signal=effect.signal, reason="not permitted")
            case _:
                return None

    def signal(self) -> None:
        number, sender = self.pick.choice(SIGNALS), self.pick.choice(SENDERS[:3])
        value = self.pick.choice((None, next(self.values)))
        self.world.feed(ev.Signal(signal=number, sender=sender, value=value))

    def tick(self) -> None:
        self.world.tick()

    def wait(self) -> None:
        self.world.until(self.world.now + self.pick.choice((1, 50, 300)))

    def die(self) -> None:
        living = self.world.living()
        if living:
            self.world.die(self.pick.choice(living), self.pick.choice((0, 1, 143)))

    def fail(self) -> None:
        """The exec of one that was taken for started fails at last: it has made no process, and has not become any."""
        begun = self.begun()
        if begun:
            self.world.fail(self.pick.choice(begun), self.pick.choice((0, 126, 127)))

    def hang(self) -> None:
        """The exec of one that was taken for started takes long."""
        begun = self.begun()
        if begun:
            self.pick.choice(begun).late = True

    def begun(self) -> list[Process]:
        """Return who may not run its program yet."""
        parents = {each.parent for each in self.world.processes.values()}
        begun = [each for each in self.world.living() if each.names == ("sh",) and each.pid not in parents]
        return [each for each in begun if each.child is not None or each.run is not None]

    def reap(self) -> None:
        self.world.reap()

    def exit(self) -> None:
        self.die()
        self.reap()

    def fork(self) -> None:
        own = [each for each in self.world.own() if not each.late]
        if own:
            self.world.fork(self.pick.choice(own), alone=self.pick.choice((False, True)))

    def enter(self) -> None:
        """Somebody enters the container from outside: its parent is not in there."""
        self.world.new(0)

    def become(self) -> None:
        """A process becomes the server, with handlers or not yet."""
        living = self.world.living()
        if living:
            process = self.pick.choice(living)
            process.late = False
            process.names = self.pick.choice((("server",), ("server",), ("server",), ()))
            process.handled = self.pick.choice((ALL_SIGNALS, 0, 1 << 14))
            process.ignored = self.pick.choice((0, 1 << 14))

    def stop(self) -> None:
        """Something stops or continues a process; of our own children we hear."""
        own = self.world.own()
        if own:
            process = self.pick.choice(own)
            process.state = "S" if process.state == "T" else "T"
            if process.parent != ME:
                return
            if process.state == "T":
                self.world.feed(ev.Stopped(pid=process.pid, signal=self.pick.choice(STOP_SIGNALS)))
            else:
                self.world.feed(ev.Continued(pid=process.pid))


HAPPENINGS = (
    "signal", "signal", "signal", "tick", "tick", "wait", "exit", "exit",
    "die", "reap", "fork", "become", "become", "stop", "enter", "fail", "hang",
)  # fmt: skip
