"""Tests of real processes once more, with the C under the address and undefined-behaviour sanitizers."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.real.require import need
from tests.runtime.log.built import SANITIZED
from tests.runtime.log.test_sanitized import find

TESTS = Path(__file__).parents[1]

#: Each goes another way through the watch; the word chooses among its tests.
STORMS = [
    (TESTS / "real" / "test_storm.py", "static"),
    (TESTS / "real" / "test_values.py", "static"),
    (TESTS / "runtime" / "bring_up" / "test_ends.py", "not crashed"),  # a stack that overflows
]

#: What Python has at the end is no leak, and a malloc(3) that fails is no fault.
OPTIONS = "detect_leaks=0:allocator_may_return_null=1"


@pytest.mark.skipif(SANITIZED in os.environ, reason="this is the run that it starts")
@pytest.mark.parametrize(("file", "word"), STORMS, ids=[file.stem for file, _ in STORMS])
def test_nothing_is_touched_that_is_not_ours_and_nothing_undefined_is_done(file: Path, word: str) -> None:
    need(Path(find("libasan.so")).is_absolute(), "the compiler's sanitizers (libgcc-12-dev or the like)")
    environment = {**os.environ, SANITIZED: "1", "ASAN_OPTIONS": OPTIONS}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", word, str(file)]
    done = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
