"""Run as ``python forwarder.py COMMAND...``: what most entrypoints do. Signals go on as they came; one child is reaped.

It adopts orphans, as PID 1 must, and never asks for any: each is a zombie until the container ends.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys

FORWARDED = (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM)


def main(command: list[str]) -> int:
    """Run the command; return its exit code, 128+n when signal n ended it."""
    child = subprocess.Popen(command)  # noqa: S603 - what it is for
    for number in FORWARDED:
        signal.signal(number, lambda number, _frame: os.kill(child.pid, number))
    code = child.wait()
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
