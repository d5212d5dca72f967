"""The outputs of tasks whose failing ends the container: the log line for that has their last lines.

PID 1 can't read back what a process has written to the container's log. So each start of such a task gets pipes, and a
process of sigroute's own that passes on what comes through them (relay.py).

To everybody else a task lives until its output is passed on, as it would if it wrote to the container's log itself.
So PID 1 withholds its exit until the relay has ended. Meanwhile it sends no signal to the task's pid, as another
process may have that by then. No process that it starts for the engine gets that pid (StartOptions.avoided).
"""

from __future__ import annotations

import posix

from sigroute.pid1.engine.events import HelperEnded
from sigroute.pid1.exit_codes import CANNOT_RUN, SUCCESS
from sigroute.pid1.kernel import output, polling, relay
from sigroute.pid1.kernel.clock import milliseconds
from sigroute.pid1.kernel.output import STDERR, STDOUT
from sigroute.pid1.kernel.pipes import made
from sigroute.pid1.kernel.refusals import optional, words
from sigroute.pid1.kernel.start import NONE, CannotRunError
from sigroute.pid1.kernel.surroundings import close_all_but
from sigroute.pid1.kernel.terminal import close

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal as _signal
    from typing import NoReturn

    from sigroute.pid1.engine.events import Event, Exited
    from sigroute.pid1.kernel.tagging import Outputs
    from sigroute.pid1.plan import ChildPlan, Plan
else:
    import _signal  # signal itself imports enum: 3 ms and 1 MB

#: Milliseconds that the output of a task may take after its process; after a signal that sigroute has sent to it; and
#: after KILL.
PATIENCE, LAST, KILLED = 10_000, 1_000, 100

#: The most relays that one life of a task gets while it lasts: they may be killed again and again.
MOST = 10


class Relay:
    """What PID 1 has of one life of a task, and of the relay for it."""

    def __init__(self, child: int) -> None:
        """Make the pipes.

        :raises OSError: there is no descriptor left.
        """
        self.child = child
        #: The ends to read from; the ends to write to, until the task has them; and the pipe that tells of its end.
        self.readers: list[int] = []
        self.writers: list[int] = []
        self.over: tuple[int, int] = (NONE, NONE)
        #: A file in memory with the last lines.
        self.notes = notes()
        #: The pids of the relay and of the task; 0: there is none.
        self.pid = self.task = 0
        #: The relays that were started for it.
        self.count = 0
        #: The exit of the task, while it is withheld.
        self.exit: Exited | None = None
        #: The most milliseconds to withhold it.
        self.patience = PATIENCE
        #: When it is told at the latest, in milliseconds of the clock.
        self.until = 0
        #: The exit was told before the output was passed on, as nobody reads that.
        self.late = False
        try:
            self.over = made()
            for _ in range(1 if is_one_file() else 2):  # one pipe keeps the order of both outputs
                reader, writer = made()
                self.readers.append(reader)
                self.writers.append(writer)
        except OSError:
            self.close()
            raise

    def close_writers(self) -> None:
        """Leave the ends to write to to the task."""
        while self.writers:
            close(self.writers.pop())

    def is_needed(self) -> bool:
        """Tell whether its task, or the rest of what that has written, needs one more relay, and may have it."""
        return bool(self.task or self.exit) and self.count < MOST

    def close_over(self) -> None:
        """Do without the pipe that tells of the task's end."""
        for fd in self.over:
            close(fd)
        self.over = (NONE, NONE)

    def close_pipes(self) -> None:
        """Leave the pipes to others."""
        self.close_writers()
        self.close_over()
        while self.readers:
            close(self.readers.pop())

    def close(self) -> None:
        """Close all of it."""
        self.close_pipes()
        close(self.notes)
        self.notes = NONE


class Relays:
    """The relays."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.at_terminal = posix.isatty(STDOUT) or posix.isatty(STDERR)
        #: By child: the relay of its present or last life.
        self.by_child: dict[int, Relay] = {}
        #: Those whose relay has not been reaped, by its pid.
        self.by_pid: dict[int, Relay] = {}

    def open(self, child: int) -> Outputs | None:
        """Start a relay for a new life of a task; return what that gets as standard output and standard error.

        None: it needs no relay.

        :raises CannotRunError: no process or no descriptor is left.
        """
        self._drop(child)
        if not self.has(child):
            return None
        try:
            kept = self.by_child[child] = Relay(child)
            self._start(kept)
        except OSError as error:
            self._drop(child)
            raise CannotRunError(error.errno or 0, words(error), "fork") from None
        return kept.writers[0], kept.writers[-1], b""

    def has(self, child: int) -> bool:
        """Tell whether a child is a task with a relay. At a terminal a task has that itself, unless it is tagged."""
        rules = self.plan.children[child]
        return rules.is_relayed() and not (self.at_terminal and rules.world.output == b"inherit")

    def started(self, child: int, pid: int) -> None:
        """Note that the task runs as this process; 0: it could not be started."""
        kept = self.by_child.get(child)
        if kept is not None:
            kept.task = pid
            kept.close_writers()

    def _drop(self, child: int) -> None:
        """Be done with a life of a task; its relay may have to pass on more."""
        kept = self.by_child.pop(child, None)
        if kept is not None and not kept.pid:
            kept.close()

    def _start(self, kept: Relay) -> None:
        kept.count += 1
        pid = posix.fork()
        if not pid:
            self._serve(kept)
        kept.pid = pid
        self.by_pid[pid] = kept

    def _serve(self, kept: Relay) -> NoReturn:
        """Be the relay. Signals stay blocked, as in PID 1: what stops the task must not end it."""
        code = CANNOT_RUN
        try:
            kept.close_writers()
            optional(close_all_but, {kept.notes, kept.over[0], *kept.readers})
            tag = tag_of(self.plan.children[kept.child])
            outputs = [relay.Output(tag, *ends) for ends in zip(kept.readers, (STDOUT, STDERR), strict=False)]
            code = relay.serve(outputs, relay.LastLines(kept.notes), kept.over[0])
        except BaseException:  # noqa: BLE001, S110 - a second sigroute must not go on from here; PID 1 tells of the exit
            pass
        finally:
            output.end(code)

    def ended(self, event: Exited) -> Event | None:
        """Return the event for an exit; None: it has nothing to do with relays."""
        for kept in self.by_child.values():
            if kept.task == event.pid:
                return self._task_ended(kept, event)
        relayed = self.by_pid.pop(event.pid, None)
        if relayed is not None:
            return self._relay_ended(relayed, event)
        stranger = event.pid in self.withheld()  # a process that sigroute has not started has got the same pid
        return HelperEnded(pid=event.pid, status=SUCCESS) if stranger else None

    def _task_ended(self, kept: Relay, event: Exited) -> Event:
        kept.task, kept.exit, kept.until = 0, event, milliseconds() + kept.patience
        if not kept.pid:
            return self._told(kept) or event
        optional(posix.write, kept.over[1], b".")
        return HelperEnded(pid=event.pid, status=SUCCESS)

    def _relay_ended(self, kept: Relay, event: Exited) -> Event:
        """Start another relay where there is more to pass on; tell the exit of the task where there is not."""
        kept.pid = 0
        killed = event.status not in (SUCCESS, relay.LEFT)
        if event.status == relay.LEFT:
            kept.close_over()  # the next one goes on until nobody can write any more
            kept.late = False
        elif kept.exit is not None:
            optional(posix.write, kept.over[1], b".")
        if event.status == relay.LEFT or (killed and kept.is_needed()):
            try:
                self._start(kept)
            except OSError:
                kept.count = MOST
        if killed and kept.pid:
            return HelperEnded(pid=event.pid, status=event.status)
        kept.close_pipes()  # if the task still writes, it learns that nobody reads (pipe(7), SIGPIPE)
        if self.by_child.get(kept.child) is not kept:
            kept.close()
        return self._told(kept) or HelperEnded(pid=event.pid, status=event.status if killed else SUCCESS)

    def _told(self, kept: Relay) -> Exited | None:
        """Return the exit of a task that was withheld, which is told now."""
        exit_, kept.exit = kept.exit, None
        if exit_ is not None and exit_.status == SUCCESS and not kept.pid:
            self._drop(kept.child)
        return exit_

    def withheld(self) -> frozenset[int]:
        """Return the pids whose exit is withheld."""
        return frozenset([kept.exit.pid for kept in self.by_child.values() if kept.exit is not None])

    def signalled(self, pid: int, number: int) -> bool:
        """Note that a signal is for a process: its output may not take long any more. Tell whether it has ended."""
        for kept in self.by_child.values():
            if pid == (kept.task or (kept.exit and kept.exit.pid)):
                kept.patience = min(kept.patience, KILLED if number == _signal.SIGKILL else LAST)
                kept.until = min(kept.until, milliseconds() + kept.patience)
                return kept.exit is not None
        return False

    def keep(self, due: int | None) -> int | None:
        """Return when PID 1 must wake up: at ``due``, or before that to tell an exit that was withheld for too long."""
        times = [kept.until for kept in self.by_child.values() if kept.exit is not None]
        return min(times if due is None else [due, *times], default=None)

    def overdue(self) -> Exited | None:
        """Return an exit that was withheld for too long. Its relay goes on."""
        for kept in self.by_child.values():
            if kept.exit is not None and kept.until <= milliseconds():
                kept.late = True
                return self._told(kept)
        return None

    def late(self) -> list[int]:
        """Return the pids of the relays that have had all their time."""
        return [pid for pid, kept in self.by_pid.items() if kept.late]

    def last_lines(self, child: int) -> str | None:
        """Return the last lines that a task has written; None: it has no relay."""
        kept = self.by_child.get(child)
        if not self.has(child):
            return None
        try:
            return "" if kept is None else relay.told(posix.pread(kept.notes, relay.MOST, 0))
        except OSError:
            return ""


def begun(plan: Plan) -> Relays | None:
    """Return the relays; None: this Python can't wait for several pipes."""
    try:
        polling.load()
    except ImportError:
        return None
    return Relays(plan)


def notes() -> int:
    """Make a file in memory; NONE: that is not possible, as with an old C library or a filter of the kernel."""
    try:
        return posix.memfd_create("sigroute-last-lines", posix.MFD_CLOEXEC)
    except (OSError, AttributeError):
        return NONE


def is_one_file() -> bool:
    """Tell whether standard output and standard error are the same file."""
    try:
        both = [posix.fstat(fd) for fd in (STDOUT, STDERR)]
    except OSError:
        return False
    return both[0].st_dev == both[1].st_dev and both[0].st_ino == both[1].st_ino


def tag_of(child: ChildPlan) -> bytes:
    """Return the name that the lines of a task get; empty: none."""
    return child.name.encode("utf-8", "surrogateescape") if child.world.output == b"tag" else b""
