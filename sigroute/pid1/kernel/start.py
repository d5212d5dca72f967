"""The start of a process: what is known of it, and of its exec. spawn.py makes it."""

from __future__ import annotations

import posix
import time

from sigroute.pid1.kernel.refusals import optional

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal as _signal
else:
    import _signal  # signal itself imports enum: 3 ms and 1 MB

#: In place of a descriptor: there is none.
NONE = -1

#: Seconds to wait for an exec, so that the log can report a failure at once. Most take a millisecond. One that takes
#: longer than this is no longer waited for.
PATIENCE = 0.05

#: Seconds between two looks, at first and at most. Each look takes the processor from the program.
LOOK, LOOK_MOST = 0.001, 0.01


class CannotRunError(Exception):
    """A program can't be run; ``number`` is the errno, ``what`` has failed: one of ``exec fork terminal world``."""

    def __init__(self, number: int, reason: str, what: str = "exec") -> None:
        super().__init__(reason)
        self.number = number
        self.what = what


class Start:
    """A process that is to run a program. Its pipe shows whether the exec has succeeded."""

    def __init__(self, pid: int, pipe: int, pending: frozenset[int] | None) -> None:
        self.pid = pid
        #: A successful exec closes it (O_CLOEXEC, open(2)), a failed one writes the reason to it. NONE: that is known.
        self.pipe = pipe
        #: It is in our own process group.
        self.shares = pending is not None
        #: What was pending with us, and so not with it (fork(2)), before it was in that group.
        self.pending = pending or frozenset()
        #: Why it does not run its program.
        self.error: CannotRunError | None = None

    def is_known(self) -> bool:
        """Return whether the outcome of the exec is known."""
        if self.pipe == NONE:
            return True
        try:
            said = posix.read(self.pipe, 4096)
        except BlockingIOError:
            return False
        except OSError:
            said = b""  # the reason is lost; its exit status tells the rest
        optional(posix.close, self.pipe)
        self.pipe = NONE
        if said:
            number, what, reason = said.decode("utf-8", "replace").split(" ", 2)
            self.error = CannotRunError(int(number), reason, what)
        return True

    def wait(self, patience: float = PATIENCE) -> None:
        """Wait for the outcome, for a short time."""
        until, look = time.monotonic() + patience, LOOK
        while not self.is_known() and time.monotonic() < until:
            optional(time.sleep, look)
            look = min(look * 2, LOOK_MOST)

    def end(self) -> None:
        """End and reap a process whose exec has failed."""
        optional(posix.kill, self.pid, _signal.SIGKILL)  # it exits by itself, unless somebody has stopped it
        optional(posix.waitpid, self.pid, 0)  # its status is not the program's
