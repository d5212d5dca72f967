"""The C of the log, for the tests of each of its files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.runtime.log.built import built

if TYPE_CHECKING:
    import ctypes


@pytest.fixture(scope="session", name="runtime")
def _runtime(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    return built(tmp_path_factory.mktemp("runtime"), "log.c", "writer.c", "stamp.c", "utc.c")
