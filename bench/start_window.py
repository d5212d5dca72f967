"""How long a stop can be lost while sigroute starts: from its exec as PID 1 until it blocks signals.

    python -m bench.start_window

In that window the kernel drops what is sent to a PID 1 without handlers (pid_namespaces(7)). Needs root.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path

from tests.real.container import Container
from tests.real.test_start_window import BLOCKED_BEFORE, begun, keeps_term

ROUNDS = 40

WAYS = {
    "sigroute (the script that pip makes)": [str(Path(sys.executable).with_name("sigroute"))],
    "python -m sigroute": [sys.executable, "-m", "sigroute"],
    "env --block-signal sigroute": [*BLOCKED_BEFORE, str(Path(sys.executable).with_name("sigroute"))],
}


def window(command: list[str]) -> float:
    """Return milliseconds from the exec of this command as PID 1 until it blocks TERM."""
    with tempfile.TemporaryDirectory() as folder, Container(Path(folder), [*command, "--", "sleep", "60"]) as container:
        begun(container.pid)
        began = time.perf_counter()
        while not keeps_term(container.pid):
            pass
        return (time.perf_counter() - began) * 1000


def main() -> None:
    """Print a line for each way to start it; the ways take turns."""
    taken: dict[str, list[float]] = {way: [] for way in WAYS}
    for _ in range(ROUNDS):
        for way, command in WAYS.items():
            taken[way].append(window(command))
    for way, values in taken.items():
        print(f"{way:40} {statistics.median(values):6.1f} ms (median)  {max(values):6.1f} ms (longest of {ROUNDS})")


if __name__ == "__main__":
    main()
