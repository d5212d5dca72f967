"""An init for the child that runs when the rest can't be loaded: in a process of its own, as it never returns."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

#: Begins a child that tells when it is ready, ends with 5 at USR1, and with its parent; then fails to load the rest.
PROGRAM = """
import sys
from sigroute.pid1.kernel import bare, mask, spawn
from sigroute.pid1.kernel.options import DEFAULT_START
mask.block()
script = "trap 'exit 5' USR1; (exit 3) & echo ready; while kill -0 $PPID; do sleep 0.1; done"
begun = spawn.attempt((sys.argv[1].encode(), b"-c", script.encode()), DEFAULT_START)
def rest():
    raise MemoryError
bare.guarded(begun, frozenset(), rest)
"""


@pytest.mark.parametrize(("number", "code"), [(signal.SIGUSR1, 5), (signal.SIGTERM, 143), (signal.SIGKILL, -9)])
def test_it_forwards_and_ends_as_the_child_does(number: signal.Signals, code: int) -> None:
    command = [sys.executable, "-c", PROGRAM, "/bin/sh"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            assert process.stdout.readline() == b"ready\n"
            assert process.stderr.readline().startswith(b"sigroute: error: cannot load the rest of it (MemoryError())")
            process.send_signal(number)
            assert process.wait(60) == code
        finally:
            process.kill()


def test_where_nothing_runs_it_ends() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM, "/nowhere/sh"], check=False, capture_output=True, timeout=60)
    assert done.returncode == 126
