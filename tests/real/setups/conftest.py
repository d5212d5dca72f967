"""A database that is made once in each run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.real.postgres import database as place

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def database() -> Iterator[Path]:
    with place() as made:
        yield made.make().data
