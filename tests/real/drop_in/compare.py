"""Plays a scenario with an init, and tells two of its outcomes apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.real.drop_in.meaning import meaning
from tests.real.drop_in.run import Run, Unseen

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.real.drop_in.build import Helpers
    from tests.real.drop_in.scenario import Scenario

#: The beginning of an observation that could not be made.
UNSEEN = "unseen: "


def outcome(scenario: Scenario, init: Sequence[str], helpers: Helpers, path: str) -> dict[str, str]:
    """Return what is observed, by key: each of the scenario's."""
    told: dict[str, str] = {}
    with Run(scenario, init, helpers, path) as run:
        try:
            told.update(scenario.play(run))
            if not scenario.setting.each:
                told["end"] = run.end()
        except (Unseen, ProcessLookupError) as unseen:
            missing = f"{UNSEEN}{unseen}"
        else:
            missing = ""
            run.until(lambda: run.process.poll() is not None or not scenario.setting.each, "the batch is over")
        for name in ("stdout", "stderr"):
            text = run.output(name)
            told[name] = _presence(text) if scenario.presence else meaning(run, text)
    assert told.keys() <= set(scenario.observed()), "an observation that is not counted"
    return {key: told.get(key, missing or f"{UNSEEN}not told") for key in scenario.observed()}


def output(scenario: Scenario, init: Sequence[str], helpers: Helpers, path: str) -> str:
    """Return what it writes, word for word."""
    with Run(scenario, init, helpers, path) as run:
        run.end()
        return run.output("stdout") + run.output("stderr")


def _presence(text: str) -> str:
    """Docker reads the version of an init of the name docker-init from what follows "tini version "."""
    return "tini version" if text.startswith("tini version ") else "something" if text.strip() else ""


def unlike(real: Mapping[str, str], other: Mapping[str, str]) -> dict[str, str]:
    """Return the keys of which the two are not the same, and both values."""
    return {key: f"{real[key]!r} is {other[key]!r}" for key in real if real[key] != other[key]}
