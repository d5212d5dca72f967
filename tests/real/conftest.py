"""What several tests of real programs ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.compiled import RULES, compiled, foreign

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(params=["bytecode", "source"], name="init")
def _init(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = compiled(tmp_path, RULES)
    return foreign(path) if request.param == "source" else path
