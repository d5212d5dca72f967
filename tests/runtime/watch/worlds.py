"""The plans of the histories, each with its table, and one history by both ways."""

from __future__ import annotations

import os
import random
import struct
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import pytest

from sigroute.language import load, outline
from sigroute.pid1 import loop
from sigroute.pid1.engine.events import Signal
from sigroute.pid1.engine.step import step
from sigroute.pid1.entry.command import complete
from sigroute.pid1.kernel.options import ADOPTS
from sigroute.pid1.log.log import LEVELS
from sigroute.pid1.plan import Launch
from sigroute.static.table import table_of
from tests.pid1 import histories
from tests.runtime.watch.histories import History
from tests.runtime.watch.kernel import ENOSYS
from tests.runtime.watch.machine import Machine
from tests.runtime.watch.runs import Watch, by_the_loop

if TYPE_CHECKING:
    from collections.abc import Callable

    from sigroute.pid1.engine.effects import Effect
    from sigroute.pid1.engine.events import Event
    from sigroute.pid1.engine.state import State
    from sigroute.pid1.plan import Plan

BUNDLED = ("default", "haproxy", "httpd", "nginx", "php-fpm", "postgres")

#: Where the level of the log is in a table.
LEVEL = 24

#: How many random plans there are: to fill a table takes longer than a history.
PLANS = 60


class Compiled(NamedTuple):
    launch: Launch
    table: bytes


@cache
def compiled(number: int) -> Compiled:
    """Return rules as an init has them: some bundled, some random."""
    if number < len(BUNDLED):
        whole = outline(load(BUNDLED[number]))
    else:
        whole = random_plan(random.Random(number), alone=number % 3 > 0)
    launch = Launch(plan=whole, log_format=("text", "json")[number % 2])
    table = table_of(launch)
    return Compiled(
        launch.but(plan=complete(whole, (b"/bin/server", b"x") if whole.command is not None else ())), table
    )


def at_level(made: Compiled, level: str) -> Compiled:
    """Return the same with another level of the log: all that this changes in the table is its number."""
    number = struct.pack("<I", LEVELS.index(level))
    return Compiled(made.launch.but(log_level=level), made.table[:LEVEL] + number + made.table[LEVEL + len(number) :])


def random_plan(pick: random.Random, *, alone: bool) -> Plan:
    """Return a random plan, where asked for with one child, which the watch can start."""
    while True:
        made = histories.plan(pick)
        if not alone or len(made.children) == 1:
            return made


class Outcome(NamedTuple):
    code: int | str
    done: list[tuple[object, ...]]
    log: str


def failing(plan: Plan, state: State, event: Event, now: int) -> tuple[State, list[Effect]]:
    """Stand in for a step of the engine."""
    if isinstance(event, Signal) and event.value is not None:
        raise KeyError(event.signal)
    return step(plan, state, event, now)


def live(
    watch: Watch,
    pick: random.Random,
    *,
    breaks: bool = False,
    look: Callable[[str], None] | None = None,
    faults: dict[str, list[int]] | None = None,
) -> tuple[Outcome, Outcome]:
    """Live one history by the loop alone, and by the watch.

    :param breaks: the engine fails at the first signal that comes with a value, which it is always asked for.
    :param look: called at each call of the watch.
    :param faults: the errors of its calls, beside the one that brings up Python.
    """
    seed = pick.random()
    number = pick.choice(range(len(BUNDLED) + PLANS))
    made = at_level(compiled(number), pick.choice(("debug", "info", "info", "warning", "quiet")))
    forced = pick.choice((0, 0, 0, 1, 2, 3, 5, 9, 20))
    call = pick.choice(("wait", "reap"))
    me, parent = pick.choice(((1, 0), (1, 0), (77, 7)))
    proc, late = pick.choice((True, True, True, False)), pick.choice((False, False, False, True))
    length = pick.choice((3, 10, 30))

    def machine() -> Machine:
        history = History(random.Random(seed), length)
        found = Machine(history.happen)
        found.meanwhile = history.meanwhile
        found.pause = history.pause  # type: ignore[method-assign] # it is drawn
        found.me, found.parent, found.proc, found.late = me, parent, proc, late
        return found

    def run(sigroute: str) -> Outcome:
        log = os.memfd_create("log")
        where = machine()
        notes = () if me == 1 else (ADOPTS,)
        patch = pytest.MonkeyPatch()
        if breaks:
            patch.setattr(loop, "step", failing)
        try:
            if sigroute == "loop":
                code = by_the_loop(made.launch.but(notes=notes), where, log)
            else:
                where.watch = look or where.watch
                watch.calls.faults = faults or {}
                watch.calls.forced = {call: [0] * (forced - 1) + [ENOSYS]} if forced else {}
                code = watch.run(made.launch, made.table, where, log, notes=notes)
            return Outcome(code, where.done, os.pread(log, 1 << 24, 0).decode())
        finally:
            patch.undo()
            os.close(log)

    return run("loop"), run("watch")
