"""A clock that is not the machine's: libfaketime, which a whole image may be run with to try another date.

Nothing can be preloaded into a static init (ld.so(8)), so this is for Python alone.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.real.programs import names
from tests.real.require import need
from tests.real.supervised import Supervised
from tests.real.traffic import until

if TYPE_CHECKING:
    from pathlib import Path

RULES = """
[child.one]
command = {one}
[on]
USR1 = "300ms USR2 300ms USR2"
stop = "TERM 1s KILL"
"""


def variables(clock: str) -> list[str]:
    """Return what faketime(1) sets for its child; it stays itself between, and what it is sent it keeps."""
    done = subprocess.run(["faketime", "-f", clock, "env"], check=True, capture_output=True, text=True)
    return [line for line in done.stdout.splitlines() if line.startswith(("LD_PRELOAD=", "FAKETIME="))]


@pytest.mark.parametrize("clock", ["2020-01-01 00:00:00", "+0 x0.01", "+0 x100"], ids=["stands", "slow", "fast"])
def test_waits_end_whatever_the_clock_says(tmp_path: Path, clock: str) -> None:
    """It is in sigroute, too: a variable of the environment preloads it. What ends a wait is the kernel's timer."""
    need(shutil.which("faketime"), "faketime, for a clock that stands still")
    with Supervised(tmp_path, RULES, ends={"one": "HUP=0"}, prefix=["env", *variables(clock)]) as run:
        run.ready().send(signal.SIGUSR1)
        until(lambda: names(run.path("one")) == ["USR2", "USR2"], "both waits have ended")
        run.send(signal.SIGTERM)
        assert run.wait() == 137
        assert names(run.path("one")) == ["USR2", "USR2", "TERM"]
        assert not {"fallback"} & set(run.events())
