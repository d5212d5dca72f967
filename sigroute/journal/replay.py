"""Runs the engine over a journal once more: the same events at the same times must give the same effects."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import attrs

from sigroute.pid1.engine.events import Begin, EngineFailed
from sigroute.pid1.engine.step import step
from sigroute.pid1.log import narrate
from sigroute.timeline.read import Run

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sigroute.journal.read import Part, Step
    from sigroute.pid1.engine.effects import Effect
    from sigroute.timeline import Line


@attrs.frozen
class Difference:
    """The first step at which the engine does something else than the journal has."""

    step: Step
    now: tuple[Effect, ...]
    """What it does now."""


def difference(part: Part) -> Difference | None:
    """Return the first difference; None: the engine does the same."""
    state = part.state
    for each in part.steps:
        state, effects = step(part.plan, state, each.event, each.at)
        if tuple(effects) != each.effects:
            return Difference(each, tuple(effects))
    return None


def lines(those: Iterable[Part]) -> list[Line]:
    """Return the lines of the log for a journal, with times from its first step on."""
    found: list[Line] = []
    began: int | None = None
    for part in those:
        state = part.state
        for each in part.steps:
            began = each.at if began is None else began
            told = [narrate.of_event(part.plan, state, each.event)]
            told += [narrate.of_effect(part.plan, effect) for effect in each.effects]
            found += [(each.at - began, line[1], line[2]) for line in told if line is not None]
            if not isinstance(each.event, EngineFailed):
                state, _ = step(part.plan, state, each.event, each.at)
    return found


def runs_of(those: Sequence[Part]) -> list[Run]:
    """Return the runs that a journal tells of, as those of a log: each begins with the start of sigroute."""
    found: list[list[Part]] = []
    for part in those:
        if not found or any(isinstance(step.event, Begin) for step in part.steps[:1]):
            found.append([])
        found[-1].append(part)
    return [run_of(each) for each in found]


def run_of(those: Sequence[Part]) -> Run:
    """Return the run that these parts tell of."""
    began = datetime.fromisoformat(those[0].time).timestamp()
    return Run(round(began * 1_000), "", lines(those))
