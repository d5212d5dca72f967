"""The engine's guarantees, over random histories with a virtual clock."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sigroute.pid1 import effects as fx
from sigroute.pid1 import events as ev
from sigroute.pid1.effects import Effect
from sigroute.pid1.engine import HANDLERS, step, wake
from sigroute.pid1.events import Event
from sigroute.pid1.narrate import MESSAGES, of_effect, of_event
from sigroute.pid1.plan import ANY_SIGNAL, FORWARD, SENDERS, Action, ChildPlan, Plan, Step
from sigroute.pid1.state import EXITED, PHASES, State, initial

STOP = frozenset({15, 2, 3, 30, 37})
EXAMPLES = int(os.environ.get("SIGROUTE_HISTORIES", "300"))

steps = st.lists(
    st.builds(Step, wait=st.sampled_from([0, 0, 100, 5000]), signal=st.sampled_from([FORWARD, 3, 15, 10, 9])),
    min_size=1, max_size=3,
).map(tuple)  # fmt: skip


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    count = draw(st.integers(1, 3))
    again = st.one_of(st.sampled_from(["ignore", "next", "repeat"]), steps)
    actions = []
    for number in range(draw(st.integers(1, 5))):
        do = draw(st.sampled_from(["send", "send", "send", "drop", "hold"]))
        actions.append(
            Action(
                origin=f"a{number}",
                do=do,
                steps=draw(steps),
                run=draw(st.sampled_from([(), (), (b"check",)])),
                otherwise=draw(steps),
                scope=draw(st.sampled_from(["process", "process-group", "tree"])),
                again={ANY_SIGNAL: draw(again)},
                hold=draw(st.sampled_from([None, 1000])),
                guard=draw(st.booleans()),
            )
        )
    pick = st.integers(0, len(actions) - 1)
    tables = []
    sent = [number for number, each in enumerate(actions) if each.do != "hold"] or [len(actions)]
    actions.append(Action(origin="drop", do="drop"))
    for choice in (st.sampled_from(sent), pick):  # only a child that is starting holds
        row = [draw(choice)] * 65
        for signal in (15, 2, 1, 10, 40):
            row[signal] = draw(choice)
        row = tuple(row)
        tables.append(dict.fromkeys(SENDERS, row))
    children = tuple(
        ChildPlan(
            name=f"c{index}", argv=(b"x",), ready=0, starting=1,
            program=draw(st.sampled_from([(), ("server",)])), tree=draw(st.booleans()),
        )
        for index in range(count)
    )  # fmt: skip
    return Plan(
        children=children, tables=tuple(tables), actions=tuple(actions), stop=STOP,
        grace=draw(st.sampled_from([None, 3000])), when=draw(st.sampled_from(["any", "all"])),
    )  # fmt: skip


class World:
    """A kernel of numbers: children have pids, signals end them when the history says so."""

    def __init__(self, plan: Plan, draw: st.DrawFn) -> None:
        self.plan, self.draw = plan, draw
        self.now = 0
        self.state: State = initial(plan)
        self.next_pid = 100
        self.alive: dict[int, int] = {}
        self.effects: list[tuple[int, Effect]] = []
        self.code: int | None = None
        self.calm = False
        """Nothing that is started fails any more."""

    def feed(self, event: Event) -> None:
        queue = [event]
        while queue and self.code is None:
            event = queue.pop(0)
            before = self.state
            again = step(self.plan, before, event, self.now)
            self.state, done = step(self.plan, before, event, self.now)
            assert again == (self.state, done)  # 6: the same events give the same effects
            of_event(self.plan, before, event)
            for old, new in zip(before.children, self.state.children, strict=True):
                assert PHASES.index(new.phase) >= PHASES.index(old.phase)
            for effect in done:
                of_effect(self.plan, effect)
                self.effects.append((self.now, effect))
                answer = self.perform(effect)
                if answer is not None:
                    queue.append(answer)

    def perform(self, effect: Effect) -> Event | None:
        if isinstance(effect, fx.Exit):
            self.code = effect.code
        if isinstance(effect, (fx.Spawn, fx.Run)):
            failed = not self.calm and self.draw(st.integers(0, 9)) == 9
            if isinstance(effect, fx.Spawn):
                if failed:
                    return ev.NotSpawned(child=effect.child, status=self.draw(st.sampled_from([0, 126, 127])), reason="")
            elif failed:
                return ev.RunNotStarted(run=effect.run, reason="")
            self.next_pid += 1
            self.alive[self.next_pid] = 100
            if isinstance(effect, fx.Spawn):
                return ev.Spawned(child=effect.child, pid=self.next_pid)
            return ev.RunStarted(run=effect.run, pid=self.next_pid)
        if isinstance(effect, fx.Kill):
            assert effect.pid in self.alive, "3: a child that has been reaped is never signalled"
            assert effect.signal != 0
        if isinstance(effect, fx.Inspect):
            return ev.Inspected(
                child=effect.child, handled=self.draw(st.sampled_from([0, (1 << 64) - 1])),
                names=self.draw(st.sampled_from([("sh",), ("server",)])),
            )  # fmt: skip
        if isinstance(effect, fx.List):
            listed = [
                ev.Process(pid=pid, parent=1, group=pid, session=1, state="S", start=start)
                for pid, start in self.alive.items()
            ]
            return ev.Listed(processes=(ev.Process(pid=1, parent=0, group=1, session=1, state="S", start=1), *listed))
        return None

    def pass_time(self) -> bool:
        due = wake(self.state)
        if due is None:
            return False
        self.now = max(self.now, due)
        before = self.state
        self.feed(ev.Tick())
        assert self.code is not None or wake(self.state) != due or before != self.state  # 9: no tick does nothing
        return True

    def exit(self, pid: int) -> None:
        del self.alive[pid]
        self.feed(ev.Exited(pid=pid, status=self.draw(st.sampled_from([0, 1, 143]))))
        if not self.alive and self.code is None:
            self.feed(ev.Childless())


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_every_history_ends_and_keeps_the_guarantees(data: st.DataObject) -> None:
    plan = data.draw(plans())
    world = World(plan, data.draw)
    world.feed(ev.Begin())
    for _ in range(data.draw(st.integers(0, 25))):
        if world.code is not None:
            break
        what = data.draw(st.sampled_from(["signal", "signal", "tick", "exit", "wait"]))
        if what == "signal":
            signal = data.draw(st.sampled_from([15, 15, 2, 1, 10, 40]))
            world.feed(ev.Signal(signal=signal, sender=data.draw(st.sampled_from(SENDERS[:3]))))
        elif what == "tick":
            world.pass_time()
        elif what == "exit" and world.alive:
            world.exit(data.draw(st.sampled_from(sorted(world.alive))))
        else:
            world.now += data.draw(st.sampled_from([1, 50, 300]))
    world.calm = True
    # Whatever happened: when every process ends, sigroute ends.
    for _ in range(200):
        if world.code is not None:
            break
        if world.alive:
            world.exit(min(world.alive))
        elif not world.pass_time():
            break
    assert world.code is not None or all(child.phase == EXITED for child in world.state.children) is False
    assert world.code is not None
    assert 0 <= world.code <= 255


def test_every_event_has_a_handler_and_every_decision_a_message() -> None:
    kinds = {kind for kind in vars(ev).values() if isinstance(kind, type) and issubclass(kind, Event)} - {Event}
    assert kinds == set(HANDLERS)
    assert all(level in ("debug", "info", "warning", "error") for level, _ in MESSAGES.values())
