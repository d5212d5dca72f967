"""Run as ``python3 forwarder.py COMMAND...``: an init that passes signals on, as tini and catatonit do.

Signals go on to its child as they came, every process that ends below it is reaped, and it ends when its child does.
It tells of its child as JSON lines on standard error, by the names that sigroute has in its log.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time

FORWARDED = {signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM}


def tell(event: str, **fields: str) -> None:
    """Write what has just happened, and when, by the clock that all processes share (CLOCK_MONOTONIC)."""
    sys.stderr.write(json.dumps({"event": event, "at": time.monotonic(), "child": "script", **fields}) + "\n")
    sys.stderr.flush()


def main(command: list[str]) -> int:
    """Run the command; return its exit code, 128+n when signal n ended it."""
    # Blocked and waited for: one that arrives at any moment stays pending until then.
    signal.pthread_sigmask(signal.SIG_BLOCK, FORWARDED | {signal.SIGCHLD})
    child = os.posix_spawnp(command[0], command, os.environ, setsigmask=())
    while True:
        number = signal.sigwait(FORWARDED | {signal.SIGCHLD})
        if number != signal.SIGCHLD:
            tell("sent", signal=signal.Signals(number).name.removeprefix("SIG"))
            os.kill(child, number)
            continue
        for pid, status in iter(reap, (0, 0)):
            if pid == child:
                return code_of(status)


def reap() -> tuple[int, int]:
    """Reap one process that has ended; pid 0 where there is none."""
    try:
        return os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return 0, 0


def code_of(status: int) -> int:
    """Tell how the child ended; return that as the exit code that a shell shows."""
    code = os.waitstatus_to_exitcode(status)
    if code >= 0:
        tell("exited")
        return code
    tell("killed", signal=signal.Signals(-code).name.removeprefix("SIG"))
    return 128 - code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
