"""The loop over a kernel of numbers: reaping before waiting, and what is left after an error of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sigroute.pid1 import loop
from sigroute.pid1.engine import effects as fx
from sigroute.pid1.engine import events as ev
from sigroute.pid1.engine import step as engine
from sigroute.pid1.log.observer import Narrator
from sigroute.pid1.plan import Launch
from tests.pid1.histories import live_through
from tests.pid1.scene import plan_of
from tests.pid1.world import ME, World

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Sequence

    from sigroute.pid1.engine.effects import Effect
    from sigroute.pid1.engine.events import Event
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
            assert not ours, "2: it waits, with zombies to reap"
        if self.script:
            return self.script.pop(0)(self)
        assert due is not None, "it waits for ever"
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


def run(world: Numbers, log: Lines, notes: tuple[str, ...] = ()) -> int:
    """Run the loop to its end."""
    launch = Launch(plan=world.plan, notes=notes)
    observers = [Narrator(world.plan, log)]  # type: ignore[arg-type] # what it uses of a log
    return loop.run(launch, Seam(world), observers)  # type: ignore[arg-type] # what the loop uses of a kernel


def sent(world: World) -> list[tuple[int, int]]:
    """Return which child got what."""
    return [(effect.child, effect.signal) for _, effect in world.done if isinstance(effect, fx.Kill)]


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


def test_a_log_that_fails_does_not_fail_the_notes_nor_the_fallback(monkeypatch: pytest.MonkeyPatch) -> None:
    break_at(monkeypatch, 3)
    world = Numbers(plan_of(TWO), [nothing, signal(15), dies_if_there(0, 3), dies_if_there(1, 4)])
    assert run(world, Broken(), ("a note",)) == 3
    assert (0, 3) in sent(world)


def break_at(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Let the engine fail at one of its steps."""
    left = [number]

    def step(*arguments: Any) -> object:
        left[0] -= 1
        if not left[0]:
            raise KeyError(left)
        return engine.step(*arguments)

    monkeypatch.setattr(loop, "step", step)


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


@pytest.mark.parametrize("scope", ["program", "process"])
def test_the_fallback_finds_a_program_below_its_wrapper(monkeypatch: pytest.MonkeyPatch, scope: str) -> None:
    pids: list[int] = []

    def wraps(world: Numbers) -> None:
        (wrapper,) = world.living()
        below = world.fork(wrapper, alone=False)
        assert below is not None
        below.names = ("server",)
        pids.extend((below.pid, wrapper.pid))

    def end(world: Numbers) -> None:
        for each in reversed(world.living()):
            world.die(each)

    break_at(monkeypatch, 3)
    rules = WRAPPED.replace('"QUIT"', f'{{ send = "QUIT", scope = "{scope}" }}')
    world = Numbers(plan_of(rules), [wraps, signal(15), end])
    run(world, Lines())
    kills = [effect for _, effect in world.done if isinstance(effect, (fx.Kill, fx.KillOther))]
    assert [(effect.pid, effect.signal) for effect in kills] == [(pids[scope == "process"], 3)]
    assert not any(isinstance(effect, fx.Kill) and effect.group for effect in kills)


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


@pytest.mark.parametrize(("number", "sender"), [(1374195264, "inside"), (10, "nobody")])
def test_the_fallback_outlives_what_the_engine_failed_by(number: int, sender: str) -> None:
    wrong = ev.Signal(signal=number, sender=sender)
    world, log = Numbers(plan_of(TWO), [nothing, lambda _world: wrong, signal(15), dies(0, 3), dies(1)]), Lines()
    assert run(world, log) == 3
    assert log.names().count("fallback") == 1
    assert sent(world) == [(0, 3), (1, 3)]


def dies_if_there(child: int, status: int) -> Callable[[Numbers], None]:
    """Let a child die, where it was started."""

    def happen(world: Numbers) -> None:
        if any(each.child == child for each in world.living()):
            dies(child, status)(world)

    return happen


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
