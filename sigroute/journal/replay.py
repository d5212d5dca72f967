"""Runs the engine over a journal once more: the same events at the same times must give the same effects."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import attrs

from sigroute.journal.read import JournalError
from sigroute.pid1.engine.events import EngineFailed
from sigroute.pid1.engine.step import step
from sigroute.pid1.log import narrate
from sigroute.timeline.read import Run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sigroute.journal.read import Part, Step
    from sigroute.pid1.engine.effects import Effect
    from sigroute.pid1.engine.events import Event
    from sigroute.pid1.engine.state import State
    from sigroute.pid1.log.narrate import Line as Told
    from sigroute.pid1.plan import Plan
    from sigroute.timeline import Line


@attrs.frozen
class Difference:
    """The first step at which the engine does something else than the journal has."""

    step: Step
    now: tuple[Effect, ...]
    """What it does now."""
    failure: str = ""
    """The error that it raises now; empty: none."""


def difference(part: Part) -> Difference | State:
    """Return the first difference; if there is none, the state after the last step."""
    state = part.state
    for each in part.steps:
        failed = isinstance(each.event, EngineFailed)
        event = each.event.during if isinstance(each.event, EngineFailed) else each.event
        if event is None:
            return state
        try:
            state, effects = step(part.plan, state, event, each.at)
        except Exception as error:  # noqa: BLE001 - whatever an engine, or a forged journal, may raise
            if failed:
                return state
            return Difference(each, (), repr(error))
        if failed or tuple(effects) != each.effects:
            return Difference(each, tuple(effects))
    return state


def follows(before: Part, after: State, part: Part) -> bool:
    """Tell whether a part is the one after another: of its run, in the state in which that one has ended.

    :param after: that state.
    """
    return part.gap or part.run != before.run or part.state == after


def lines(those: Sequence[Part]) -> list[Line]:
    """Return the lines of the log for the parts of a run, with times from its first step on.

    :raises JournalError: no engine has done this.
    """
    found: list[Line] = []
    began = those[0].steps[0].at if those[0].steps else 0
    for part in those:
        state = part.state
        for each in part.steps:
            try:
                told = [*said(part.plan, state, each.event, each.effects)]
                if not isinstance(each.event, EngineFailed):
                    state, _ = step(part.plan, state, each.event, each.at)
            except Exception as error:
                name, _, number = each.place.rpartition(":")
                raise JournalError(name, int(number), f"no engine does this: {error!r}") from error
            found += [(max(each.at - began, 0), line[1], line[2]) for line in told if line is not None]
    return found


def said(plan: Plan, state: State, event: Event, effects: Sequence[Effect]) -> list[Told | None]:
    """Return the lines of the log for one step."""
    return [narrate.of_event(plan, state, event), *(narrate.of_effect(plan, effect) for effect in effects)]


def runs_of(those: Sequence[Part]) -> list[Run]:
    """Return the runs that a journal tells of, as those of a log. After a rotation the first one lacks its beginning.

    :raises JournalError: no engine has done this.
    """
    return [run_of(each) for each in by_run(those)]


def by_run(those: Sequence[Part]) -> list[list[Part]]:
    """Return the parts of each run."""
    found: list[list[Part]] = []
    for part in those:
        if not found or found[-1][-1].run != part.run:
            found.append([])
        found[-1].append(part)
    return found


def run_of(those: Sequence[Part]) -> Run:
    """Return the run that these parts tell of."""
    began = datetime.fromisoformat(those[0].time).timestamp()
    return Run(round(began * 1_000), "", lines(those))
