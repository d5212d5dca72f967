"""What these tests share."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(name="pty")
def _pty() -> Iterator[int]:
    """Return the terminal's own side of a new one."""
    master, slave = os.openpty()
    yield slave
    os.close(master)
    os.close(slave)
