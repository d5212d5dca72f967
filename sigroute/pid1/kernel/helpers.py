"""The processes of sigroute's own that pass output on: the helper for tags (tags.py), and the relays (relays.py).

They are no children of the rules, so the seam hides them: their exits are HelperEnded and not Exited, they are in no
list of processes, and with no other child left sigroute counts as childless.

PID 1 loads this only if an output needs them.
"""

from __future__ import annotations

import posix
import time

from sigroute.pid1.engine.events import HelperEnded, NotSpawned
from sigroute.pid1.kernel import below, relays, tags
from sigroute.pid1.kernel.refusals import optional

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal as _signal

    from sigroute.pid1.engine.events import Event, Exited
    from sigroute.pid1.kernel.tagging import Outputs
    from sigroute.pid1.plan import Plan
else:
    import _signal  # signal itself imports enum: 3 ms and 1 MB

#: Seconds that helpers may take at the end, and between two looks.
LAST, LOOK = 1.0, 0.002


class Helpers:
    """The helper for tags and the relays, as far as the plan needs them."""

    def __init__(self, plan: Plan) -> None:
        """Start the helper for tags. Where that is not possible, sigroute ends."""
        self.tags = tags.begun(plan) if any(child.is_tagged() for child in plan.children) else None
        self.relays = relays.begun(plan) if any(child.is_relayed() for child in plan.children) else None
        #: Something has ended since others were found beside the helpers.
        self.lost_one = True
        #: The end has come.
        self.over = False

    def outputs(self, child: int) -> Outputs | None:
        """Return what a child that is to be started gets as standard output and error; None: it has sigroute's.

        :raises CannotRunError: no process or no descriptor is left for a relay.
        """
        tagged = None if self.tags is None else self.tags.outputs(child)
        return self.relays.open(child) if tagged is None and self.relays is not None else tagged

    def started(self, child: int, pid: int) -> None:
        """Note that a child runs as this process; 0: it could not be started."""
        if self.relays is not None:
            self.relays.started(child, pid)

    def keep(self, due: int | None) -> int | None:
        """See that there is a helper for tags; return when PID 1 must wake up for helpers, at ``due`` at the latest."""
        due = due if self.tags is None else self.tags.keep(due)
        return due if self.relays is None else self.relays.keep(due)

    def overdue(self) -> Exited | None:
        """Return the exit of a task that was withheld for too long, as what it has written was not read."""
        return None if self.relays is None else self.relays.overdue()

    def signalled(self, pid: int, number: int) -> bool:
        """Note that a signal is for a process; tell whether that has ended, and its exit is withheld."""
        return self.relays is not None and self.relays.signalled(pid, number)

    def withheld(self) -> frozenset[int]:
        """Return the pids whose exit is withheld."""
        return frozenset() if self.relays is None else self.relays.withheld()

    def pids(self) -> list[int]:
        """Return the pids of all helpers."""
        relayed = [] if self.relays is None else [*self.relays.by_pid]
        return relayed if self.tags is None or not self.tags.pid else [self.tags.pid, *relayed]

    def ended(self, event: Exited) -> Event | None:
        """Note an exit; return the event for it if it is a helper's, or that of a task with a relay."""
        self.lost_one = True
        if self.tags is not None and self.tags.ended(event.pid):
            return HelperEnded(pid=event.pid, status=event.status)
        return None if self.relays is None else self.relays.ended(event)

    def not_started(self, told: Event) -> None:
        """Note that a process has ended that was to become a program, and could not."""
        self.lost_one = True
        if isinstance(told, NotSpawned):
            self.started(told.child, 0)

    def are_alone(self) -> bool:
        """Tell whether helpers are the only child processes; False, too, if that can't be read.

        It is looked up once after each exit, as without /proc/PID/task/TID/children that takes a list of all processes.
        No child leaves the kernel's list meanwhile: a zombie is in it until PID 1 itself reaps it.
        """
        own = self.pids()
        if not self.lost_one or not own or self.withheld():
            return False
        try:
            self.lost_one = {*below.children_by()(posix.getpid())} <= {*own}
        except OSError:
            return False
        return self.lost_one

    def last_lines(self, child: int) -> str | None:
        """Return the last lines that a task has written; None: it has no relay."""
        return None if self.relays is None else self.relays.last_lines(child)

    def finish(self) -> None:
        """Have the last lines written; kill helpers that take too long."""
        if self.over:
            return
        self.over = True
        if self.tags is not None:
            self.tags.finish()
        late = [] if self.relays is None else self.relays.late()
        left = late + await_end([pid for pid in self.pids() if pid not in late])
        for pid in left:
            optional(posix.kill, pid, _signal.SIGKILL)
        await_end(left)


def await_end(pids: list[int]) -> list[int]:
    """Wait for the end of processes, but not for long, as one asleep in the kernel outlives KILL; return the rest."""
    until = time.monotonic() + LAST
    while pids := [pid for pid in pids if is_there(pid)]:
        if time.monotonic() >= until:
            break
        optional(time.sleep, LOOK)
    return pids


def is_there(pid: int) -> bool:
    """Reap a child process; tell whether it has not ended yet."""
    try:
        return not posix.waitpid(pid, posix.WNOHANG)[0]
    except OSError:
        return False
