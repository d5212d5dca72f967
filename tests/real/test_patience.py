"""A stop while the rules are read: where that takes long it ends sigroute, and else it is kept until they are there."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING

import pytest

from tests.real.container import Container
from tests.real.traffic import until

if TYPE_CHECKING:
    from pathlib import Path

#: PID 1 blocks every signal first, as sigroute does.
BEGIN = """
import os, signal, time
from sigroute.patience import patient
signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
"""

ENDLESS = {
    "it is busy": "while True: pass",
    "it reads what never comes": "os.read(os.pipe()[0], 1)",
}


@pytest.mark.parametrize("what", ENDLESS.values(), ids=ENDLESS.keys())
@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGQUIT])
def test_a_stop_ends_what_reads_for_ever(tmp_path: Path, what: str, stop: signal.Signals) -> None:
    script = f"{BEGIN}with patient():\n    os.write(1, b'reads')\n    {what}\n"
    with Container(tmp_path, [sys.executable, "-c", script]) as container:
        until(lambda: "reads" in container.log(), "it reads")
        container.send(signal.Signals.SIGUSR1)  # which is no stop, and for the rules
        container.send(stop)
        assert container.wait() == 128 + stop


def test_what_comes_while_they_are_read_in_time_is_kept(tmp_path: Path) -> None:
    script = (
        f"{BEGIN}with patient():\n    os.kill(1, signal.SIGTERM)\n"
        "print(signal.sigtimedwait([signal.SIGTERM], 0).si_signo)\n"
    )
    with Container(tmp_path, [sys.executable, "-c", script]) as container:
        assert container.wait() == 0
    assert container.log() == "15\n"


def test_after_it_has_taken_long_nothing_is_taken_any_more(tmp_path: Path) -> None:
    script = (
        f"{BEGIN}with patient():\n    time.sleep(2.5)\n"
        "os.kill(1, signal.SIGTERM)\ntime.sleep(0.5)\n"
        "print(signal.sigtimedwait([signal.SIGTERM], 0).si_signo)\n"
    )
    with Container(tmp_path, [sys.executable, "-c", script]) as container:
        assert container.wait() == 0
    assert container.log() == "15\n"
