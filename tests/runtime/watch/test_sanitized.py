"""The tests of this folder once more, with the C under the address and undefined-behaviour sanitizers."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.real.require import need
from tests.runtime.log.built import SANITIZED
from tests.runtime.log.test_sanitized import find


@pytest.mark.skipif(SANITIZED in os.environ, reason="this is the run that it starts")
def test_nothing_is_touched_that_is_not_ours_and_nothing_undefined_is_done() -> None:
    libraries = [find("libasan.so"), find("libubsan.so")]
    need(all(map(os.path.isabs, libraries)), "the compiler's sanitizers (libgcc-12-dev or the like)")
    environment = {
        **os.environ, SANITIZED: "1", "LD_PRELOAD": " ".join(libraries), "ASAN_OPTIONS": "detect_leaks=0",
        "SIGROUTE_HISTORIES": "200",
    }  # fmt: skip
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(Path(__file__).parent)]
    done = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
