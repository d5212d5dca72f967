"""Waiting for a condition, never for a time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

#: Far longer than anything takes on two slow cores: reached only when it never comes.
PATIENCE = 90.0


def eventually(look: Callable[[], T], what: str, patience: float = PATIENCE, pause: float = 0.02) -> T:
    """Return what *look* returns as soon as it is true."""
    deadline = time.monotonic() + patience
    while not (seen := look()):
        assert time.monotonic() < deadline, f"not within {patience:g} s: {what}"
        time.sleep(pause)
    return seen
