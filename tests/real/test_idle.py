"""With nothing to do it does nothing: the kernel is asked what it does."""

from __future__ import annotations

import shutil
import signal
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from tests.real.require import need
from tests.real.supervised import Supervised
from tests.real.traffic import until

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("form")

RULES = """
grace = "1h"
[child.one]
command = {one}
[on]
USR1 = "1h USR2"
"""


def rests(trace: Path) -> bool:
    """Tell whether the last call of a trace goes on: it is written without its end, as each call is for a moment."""
    seen = trace.read_text()
    call = "".join(seen.splitlines()[-1:])
    if not call.startswith("rt_sigtimedwait(") or " = " in call:
        return False
    time.sleep(0.5)
    return trace.read_text() == seen


@pytest.mark.parametrize("waits", [False, True])
def test_it_makes_no_system_call_while_nothing_happens(tmp_path: Path, *, waits: bool) -> None:
    """Not even while an action waits for an hour: one call has it all (sigtimedwait(2))."""
    need(shutil.which("strace"), "strace, to see system calls")
    trace = tmp_path / "trace"
    with Supervised(tmp_path, RULES) as run:
        run.ready()
        if waits:
            run.send(signal.SIGUSR1)
            run.said("waits")
        strace = subprocess.Popen(
            ["strace", "-p", str(run.process.pid), "-o", str(trace)], stderr=subprocess.PIPE, text=True
        )
        assert strace.stderr is not None
        assert "attached" in strace.stderr.readline()
        until(lambda: rests(trace), "it waits")  # before that it may still have been starting
        seen = trace.read_text()
        with pytest.raises(subprocess.TimeoutExpired):
            strace.wait(3)
        assert trace.read_text() == seen
        run.send(signal.SIGTERM)
        assert run.wait() == 0
        strace.wait(60)
        strace.stderr.close()
        assert "kill(" in trace.read_text()
