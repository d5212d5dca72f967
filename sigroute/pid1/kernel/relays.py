"""The outputs of tasks whose failing ends the container: the log line for that has their last lines.

PID 1 can't read back what a process has written to the container's log. So each start of such a task gets pipes, and a
process of sigroute's own that passes on what comes through them (relay.py). It ends when nobody has their other end any
more: a relay is there as long as its task, or what that leaves behind.
"""

from __future__ import annotations

import posix
import time

from sigroute.pid1.exit_codes import CANNOT_RUN, SUCCESS
from sigroute.pid1.kernel import output, polling, relay
from sigroute.pid1.kernel.output import STDERR, STDOUT
from sigroute.pid1.kernel.pipes import made
from sigroute.pid1.kernel.refusals import optional, words
from sigroute.pid1.kernel.start import CannotRunError
from sigroute.pid1.kernel.surroundings import close_all_but
from sigroute.pid1.kernel.terminal import close

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from sigroute.pid1.engine.events import Exited
    from sigroute.pid1.kernel.tagging import Outputs
    from sigroute.pid1.plan import ChildPlan, Plan

#: Seconds to wait until a relay has read what its task has written, and between two looks.
PATIENCE, LOOK = 0.1, 0.002


class Relay:
    """What PID 1 has of one life of a task."""

    def __init__(self, child: int) -> None:
        """Make the pipes and the notes.

        :raises OSError: there is no descriptor left.
        """
        self.child = child
        #: A file in memory with the state of the relay, and the last lines.
        self.notes = posix.memfd_create("sigroute-last-lines", posix.MFD_CLOEXEC)
        self.readers: list[int] = []
        self.writers: list[int] = []
        #: The pids of the relay and of the task; 0: there is none.
        self.pid = self.task = 0
        try:
            for _ in range(1 if is_one_file() else 2):  # one pipe keeps the order of both outputs
                reader, writer = made()
                self.readers.append(reader)
                self.writers.append(writer)
        except OSError:
            self.close()
            raise

    def has_read_all(self) -> bool:
        """Tell whether the relay has noted all that is written: it notes that it reads before it reads."""
        if not self.pid or posix.pread(self.notes, 1, 0) == relay.ENDED:
            return True
        return not polling.readable(self.readers, 0) and posix.pread(self.notes, 1, 0) != relay.READS

    def last_lines(self) -> str:
        """Return the last lines that the task has written."""
        until = time.monotonic() + PATIENCE
        while not self.has_read_all() and time.monotonic() < until:
            optional(time.sleep, LOOK)
        return relay.told(posix.pread(self.notes, relay.MOST, len(relay.WAITS)))

    def close_writers(self) -> None:
        """Leave the ends to write to to the task."""
        while self.writers:
            close(self.writers.pop())

    def close(self) -> None:
        """Close all of it."""
        self.close_writers()
        while self.readers:
            close(self.readers.pop())
        close(self.notes)
        self.notes = -1


class Relays:
    """The relays."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        #: By child: the relay of its present or last life.
        self.by_child: dict[int, Relay] = {}
        #: The relays whose process has not been reaped, by its pid.
        self.by_pid: dict[int, Relay] = {}

    def open(self, child: int) -> Outputs | None:
        """Start a relay for a new life of a task; return what that gets as standard output and standard error.

        None: it needs no relay.

        :raises CannotRunError: no process or no descriptor is left.
        """
        self._drop(child)
        if not self.plan.children[child].is_relayed():
            return None
        try:
            kept = self.by_child[child] = Relay(child)
            self._start(kept)
        except OSError as error:
            self._drop(child)
            raise CannotRunError(error.errno or 0, words(error), "fork") from None
        return kept.writers[0], kept.writers[-1], b""

    def started(self, child: int, pid: int) -> None:
        """Note that the task runs as this process; 0: it could not be started."""
        kept = self.by_child.get(child)
        if kept is not None:
            kept.task = pid
            kept.close_writers()

    def _drop(self, child: int) -> None:
        kept = self.by_child.pop(child, None)
        if kept is not None:
            kept.close()

    def _start(self, kept: Relay) -> None:
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
            optional(close_all_but, {kept.notes, *kept.readers})
            tag, last = tag_of(self.plan.children[kept.child]), relay.LastLines()
            ends = zip(kept.readers, (STDOUT, STDERR), strict=False)
            relay.serve([relay.Output(tag, fd, target, last) for fd, target in ends], last, kept.notes)
            code = SUCCESS
        except BaseException:  # noqa: BLE001, S110 - a second sigroute must not go on from here; PID 1 tells of the exit
            pass
        finally:
            output.end(code)

    def ended(self, event: Exited) -> bool:
        """Note an exit; tell whether it is a relay's. While its task lives, another relay goes on in its place."""
        for child, kept in list(self.by_child.items()):
            if kept.task == event.pid:
                kept.task = 0
                if event.status == SUCCESS:
                    self._drop(child)
        if event.pid not in self.by_pid:
            return False
        ended = self.by_pid.pop(event.pid)
        ended.pid = 0
        if event.status != SUCCESS and ended.task:
            try:
                self._start(ended)
            except OSError:
                ended.close()  # the task learns that nobody reads (pipe(7), SIGPIPE)
        return True

    def last_lines(self, child: int) -> str:
        """Return the last lines that a task has written."""
        kept = self.by_child.get(child)
        try:
            return "" if kept is None else kept.last_lines()
        except OSError:
            return ""


def begun(plan: Plan) -> Relays | None:
    """Return the relays; None: no task needs one, or they can't be had here.

    At a terminal a task has that itself, and its last lines are just above.
    """
    if not any(child.is_relayed() for child in plan.children) or posix.isatty(STDOUT) or posix.isatty(STDERR):
        return None
    try:
        polling.load()
        close(posix.memfd_create("sigroute-last-lines", posix.MFD_CLOEXEC))
    except (OSError, ImportError, AttributeError):  # an old glibc, or a filter
        return None
    return Relays(plan)


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
