"""The order of things in the watch, which is semantics: stops, exits, other signals, deadlines."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING

import pytest

from sigroute.pid1 import loop
from sigroute.pid1.entry.command import complete
from sigroute.pid1.names import STANDARD
from sigroute.pid1.plan import Launch
from sigroute.static.table import table_of
from tests.pid1.scene import plan_of
from tests.runtime.watch.machine import CHLD, ME, MILLISECOND, Info, Machine
from tests.runtime.watch.runs import by_the_loop

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.runtime.watch.runs import Watch

HUP, INT, USR1, TERM, TSTP = (STANDARD[name] for name in ("HUP", "INT", "USR1", "TERM", "TSTP"))


def next_of(left: list[Callable[[Machine], None]], machine: Machine) -> None:
    left.pop(0)(machine)


def both(watch: Watch, rules: str, *happenings: Callable[[Machine], None]) -> tuple[int, Machine, str]:
    """Let things happen, one after the other, under both; they do the same, and this returns it."""
    plan = plan_of(rules)
    launch = Launch(plan=plan, log_level="debug")
    table = table_of(launch)
    launch = launch.but(plan=complete(plan, (b"server",) if plan.command is not None else ()))
    found = []
    for below in (False, True):
        machine = Machine(partial(next_of, list(happenings)))
        log = os.memfd_create("log")
        watch.calls.faults, watch.calls.forced = {}, {}
        code = watch.run(launch, table, machine, log) if below else by_the_loop(launch, machine, log)
        found.append((code, machine.done, os.pread(log, 1 << 20, 0).decode()))
        os.close(log)
    assert found[0] == found[1]
    return found[1][0], machine, found[1][2]


def posts(*numbers: int) -> Callable[[Machine], None]:
    """Signals of the platform's, all at once."""

    def happen(machine: Machine) -> None:
        for number in numbers:
            machine.post(Info(number))

    return happen


def dies(status: int = 0) -> Callable[[Machine], None]:
    return lambda machine: machine.die(machine.living()[0], status)


def together(*happenings: Callable[[Machine], None]) -> Callable[[Machine], None]:
    def happen(machine: Machine) -> None:
        for each in happenings:
            each(machine)

    return happen


def orphans(number: int) -> Callable[[Machine], None]:
    def happen(machine: Machine) -> None:
        machine.last_pid = 10_000
        for _ in range(number):
            orphan = machine.new(ME)
            assert orphan is not None
            machine.die(orphan)

    return happen


def places(log: str, *words: str) -> list[int]:
    return [log.index(word) for word in words]


def test_a_stop_that_is_pending_comes_before_the_exit(watch: Watch) -> None:
    """So it was asked for, and the exit map applies."""
    code, machine, _ = both(watch, "[exit]\nmap = { 143 = 0 }\n", together(dies(143), posts(TERM)))
    assert code == 0
    assert [each[2:4] for each in machine.done if each[1] == "kill"] == [(100, TERM)]


def test_an_exit_that_nobody_has_asked_for_is_not_mapped(watch: Watch) -> None:
    assert both(watch, "[exit]\nmap = { 143 = 0 }\n", dies(143))[0] == 143


def test_one_stop_a_turn_is_taken_before_the_exits(watch: Watch) -> None:
    """Of two that are dropped, the second waits until the exits are reaped."""
    rules = '[on]\nINT = "drop"\nTERM = "drop"\nQUIT = "drop"\nUSR1 = "USR1"\n'
    _, _, log = both(watch, rules, together(dies(3), posts(INT, 3, TERM)))
    assert " INT from" in log
    assert " QUIT from" in log
    assert " TERM from" not in log, "the container has ended before"


@pytest.mark.parametrize("bound", ["BATCH", "SPELL"])
def test_signals_are_looked_at_among_many_exits(watch: Watch, bound: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """After BATCH of them, or after SPELL milliseconds; sigroute/pid1/loop.py has the same bounds."""
    assert (loop.BATCH, loop.SPELL) == (256, 5)
    if bound == "SPELL":
        reap = Machine.reap

        def slow(machine: Machine, **options: bool) -> tuple[int, int]:
            found = reap(machine, **options)
            machine.nanoseconds += MILLISECOND if found[0] > 0 else 0
            return found

        monkeypatch.setattr(Machine, "reap", slow)
    count = 600 if bound == "BATCH" else 30

    def storm(machine: Machine) -> None:
        orphans(count)(machine)
        machine.post(Info(40))  # its number is above CHLD's, so it would come last

    _, _, log = both(watch, '[on]\nUSR1 = "USR1"\n', storm, posts(CHLD), dies())
    assert log.count("reaped pid") == count
    before = log[: log.index("RTMIN+6 from")].count("reaped pid")
    assert 0 < before <= (512 if bound == "BATCH" else 12), before


def test_a_stopped_child_is_heard_of_when_no_signal_is_pending(watch: Watch) -> None:
    def job(machine: Machine) -> None:
        machine.stop(machine.living()[0], TSTP)
        posts(40, 41)(machine)

    _, _, log = both(watch, '[on]\nUSR1 = "USR1"\n', job, dies())
    assert places(log, "RTMIN+6 from", "RTMIN+7 from", "was suspended by") == sorted(
        places(log, "RTMIN+6 from", "RTMIN+7 from", "was suspended by")
    )


def test_signals_without_end_hold_up_no_deadline(watch: Watch) -> None:
    """Each is answered in C: even so the escalation comes in time."""

    def storms(machine: Machine) -> None:
        machine.nanoseconds += 100 * MILLISECOND
        machine.post(Info(HUP))

    code, machine, _ = both(watch, '[on]\nstop = "QUIT 2s KILL"\nHUP = "HUP"\n', posts(TERM), *[storms] * 40)
    assert code == 137
    killed = [each[0] for each in machine.done if each[1:4] == ("kill", 100, 9)]
    assert killed
    assert all(isinstance(each, int) and each <= 3_200 * MILLISECOND for each in killed)
