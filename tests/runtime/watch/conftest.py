"""The watch in C, for the tests of each of its files."""

from __future__ import annotations

import pytest

from tests.runtime.watch.built import built
from tests.runtime.watch.runs import Watch


@pytest.fixture(scope="session", name="watch")
def _watch(tmp_path_factory: pytest.TempPathFactory) -> Watch:
    return Watch(built(tmp_path_factory.mktemp("watch")))
