"""Random plans of many children: order, readiness, restarts, tasks, conditions; and what happens to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigroute.pid1.condition import Condition
from sigroute.pid1.engine import effects as fx
from sigroute.pid1.engine import events as ev
from sigroute.pid1.lifecycle import Alive, Ready, Restart, Task, Watch
from sigroute.pid1.plan import ANY_SIGNAL, SENDERS, Action, ChildPlan, DrainPlan, Plan, Step
from sigroute.simulate.processes import LAST_PID
from tests.pid1.histories import STOPS, History, steps

if TYPE_CHECKING:
    from sigroute.pid1.engine.effects import Effect
    from sigroute.pid1.engine.events import Event
    from tests.pid1.histories import Chooser

ADDRESSES = (b"127.0.0.1:80", b"/run/socket")
PATHS = (b"/conf", b"/cert")
HUP = 1
WATCH = tuple(Watch(path=path, signal=HUP) for path in PATHS)


def plan(pick: Chooser) -> Plan:
    """Return a random plan of up to five children and tasks."""
    count = pick.choice((2, 3, 4, 5))
    # What needs what: those before it in an order of their own, so never in a circle.
    ranks = list(range(count))
    for index in range(count):
        other = pick.choice(range(count))
        ranks[index], ranks[other] = ranks[other], ranks[index]
    tasks = [None, *(pick.choice((None, None, task(pick))) for _ in range(count - 1))]
    needs = [
        tuple(
            other
            for other in range(count)
            if ranks[other] < ranks[index] and not at_end(tasks[other]) and not at_end(tasks[index])
            if pick.choice((False, True))
        )
        for index in range(count)
    ]
    children, tables, actions = [], [], [Action(origin="drop", do="drop"), Action(origin="hup", steps=steps(pick))]
    for index in range(count):
        after = tuple(other for other in range(count) if index in needs[other])
        row = [0] * 65
        row[HUP] = 1 if tasks[index] is None else 0
        for number in STOPS:
            row[number] = len(actions)
        children.append(child(pick, index, needs[index], tasks[index], needed=bool(after)))
        listens = (children[-1].ready or Ready()).listen
        actions.append(stop_action(pick, index, after, listens=bool(listens)))
        tables.append(dict.fromkeys(SENDERS, tuple(row)))
    return Plan(
        children=tuple(children),
        tables=tuple(tables),
        actions=tuple(actions),
        stop_signals=STOPS,
        grace=pick.choice((None, 3000, 100_000)),
        drain=DrainPlan(wait=pick.choice((5000, 0))),
        many=True,
        tasks=tuple(index for index, each in enumerate(tasks) if each is not None),
        when=pick.choice(("any", "all", tuple(i for i, each in enumerate(tasks) if each is None) or "any")),
        code=pick.choice((None, None, 0)),  # the first is no task
        exit_map=pick.choice(({}, {}, {1: 40, 3: 41})),
    )


def at_end(rules: Task | None) -> bool:
    return rules is not None and rules.at_end


def stop_action(pick: Chooser, index: int, after: tuple[int, ...], *, listens: bool) -> Action:
    sent = pick.choice(((Step(wait=0, signal=15),), steps(pick), (Step(wait=60_000, signal=15),)))
    if listens:
        sent = tuple(each.but(idle=pick.choice((0, 600, 3_000))) for each in sent)
    hows: tuple[str | tuple[Step, ...], ...] = ("ignore", "next", steps(pick))
    again = {ANY_SIGNAL: pick.choice(hows)}
    run = pick.choice(((), (), (b"check",)))
    return Action(origin=f"s{index}", is_stop=True, steps=sent, after=after, again=again, run=run, otherwise=sent)


def task(pick: Chooser) -> Task:
    if pick.choice((False, False, True)):
        return Task(at_end=True, timeout=pick.choice((None, 500)))
    return Task(
        timeout=pick.choice((None, 500, 20_000)),
        optional=pick.choice((False, True)),
        every=pick.choice((None, None, 700)),
    )


def child(pick: Chooser, index: int, needs: tuple[int, ...], of: Task | None, *, needed: bool) -> ChildPlan:
    """Return one child or task."""
    probed = (
        Ready(listen=pick.choice(ADDRESSES)),
        Ready(run=(b"probe",)),
        Ready(file=b"/ready"),
        Ready(notify=True),
        Ready(fd=3),
    )
    ready = pick.choice((None, None, Ready(after=300), *probed))
    if ready is not None:
        ready = ready.but(within=pick.choice((None, 800)))
    restart = pick.choice((None, None, rules_of_restart(pick)))
    return ChildPlan(
        name=f"c{index}",
        argv=(b"x",),
        running=index,
        starting=index,
        program=pick.choice(((), (), ("server",))) if of is None else (),
        tree=pick.choice((False, False, True)) if of is None else False,
        needs=needs,
        needed=needed,
        ready=ready if of is None else None,
        alive=pick.choice((None, rules_of_health(pick))) if of is None else None,
        restart=None if of is not None and of.at_end else restart,
        task=of,
        only_if=pick.choice(((), (), (Condition(what=b"ROLE"),))),
        watch=pick.choice(((), (Watch(path=PATHS[0], signal=HUP),), WATCH)) if of is None else (),
    )


def rules_of_health(pick: Chooser) -> Alive:
    return Alive(
        run=(b"alive",),
        every=pick.choice((400, 2_000)),
        timeout=pick.choice((300, 5_000)),
        failures=pick.choice((1, 2, 3)),
    )


def rules_of_restart(pick: Chooser) -> Restart:
    return Restart(
        unless=pick.choice(((), (0,), (0, 143))),
        waits=pick.choice(((0, 1000, 2000), (0,), (500,))),
        stable=pick.choice((10_000, 400)),
        attempts=pick.choice((None, 1, 3)),
    )


class ManyHistory(History):
    """What happens to many children: beside the rest, something begins to listen."""

    def play(self, length: int) -> None:
        """Let so many things happen, in some histories while not all children have had their turn to start."""
        if self.pick.choice((True, False)):
            self.world.begin()
        else:
            self.world.feed(ev.Begin())
        self.play_on(length)

    def play_on(self, length: int) -> None:
        """Let so many more things happen."""
        for _ in range(length):
            if self.world.code is not None:
                return
            getattr(self, self.pick.choice(HAPPENINGS))()

    def failure(self, effect: Effect) -> Event | None:
        """Let some starts fail."""
        if isinstance(effect, (fx.Spawn, fx.Decide)) and self.pick.choice(range(10)) == 9:
            return ev.NotSpawned(child=effect.child, status=self.pick.choice((0, 126, 127)), reason="chance")
        return None

    def listen(self) -> None:
        """Something begins to listen, or stops."""
        self.world.listening ^= {self.pick.choice(ADDRESSES)}

    def connect(self) -> None:
        """A connection becomes busy, or idle."""
        self.world.busy ^= {self.pick.choice(ADDRESSES)}

    def notify(self) -> None:
        """A child says how it is, or somebody else does; or it is not heard."""
        those = [index for index, each in enumerate(self.world.plan.children) if each.ready and each.ready.is_told()]
        if not those:
            return
        index = self.pick.choice(those)
        rules, pid = self.world.plan.children[index].ready, self.world.state.children[index].pid
        pid = self.pick.choice((pid, pid, pid, LAST_PID))
        if rules is not None and rules.fd:
            self.world.feed(
                self.pick.choice(
                    (
                        ev.Notified(child=index, pid=pid, ready=True),
                        ev.Unheard(child=index, pid=pid, why="closed", number=3),
                    )
                )
            )
            return
        self.world.feed(
            ev.Notified(
                child=index,
                pid=pid,
                sender=self.sender(),
                ready=self.pick.choice((True, True, False)),
                stopping=self.pick.choice((False, False, True)),
                extend=self.pick.choice((0, 0, 500, 3_000)),
            )
        )

    def sender(self) -> ev.Sender:
        """Return any process as the seam tells of it, or one that has ended."""
        living = list(self.world.processes.values())
        if not living or self.pick.choice(range(5)) == 4:
            return ev.Sender(pid=self.pick.choice((0, LAST_PID)), kin=self.pick.choice((False, True)))
        line = [self.pick.choice(living)]
        while line[-1].parent in self.world.processes:
            line.append(self.world.processes[line[-1].parent])
        return ev.Sender(pid=line[0].pid, line=tuple(each.row() for each in line) if self.world.proc else ())

    def change(self) -> None:
        """Something is made, changed or removed, and is told of; or somebody else has done something near it."""
        path = self.pick.choice(PATHS)
        self.world.contents[path] = self.pick.choice((0, 1, 2, 3, self.world.contents.get(path, 0)))
        self.world.uneasy = self.pick.choice((False, False, True))
        for child, rules in enumerate(self.world.plan.children):
            for which, each in enumerate(rules.watch):
                if each.path == path:
                    self.world.feed(ev.Stirred(child=child, which=which))
        self.world.until(self.world.now + self.pick.choice((0, 200, 1_000, 2_000)))

    def succeed(self) -> None:
        """A command, a probe or a task ends well."""
        tasks = self.world.plan.tasks
        those = [each for each in self.world.living() if each.run is not None or each.child in tasks]
        if those:
            self.world.die(self.pick.choice(those), 0)
        self.reap()


HAPPENINGS = (
    "signal", "tick", "tick", "tick", "tick", "wait", "wait", "exit", "exit", "listen", "connect", "notify", "notify",
    "change", "change", "succeed", "succeed", "die", "reap", "fork", "become", "fail", "hang",
)  # fmt: skip
