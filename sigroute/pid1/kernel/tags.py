"""Outputs that are tagged: their pipes, and the helper process that reads them (tagging.py).

PID 1 reads no line itself. It keeps both ends of every pipe, so a helper that is killed loses no more than what it had
read, and the next one goes on. As the helper is no child of the rules, the seam hides it: an exit of it is
HelperEnded, it is in no list of processes, and with no other child left sigroute counts as childless.

PID 1 loads this only if an output is tagged.
"""

from __future__ import annotations

import posix
import time

from sigroute.pid1.engine.events import HelperEnded
from sigroute.pid1.exit_codes import CANNOT_RUN, SUCCESS
from sigroute.pid1.kernel import below, output, polling, spawn, tagging
from sigroute.pid1.kernel.refusals import optional, words
from sigroute.pid1.kernel.surroundings import close_all_but

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal as _signal
    from typing import NoReturn

    from sigroute.pid1.engine.events import Exited
    from sigroute.pid1.kernel.tagging import Pipe
    from sigroute.pid1.plan import Plan
else:
    import _signal  # signal itself imports enum: 3 ms and 1 MB

#: Milliseconds: a helper that has lived so long is replaced at once, else after RETRY.
STABLE, RETRY = 10_000, 1_000

#: Seconds that the helper may take at the end, and between two looks.
LAST, LOOK = 1.0, 0.002


class Tags:
    """The pipes, and the helper."""

    def __init__(self, plan: Plan) -> None:
        """Make the pipes.

        :raises OSError: there are not enough descriptors.
        """
        tagged = [index for index, child in enumerate(plan.children) if child.world.output == b"tag"]
        #: By child: the pipes of standard output and standard error.
        self.pipes = {index: (made(), made()) for index in tagged}
        self.names = {index: plan.children[index].name.encode("utf-8", "surrogateescape") for index in tagged}
        #: The helper ends when nobody has its second end any more.
        self.life = made()
        #: The helper's pid; 0: there is none.
        self.pid = 0
        #: Milliseconds: when it was started, and when another may be.
        self.since = self.again_at = 0
        #: Something has ended since the helper was found not to be alone.
        self.lost_one = True
        #: The end has come.
        self.over = False

    def writers(self, child: int) -> tuple[int, ...]:
        """Return what a child has as standard output and standard error; nothing: its output is not tagged."""
        return tuple([writer for _, writer in self.pipes.get(child, ())])

    def keep(self, due: int | None) -> int | None:
        """See that there is a helper; return when PID 1 must wake up: at ``due``, or before that to try again."""
        if not self.pid and ticks() >= self.again_at:
            self._start()
        if self.pid:
            return due
        return self.again_at if due is None else min(due, self.again_at)

    def _start(self) -> None:
        self.since = ticks()
        self.again_at = self.since + RETRY
        try:
            pid = posix.fork()
        except OSError:
            return  # it is tried again
        if not pid:
            self._serve()
        self.pid, self.lost_one = pid, True

    def _serve(self) -> NoReturn:
        """Be the helper. Signals stay blocked, as in PID 1: what stops the children must not end it before them."""
        code = CANNOT_RUN
        try:
            posix.close(self.life[1])
            for both in self.pipes.values():
                for _, writer in both:
                    posix.close(writer)
            readers = {reader for both in self.pipes.values() for reader, _ in both}
            optional(close_all_but, {self.life[0], *readers})  # what is open here as well has not ended for its child
            tagging.serve([(self.names[index], both) for index, both in self.pipes.items()], self.life[0])
            code = SUCCESS
        except BaseException:  # noqa: BLE001, S110 - a second sigroute must not go on from here; PID 1 tells of the exit
            pass
        finally:
            output.end(code)

    def ended(self, event: Exited) -> HelperEnded:
        """Note that the helper has ended; return the event for that."""
        self.pid, now = 0, ticks()
        self.again_at = now if now - self.since >= STABLE else now + RETRY
        return HelperEnded(pid=event.pid, status=event.status)

    def is_alone(self) -> bool:
        """Tell whether the helper is the only child process; False, too, if that can't be read.

        It is looked up once after each exit, as without /proc/PID/task/TID/children that takes a list of all processes.
        No child leaves the kernel's list meanwhile: a zombie is in it until PID 1 itself reaps it.
        """
        me = posix.getpid()
        try:
            self.lost_one = self.lost_one and below.children_by()(me) == [self.pid]
        except OSError:
            return False
        return self.lost_one and self.pid > 0

    def finish(self) -> None:
        """Have the helper write the last lines; if that takes too long, kill it."""
        if self.over:
            return
        self.over = True
        if not self.pid:
            self._start()
        optional(posix.close, self.life[1])
        self._await_end()
        if self.pid:
            optional(posix.kill, self.pid, _signal.SIGKILL)
            self._await_end()

    def _await_end(self) -> None:
        """Wait for the helper's end, but not for long: in an uninterruptible sleep it outlives KILL."""
        until = time.monotonic() + LAST
        while self.pid and time.monotonic() < until:
            try:
                gone = posix.waitpid(self.pid, posix.WNOHANG)[0]
            except OSError:
                gone = self.pid
            if gone:
                self.pid = 0
            else:
                optional(time.sleep, LOOK)


def ticks() -> int:
    """Return milliseconds of a clock that never goes back (CLOCK_MONOTONIC, clock_gettime(2))."""
    return time.monotonic_ns() // 1_000_000


def made() -> Pipe:
    """Make a pipe whose end to read from does not block; the end to write to is a child's, and does.

    :raises OSError: there is no descriptor left.
    """
    reader, writer = spawn.pipe()
    posix.set_blocking(writer, True)
    return reader, writer


def begun(plan: Plan) -> Tags:
    """Make the pipes and start the helper, before the first child. If that is not possible, say why and end."""
    try:
        polling.load()
        tags = Tags(plan)
    except (OSError, ImportError) as error:
        reason = words(error) if isinstance(error, OSError) else str(error)
        output.complain(f'sigroute: error: cannot make the pipes for output = "tag": {reason}\n')
        output.end(CANNOT_RUN)
    tags.keep(None)
    return tags
