"""Opening the control socket, before PID 1 needs it: a connection to it, and a request, tell PID 1 by a signal.

The static executable opens it in the watch (runtime/src/).
"""

from __future__ import annotations

import posix

from sigroute.pid1.kernel import sockets, spawn
from sigroute.pid1.kernel.options import DEFAULT_INIT, NO_CONTROL
from sigroute.pid1.kernel.refusals import optional, words
from sigroute.pid1.kernel.telling import arm

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sigroute.pid1.kernel.control import Descriptors
    from sigroute.pid1.kernel.options import InitOptions
    from sigroute.pid1.plan import Launch


def begun(launch: Launch) -> tuple[Launch, InitOptions]:
    """Open the socket that a plan names; return the launch, with a note if that is not possible, and its options."""
    try:
        sockets.load()
        return launch, DEFAULT_INIT.but(control=opened(launch.plan.control))
    except (OSError, ImportError) as error:
        reason = words(error) if isinstance(error, OSError) else str(error)
    path = launch.plan.control.decode("utf-8", "replace")
    return launch.but(notes=(*launch.notes, NO_CONTROL.format(path=path, reason=reason))), DEFAULT_INIT


def opened(path: bytes) -> Descriptors:
    """Open the socket, and the pipe for requests.

    :raises OSError: the kernel refuses that.
    """
    reader, writer = spawn.pipe()
    try:
        posix.set_blocking(writer, True)
        arm(reader)
        return sockets.listening(path, arm), reader, writer
    except OSError:
        optional(posix.close, reader)
        optional(posix.close, writer)
        raise
