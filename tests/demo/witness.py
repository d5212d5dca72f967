"""Run as ``python witness.py COMMAND...``: who sees what a command leaves behind, as every orphan becomes its child.

Tells, as JSON lines on standard error: the command's pid; its exit status and how many processes there were still when
it ended, dead or alive. Ends when none is left.
"""

import ctypes
import json
import os
import signal
import subprocess
import sys

PR_SET_CHILD_SUBREAPER = 36


def main(command: list[str]) -> None:
    signal.alarm(100)  # what is left behind may never end
    assert ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1) == 0
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    tell(pid=process.pid)
    assert process.stderr
    said = process.stderr.read()
    code = process.wait()
    tell(code=code, left=left(os.WNOHANG), said=said)
    left(0)


def tell(**fields: object) -> None:
    sys.stderr.write(json.dumps(fields) + "\n")
    sys.stderr.flush()


def left(flags: int) -> int:
    """Count the processes that are ours by now; with these flags, wait for their end or not."""
    found = 0
    while True:
        try:
            pid, _ = os.waitpid(-1, flags)
        except ChildProcessError:
            return found
        found += 1
        if not pid:  # there are some, alive
            return found


if __name__ == "__main__":
    main(sys.argv[1:])
