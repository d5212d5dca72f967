"""The C of the log, for the tests of each of its files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.runtime.log.built import built
from tests.runtime.log.last_stage import refuse

if TYPE_CHECKING:
    import ctypes
    from collections.abc import Iterator


@pytest.fixture(scope="session", name="runtime")
def _runtime(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    return built(tmp_path_factory.mktemp("runtime"), "log.c", "lift.c", "writer.c", "stamp.c", "utc.c")


@pytest.fixture(autouse=True)
def _nothing_is_refused(runtime: ctypes.CDLL) -> Iterator[None]:
    """What a test before has refused is not refused any more."""
    with pytest.MonkeyPatch.context() as patch:
        refuse(runtime, patch)
        yield
