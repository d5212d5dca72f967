"""The goals: numbers of this run, each with its limit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from bench.contestants import (
    BARE_PYTHON,
    COMPILED,
    COMPILED_CHAIN,
    COMPILED_NO_RULES,
    FLOOR,
    RULES,
    RULES_NGINX,
    TINI,
    WHOLE_NGINX,
)
from bench.lab import PLACES
from bench.measures import broadcast, compiling, engine, idle, memory, reaping, size, start, window

if TYPE_CHECKING:
    from bench.results import Results

#: Measures on one CPU vary less than those on all CPUs, so the ratios are taken from these.
PINNED = PLACES[0]


@attrs.frozen
class Goal:
    """A number and its limit."""

    what: str
    whose: str
    value: float | None
    """None: the number was not measured."""
    limit: float
    unit: str = "x"
    at_least: bool = False

    def met(self) -> bool | None:
        """Tell whether the limit is kept; None: the number was not measured."""
        if self.value is None:
            return None
        return self.value >= self.limit if self.at_least else self.value <= self.limit

    def as_data(self) -> dict[str, Any]:
        """Return the goal as data for JSON."""
        return {**attrs.asdict(self), "met": self.met()}


class Look:
    """Finds numbers in the results; None stands for a number that was not measured, or that depends on such a one."""

    def __init__(self, results: Results) -> None:
        self.results = results

    def median(self, measure: str, case: str, who: str) -> float | None:
        """Return one median."""
        summary = self.results.find(measure, case, who)
        return summary.median if summary else None

    def ratio(self, measure: str, case: str, one: str, other: str) -> float | None:
        """Return the median of the one, divided by that of the other."""
        return divided(self.median(measure, case, one), self.median(measure, case, other))

    def tails(self, measure: str, case: str, one: str, other: str) -> float | None:
        """Return the 99th percentile of the one, divided by that of the other."""
        found = [self.results.find(measure, case, who) for who in (one, other)]
        return divided(*(summary.p99 if summary else None for summary in found))


def divided(one: float | None, other: float | None) -> float | None:
    """Return one number divided by the other; None if one of them is missing."""
    return None if one is None or not other else one / other


def difference(one: float | None, other: float | None) -> float | None:
    """Return one number minus the other; None if one of them is missing."""
    return None if one is None or other is None else one - other


def goals(results: Results) -> list[Goal]:
    """Return every goal. Those about a running sigroute use the compiled one, or, if that is missing, the other."""
    look = Look(results)
    ours = COMPILED.name if any(row.contestant == COMPILED.name for row in results.rows) else RULES.name
    return [*starts(look), *running(look, ours), *at_rest(look, ours)]


def starts(look: Look) -> list[Goal]:
    """Return the goals for the time before the child runs."""
    compiled, tini = COMPILED.name, TINI.name
    imports, floor = (look.median("start", PINNED, name) for name in (start.IMPORTS, FLOOR.name))
    both = None if imports is None or floor is None else imports + floor
    by_rules = divided(look.median("start", PINNED, RULES.name), both)
    named = look.ratio("start", PINNED, WHOLE_NGINX.name, RULES_NGINX.name)
    lost = [look.median("window", window.CASE, name) for name in (compiled, tini)]
    read = look.median("compiling", compiling.case(10_000, "children"), compiling.LANGUAGE)
    ended = look.ratio("whole", PINNED, COMPILED_NO_RULES.name, tini)
    return [
        Goal("start", f"{compiled} / tini", look.ratio("start", PINNED, compiled, tini), 1.20),
        Goal("start", f"{RULES.name} / (imports + floor)", by_rules, 1.25),
        Goal("start, bundled rules", f"{WHOLE_NGINX.name} / {RULES_NGINX.name}", named, 0.4),
        Goal("start to end of true", f"{COMPILED_NO_RULES.name} / tini", ended, 1.05),
        Goal("window in which a TERM is lost", f"{compiled} - tini", difference(*lost), 0.1, "ms"),
        Goal("compiling 10,000 rules", compiling.LANGUAGE, read, 1, "s"),
    ]


def running(look: Look, ours: str) -> list[Goal]:
    """Return the goals for signals and zombies."""
    tini, loop = TINI.name, broadcast.LOOP
    reaped = look.ratio("reaping", reaping.reaped(PINNED), ours, tini)
    thousand = broadcast.case("repeated", 1000, PINNED)
    guarded = look.ratio("latency", PINNED, COMPILED_NO_RULES.name, tini)
    first = look.median("engine", engine.FIRST, COMPILED_CHAIN.name)
    return [
        Goal("latency, median", f"{ours} / tini", look.ratio("latency", PINNED, ours, tini), 1.15),
        Goal("latency, p99", f"{ours} / tini", look.tails("latency", PINNED, ours, tini), 1.5),
        Goal("latency without rules, median", f"{COMPILED_NO_RULES.name} / tini", guarded, 2.0),
        Goal("the first signal that needs the engine", COMPILED_CHAIN.name, first, 5, "ms"),
        Goal("orphans reaped a second", f"{ours} / tini", reaped, 0.98, at_least=True),
        Goal("broadcast to 1,000", f"{ours} / {loop}", look.ratio("broadcast", thousand, ours, loop), 4),
    ]


def at_rest(look: Look, ours: str) -> list[Goal]:
    """Return the goals for memory, size and idle time."""
    one, thousand = (memory.case("private dirty", children) for children in (1, 1000))
    more = difference(look.median("memory", thousand, ours), look.median("memory", one, ours))
    before = look.ratio("engine", engine.BEFORE, COMPILED.name, TINI.name)
    up = look.ratio("engine", engine.MEMORY, COMPILED_CHAIN.name, BARE_PYTHON.name)
    file, packed = (look.median("size", case, COMPILED.name) for case in (size.FILE, size.PACKED))
    return [
        Goal("private dirty, one child", f"{ours} / tini", look.ratio("memory", one, ours, TINI.name), 1.0),
        Goal("private dirty, nginx rules", f"{COMPILED.name} / {TINI.name}", before, 1.0),
        Goal("memory, the engine is up", f"{COMPILED_CHAIN.name} / {BARE_PYTHON.name}", up, 0.75),
        Goal("private dirty, each further child", ours, divided(more, 999), 3, "kB"),
        Goal("the file", COMPILED.name, file, 5500, "kB"),
        Goal("the file, gzipped", COMPILED.name, packed, 2200, "kB"),
        Goal("system calls while idle", ours, look.median("idle", idle.CALLS, ours), 0, ""),
    ]
