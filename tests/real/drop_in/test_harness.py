"""The matrix itself: it finds a program the same as itself, and one that is not quite the program different."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.real.drop_in.compare import UNSEEN, outcome, unlike
from tests.real.drop_in.matrix import SCENARIOS
from tests.real.drop_in.scenario import NAMES, RECORD
from tests.real.drop_in.subjects import real

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.real.drop_in.build import Helpers

#: Some that are quick, and whose play is done with every program.
SOME = ("each signal", "who gets what", "state", "stragglers, exit 5", "orphans")

GROUP = {
    f"{place} | who gets what | signal {number}: {who}"
    for place in ("PID 1", "not PID 1")
    for number in (15, 10, 40)
    for who in ("group", "orphan-group")
}
SESSION = {f"{place} | state | {key}" for place in ("PID 1", "not PID 1") for key in ("group", "session")}
STRAGGLERS = {f"not PID 1 | stragglers, exit 5 | {who}" for who in ("group", "orphan-group")}
STOP_KEY = {
    f"{place} | {cell}" for place in ("PID 1", "not PID 1") for cell in ("each signal | signal 20", "state | SigBlk")
}
ADOPTED = {f"not PID 1 | orphans | orphan-{kind}'s parent" for kind in ("group", "own-group", "session")}
WARNED = {f"not PID 1 | {what} | stderr" for what in SOME}


def told_apart(program: str, other: Sequence[str], helpers: Helpers, path: str) -> set[str]:
    """Return which of the cells tell a program without options from another."""
    found = set()
    for scenario in SCENARIOS:
        if scenario.program == program and scenario.what in SOME and not (scenario.options or scenario.environ):
            differ = unlike(outcome(scenario, real(program), helpers, path), outcome(scenario, other, helpers, path))
            found |= {f"{scenario.id} | {key}".removeprefix(f"{program} | ") for key in differ}
    return found


@pytest.mark.parametrize("program", NAMES)
def test_a_program_is_the_same_as_itself(program: str, helpers: Helpers, path: str) -> None:
    assert told_apart(program, real(program), helpers, path) == set()


@pytest.mark.parametrize(
    ("program", "other", "cells"),
    [
        ("dumb-init", ("dumb-init", "-c"), GROUP | SESSION | STRAGGLERS),
        ("tini", ("tini", "-g"), GROUP),
        ("tini", ("tini", "-s"), ADOPTED | WARNED),
        ("tini", ("catatonit",), STOP_KEY | ADOPTED | WARNED),
        ("catatonit", ("catatonit", "-g"), GROUP),
    ],
)
def test_what_is_not_quite_the_program_is_told_from_it(
    program: str, other: tuple[str, ...], cells: set[str], helpers: Helpers, path: str
) -> None:
    assert told_apart(program, [*real(other[0]), *other[1:]], helpers, path) == cells


def test_what_does_nothing_is_unseen_at_once(helpers: Helpers, path: str) -> None:
    scenario = next(each for each in SCENARIOS if each.what == "each signal" and each.command == RECORD)
    told = outcome(scenario, ["/bin/false"], helpers, path)
    assert told.pop("end").startswith(UNSEEN)
    assert {told.pop(name) for name in ("stdout", "stderr")} == {""}
    assert all(value.startswith(UNSEEN) for value in told.values())
