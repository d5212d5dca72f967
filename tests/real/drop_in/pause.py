"""catatonit -P: an init without a child."""

from __future__ import annotations

import os
import signal
import subprocess
from typing import TYPE_CHECKING

from tests.real.drop_in.family import adopted
from tests.real.drop_in.play import idle
from tests.real.drop_in.run import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.real.drop_in.run import Run
    from tests.real.drop_in.scenario import Play


def ready(run: Run) -> None:
    """Wait until it is in its loop: before that it closes what it was passed."""
    passed = f"/proc/{run.init.pid}/fd/{run.setting.open}"
    run.until(lambda: not os.path.lexists(passed), "it closes what it was passed")


def paused(numbers: tuple[int, ...], last: int) -> Play:
    """Send each of them, and then the last, which ends it."""

    def play(run: Run) -> Iterator[tuple[str, str]]:
        ready(run)
        for number in numbers:
            run.send(number)
            run.until(lambda: idle(run.init.pid), "it has taken the signal")
            yield f"signal {number}", "lives" if run.stat(run.init.pid)[0] == "S" else "ended"
        run.send(last)
        run.end()

    return play


def guests(run: Run) -> Iterator[tuple[str, str]]:
    """One that enters the namespace leaves orphans there, as the containers of a pod do."""
    ready(run)
    words = ["nsenter", "-p", "-t", str(run.init.pid), str(run.helpers.witness), "record", run.address, "guest"]
    with subprocess.Popen(words, stderr=subprocess.DEVNULL) as process:
        try:
            guest = run.peer("guest")
            guest.message()
            yield from adopted(run, guest)
            guest.tell("exit 0")  # before PID 1, which would wait for who reaps it out here
            process.wait(PATIENCE)
        finally:
            process.kill()
    run.send(signal.SIGTERM)
    run.end()
