"""The matrix: each cell is the same for the real program and for sigroute, or differs as it is meant to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.real.drop_in.compare import UNSEEN, outcome, unlike
from tests.real.drop_in.differences import DIFFERENCES, WAYS, meant
from tests.real.drop_in.matrix import SCENARIOS
from tests.real.drop_in.subjects import real

if TYPE_CHECKING:
    from tests.real.drop_in.build import Helpers
    from tests.real.drop_in.scenario import Scenario
    from tests.real.drop_in.subjects import Subjects

DOCUMENT = Path(__file__).parents[3] / "docs" / "drop-in.md"

ALL = [(scenario, way) for scenario in SCENARIOS for way in (WAYS if scenario.every_way else WAYS[:1])]


@pytest.mark.parametrize(("scenario", "way"), [pytest.param(*each, id=f"{each[1]}: {each[0].id}") for each in ALL])
def test_sigroute_does_what_the_program_does(
    scenario: Scenario, way: str, helpers: Helpers, subjects: Subjects, path: str
) -> None:
    expected = outcome(scenario, real(scenario.program), helpers, path)
    unseen = {key: value for key, value in expected.items() if value.startswith(UNSEEN)}
    assert not unseen, "the program itself does not do what the scenario takes for granted"
    found = unlike(expected, outcome(scenario, subjects.init(scenario.program, way), helpers, path))
    wanted = {key for key, cell in zip(scenario.observed(), scenario.cells(), strict=True) if meant(cell, way)}
    unmeant = "".join(f"\n  {key}: {found[key]}" for key in found if key not in wanted)
    assert not unmeant, f"{scenario.id}:{unmeant}"
    assert wanted <= found.keys(), "the same as the program's by now: to be taken out of differences.py"


def test_the_cells_are_enough_and_none_is_counted_twice() -> None:
    cells = [f"{way}: {cell}" for scenario, way in ALL for cell in scenario.cells()]
    assert len(cells) == len(set(cells)) >= 2000


def test_each_difference_has_cells() -> None:
    cells = [cell for scenario in SCENARIOS for cell in scenario.cells()]
    for difference in DIFFERENCES:
        assert any(difference.covers(cell, difference.ways[0]) for cell in cells), difference.id


def test_each_difference_has_a_heading_in_the_document() -> None:
    headings = {line.lstrip("# ") for line in DOCUMENT.read_text().splitlines() if line.startswith("#")}
    assert {difference.id for difference in DIFFERENCES} <= headings
