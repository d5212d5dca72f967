"""What ``python3 -ISB`` runs as PID 1: ``python3 -ISB .../pid1/__main__.py FD``.

FD is open on the plan (plan.py). Signals were blocked before the exec and still are.
"""

from __future__ import annotations

import posix
import sys

# Isolated mode has no script directory in sys.path (python(1), -I), and site is not there to add any.
# An empty string there would mean the current directory, not "/".
sys.path.insert(0, __file__.rpartition("/sigroute/pid1/")[0] or "/")

from sigroute.pid1 import kernel, log, loop, plan


def main(fd: int) -> int:
    """Take the plan from this descriptor and supervise; return the exit code."""
    kernel.block()
    data = b""
    while part := posix.read(fd, 1 << 20):
        data += part
    posix.close(fd)
    launch = plan.from_wire(data)
    return loop.run(launch, kernel.Kernel(launch.plan, launch.environ), log.Log(launch.log_format, launch.log_level))


if __name__ == "__main__":
    posix._exit(main(int(sys.argv[1])))  # noqa: SLF001 - nothing is left to clean up, and as PID 1 nobody to do it for
