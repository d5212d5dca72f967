"""Run as ``python3 forwarder.py COMMAND...``: an init that passes signals on, as tini and catatonit do.

It forwards signals to its child unchanged, reaps every zombie, and ends when its child does. It tells what happens to
the child as JSON lines on standard error, with the event names of sigroute's log.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time

FORWARDED = {signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM}


def tell(event: str, **fields: str) -> None:
    """Write what has just happened, and when: all processes share that clock (CLOCK_MONOTONIC)."""
    sys.stderr.write(json.dumps({"event": event, "at": time.monotonic(), "child": "script", **fields}) + "\n")
    sys.stderr.flush()


def main(command: list[str]) -> int:
    """Run the command; return its exit code, 128+n when signal n ended it."""
    # The signals are blocked, and sigwait takes them: a signal stays pending until then, whenever it arrives.
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
    """Reap one process that has ended; the pid is 0 if there is none."""
    try:
        return os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return 0, 0


def code_of(status: int) -> int:
    """Tell how the child ended; return the exit code that a shell would show."""
    code = os.waitstatus_to_exitcode(status)
    if code >= 0:
        tell("exited")
        return code
    tell("killed", signal=signal.Signals(-code).name.removeprefix("SIG"))
    return 128 - code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
