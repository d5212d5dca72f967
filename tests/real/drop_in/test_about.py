"""What sigroute says of itself by another's name: who it is, at the place where the other would say it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.real.drop_in.compare import output
from tests.real.drop_in.matrix import SCENARIOS
from tests.real.drop_in.subjects import INSTEAD

if TYPE_CHECKING:
    from tests.real.drop_in.build import Helpers
    from tests.real.drop_in.scenario import Scenario
    from tests.real.drop_in.subjects import Subjects

ABOUT = [scenario for scenario in SCENARIOS if scenario.presence]


@pytest.mark.skipif(bool(INSTEAD), reason="the programs themselves are being tested")
@pytest.mark.parametrize("scenario", [pytest.param(scenario, id=scenario.id) for scenario in ABOUT])
def test_it_says_who_it_is(scenario: Scenario, helpers: Helpers, subjects: Subjects, path: str) -> None:
    assert "sigroute" in output(scenario, subjects.init(scenario.program, "static"), helpers, path)
