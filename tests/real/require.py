"""What a test needs of the machine: without it, it is skipped with the reason; in CI nothing may be skipped."""

from __future__ import annotations

import os

import pytest


def need(ok: object, reason: str) -> None:
    """Skip the test unless *ok*, or fail it where SIGROUTE_REQUIRE=1 says that the machine has everything."""
    if ok:
        return
    if os.environ.get("SIGROUTE_REQUIRE") == "1":
        pytest.fail(f"required here: {reason}")
    pytest.skip(reason)
