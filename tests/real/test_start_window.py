"""A stop that arrives while sigroute starts: after its first own instruction it is never lost.

Before that, PID 1 has no handler and the kernel drops what is sent (pid_namespaces(7)). How long that is, is
measured by bench/measures/window.py; ``env --block-signal`` before it closes the window.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from tests.compiled import compiled
from tests.real.container import SIGROUTE, Container, title_of
from tests.real.require import need
from tests.real.traffic import PATIENCE, until

if TYPE_CHECKING:
    from pathlib import Path

#: How many moments of the first 200 ms are tried.
RUNS = int(os.environ.get("SIGROUTE_START_RUNS", "20"))
SPAN = 200

#: The same for a static init, which has started its child by then.
SHORT_SPAN = 20

BLOCKED_BEFORE = ["env", "--block-signal"]


def keeps_term(pid: int) -> bool:
    """Tell whether TERM would be kept for this process: blocked, or caught.

    While it waits in sigtimedwait(2) what it waits for does not show as blocked, but as caught (proc_pid_status(5)).
    """
    mask = 0
    with open(f"/proc/{pid}/status") as file:  # noqa: PTH123 - the fastest way, as the moment counts
        for line in file:
            if line.startswith(("SigBlk:", "SigCgt:")):
                mask |= int(line[7:], 16)
    return bool(mask >> (signal.SIGTERM - 1) & 1)


def begun(container: Container) -> None:
    """Wait for the exec that ends unshare and begins what is run in the namespace."""
    deadline = time.monotonic() + PATIENCE
    while title_of(container.pid).startswith("unshare") or not title_of(container.pid):
        assert container.running(), container.log()
        assert time.monotonic() < deadline, container.log()


def term_after(folder: Path, init: list[str], delay: float) -> tuple[bool, bool]:
    """Send TERM so many milliseconds after the exec of an init; tell whether it was kept, and whether it was lost."""
    with Container(folder, [*init, "--", "sleep", "60"]) as container:
        begun(container)
        began = time.monotonic()
        while time.monotonic() < began + delay / 1000:
            pass
        kept = keeps_term(container.pid)
        container.send(signal.SIGTERM)
        try:
            # Lost is lost: nothing sends it again. So wait until the child runs, and until it would have gone; one that
            # was kept must come, so for that as long as a busy machine takes.
            until(lambda: not container.running() or "sleep (pid" in container.log(), "it starts, or ends")
            code = container.wait(PATIENCE if kept else 2)
        except pytest.fail.Exception:
            container.send(signal.SIGTERM)
            assert container.wait() == 143
            return kept, True
        assert code == 143
        return kept, False


@pytest.fixture(params=["sigroute", "static"], name="command")
def _command(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[list[str], int]:
    """Return an init, and of how many milliseconds each moment is tried."""
    if request.param == "sigroute":
        return SIGROUTE, SPAN
    request.getfixturevalue("runtimes")
    return [str(compiled(tmp_path, form="static"))], SHORT_SPAN


@pytest.mark.parametrize("part", range(2))
def test_a_term_at_every_moment_of_the_start(tmp_path: Path, command: tuple[list[str], int], part: int) -> None:
    init, span = command
    delays = [span * number / RUNS for number in range(RUNS)][part::2]
    results = {delay: term_after(tmp_path, init, delay) for delay in delays}
    assert not [delay for delay, (kept, lost) in results.items() if kept and lost]
    # How soon it comes to its first instruction is a matter of who else has the CPU: bench/measures/window.py.
    assert any(kept for kept, _ in results.values()), "each of the moments was before its first instruction"


def test_behind_env_block_signal_none_is_lost(tmp_path: Path, command: tuple[list[str], int]) -> None:
    known = subprocess.run([*BLOCKED_BEFORE, "true"], check=False, capture_output=True)
    need(shutil.which("env") and known.returncode == 0, "env --block-signal (coreutils 8.31)")
    results = {delay: term_after(tmp_path, [*BLOCKED_BEFORE, *command[0]], delay) for delay in range(0, 40, 4)}
    assert not [delay for delay, (kept, lost) in results.items() if kept and lost]
    assert any(kept for kept, _ in results.values()), "each of the moments was before env had blocked it"
