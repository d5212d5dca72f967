"""What the tests of the runtime share."""

from __future__ import annotations

import platform

import pytest

from runtime.machines import MACHINES
from tests.runtime.images import Init, init_for


@pytest.fixture(scope="package", name="any_init", params=MACHINES)
def _any_init(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Init:
    """One for each machine."""
    return init_for(request.param, tmp_path_factory)


@pytest.fixture(scope="package", name="init")
def _init(tmp_path_factory: pytest.TempPathFactory) -> Init:
    """One for this machine."""
    return init_for(platform.machine(), tmp_path_factory)
