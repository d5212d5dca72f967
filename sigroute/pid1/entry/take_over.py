"""The program that becomes PID 1 after sigroute's exec: ``python3 -ISB .../pid1/entry/take_over.py FD``.

FD is open on what hand_over() wrote. Signals were blocked before the exec, and exec keeps the mask.
"""

from __future__ import annotations

import marshal
import sys

# Isolated mode leaves the script's directory out of sys.path (python(1), -I).
# An empty string would mean the current directory, not "/".
sys.path.insert(0, __file__.rpartition("/sigroute/pid1/")[0] or "/")

from sigroute.pid1.kernel.bare import guarded
from sigroute.pid1.kernel.mask import block
from sigroute.pid1.kernel.options import InitOptions, StartOptions
from sigroute.pid1.kernel.preload import Finder
from sigroute.pid1.kernel.spawn import attempt
from sigroute.pid1.kernel.surroundings import as_given, keep_to_ourselves, taken

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

PACKAGE = "sigroute.pid1"

#: The modules of the engine that a request at the control socket may need: kept unloaded until then.
ASKED = ("naming", "probes", "restart")

#: The folders of the modules that are loaded while the child starts.
FOLDERS = ("engine", "entry", "kernel", "log", "compat")


def main(fd: int) -> None:
    """Start the first child, then load what supervises it; never returns."""
    data = taken(fd)
    start, init, says, first, plan = marshal.loads(data)  # noqa: S302 - hand_over() has written them
    held = [plan]
    del data, plan  # this frame never ends, and would keep them
    as_given()
    start, init = StartOptions(**start), InitOptions(**init)
    block(init.unhandled, start.keep_ignored)
    keep_to_ourselves(init.control)
    finder = Finder(PACKAGE, __file__.rpartition("/entry/")[0], FOLDERS)
    sys.meta_path.insert(0, finder)
    argv, terminal, _ = first or ((), False, None)
    begun = attempt(argv, start, terminal=terminal) if argv else None

    def rest() -> NoReturn:
        from sigroute.pid1.entry.supervise import supervise  # noqa: PLC0415 - as above
        from sigroute.pid1.plan import from_wire  # noqa: PLC0415 - while the child starts

        if first is None:
            import sigroute.pid1.kernel.world  # noqa: PLC0415 - where children may have worlds
        if init.control:
            import sigroute.pid1.kernel.control  # noqa: PLC0415 - where there is one
            import sigroute.pid1.kernel.notices  # noqa: F401, PLC0415 - as above
        finder.forget([f"{PACKAGE}.engine.{name}" for name in ASKED] if init.control else ())
        supervise(from_wire(first, held.pop()), begun, start, init, says)

    guarded(begun, init.unhandled, rest)


if __name__ == "__main__":
    main(int(sys.argv[1]))
