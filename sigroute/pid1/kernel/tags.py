"""Outputs that are tagged: their pipes, and the helper process that reads them (tagging.py).

PID 1 reads no line itself. It keeps both ends of every pipe, so a helper that is killed loses no more than what it had
read, and the next one goes on.
"""

from __future__ import annotations

import posix

from sigroute.pid1.exit_codes import CANNOT_RUN, SUCCESS
from sigroute.pid1.kernel import output, polling, tagging
from sigroute.pid1.kernel.clock import milliseconds
from sigroute.pid1.kernel.pipes import made
from sigroute.pid1.kernel.refusals import optional, words
from sigroute.pid1.kernel.surroundings import close_all_but

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from sigroute.pid1.kernel.tagging import Outputs
    from sigroute.pid1.plan import Plan

#: Milliseconds: a helper that has lived so long is replaced at once, else after RETRY.
STABLE, RETRY = 10_000, 1_000


class Tags:
    """The pipes, and the helper."""

    def __init__(self, plan: Plan) -> None:
        """Make the pipes.

        :raises OSError: there are not enough descriptors.
        """
        tagged = [index for index, child in enumerate(plan.children) if child.is_tagged()]
        #: By child: the pipes of standard output and standard error.
        self.pipes = {index: (made(), made()) for index in tagged}
        self.names = {index: plan.children[index].name.encode("utf-8", "surrogateescape") for index in tagged}
        #: The helper ends when nobody has its second end any more.
        self.life = made()
        #: The helper's pid; 0: there is none.
        self.pid = 0
        #: Milliseconds: when it was started, and when another may be.
        self.since = self.again_at = 0

    def outputs(self, child: int) -> Outputs | None:
        """Return what a child gets as standard output and standard error; None: it has no tags from here."""
        pipes = self.pipes.get(child)
        return pipes and (pipes[0][1], pipes[1][1], tagging.BREAK)

    def keep(self, due: int | None) -> int | None:
        """See that there is a helper; return when PID 1 must wake up: at ``due``, or before that to try again."""
        if not self.pid and milliseconds() >= self.again_at:
            self._start()
        if self.pid:
            return due
        return self.again_at if due is None else min(due, self.again_at)

    def _start(self) -> None:
        self.since = milliseconds()
        self.again_at = self.since + RETRY
        try:
            pid = posix.fork()
        except OSError:
            return  # it is tried again
        if not pid:
            self._serve()
        self.pid = pid

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

    def ended(self, pid: int) -> bool:
        """Note that a process has ended; tell whether it was the helper."""
        if pid != self.pid:
            return False
        self.pid, now = 0, milliseconds()
        self.again_at = now if now - self.since >= STABLE else now + RETRY
        return True

    def finish(self) -> None:
        """Have the helper write the last lines, and end."""
        if not self.pid:
            self._start()
        optional(posix.close, self.life[1])


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
