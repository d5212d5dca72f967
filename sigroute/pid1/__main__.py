"""What ``python3 -ISB`` runs as PID 1: ``python3 -ISB .../pid1/__main__.py FD``.

FD is open on what hand_over() wrote. Signals were blocked before the exec and still are.
"""

from __future__ import annotations

import marshal
import posix
import sys

# Isolated mode has no script directory in sys.path (python(1), -I), and site is not there to add any.
# An empty string there would mean the current directory, not "/".
sys.path.insert(0, __file__.rpartition("/sigroute/pid1/")[0] or "/")

from sigroute.pid1.kernel.mask import block
from sigroute.pid1.kernel.spawn import attempt
from sigroute.pid1.kernel.surroundings import as_given
from sigroute.pid1.manner import Manner


def main(fd: int) -> None:
    """Start the first child, then load what supervises it; never returns."""
    data = b""
    while part := posix.read(fd, 1 << 20):
        data += part
    posix.close(fd)
    fields, argv, terminal, launch = marshal.loads(data)  # noqa: S302 - our own bytes, handed over by exec
    as_given()
    manner = Manner(**fields)
    block(manner.deaf, manner.ignored)
    begun = attempt(argv, manner, terminal=terminal) if argv else None
    from sigroute.pid1.plan import from_wire  # noqa: PLC0415 - while the child starts
    from sigroute.pid1.resident import supervise  # noqa: PLC0415 - as above

    supervise(from_wire(launch), manner, begun)


if __name__ == "__main__":
    main(int(sys.argv[1]))
