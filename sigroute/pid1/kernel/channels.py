"""Children that say themselves how they are (``ready.fd``, ``ready.notify``): each has a pipe or a socket of its own.

It is made for each start, and closed when that life ends or before the next: what an earlier life says goes nowhere.

A child that says too much must not keep PID 1 busy. So no more than MOST pieces are read of it in a second. If there
are more, it tells PID 1 nothing for the rest of that second; once the pipe or the queue is full, the child waits.

PID 1 loads this only if there is such a child.
"""

from __future__ import annotations

import posix

from sigroute.pid1.engine.events import Unheard
from sigroute.pid1.exit_codes import CANNOT_RUN
from sigroute.pid1.kernel import datagrams, output, spawn
from sigroute.pid1.kernel.channel import Channel
from sigroute.pid1.kernel.clock import milliseconds
from sigroute.pid1.kernel.refusals import optional, words
from sigroute.pid1.kernel.start import CannotRunError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sigroute.pid1.engine.events import Event
    from sigroute.pid1.kernel.notices import Notices
    from sigroute.pid1.plan import Plan

#: The most pieces (messages, or reads of a pipe) in a second.
MOST, SECOND = 100, 1_000

#: Milliseconds from the end of a pipe until that is told: mostly its child has ended, and so it is not worth telling.
MOMENT = 100


class Channels:
    """The channels of all children."""

    def __init__(self, plan: Plan, notices: Notices) -> None:
        self.plan = plan
        self.notices = notices
        #: By child and by descriptor: those of the present lives.
        self.by_child: dict[int, Channel] = {}
        self.by_fd: dict[int, Channel] = {}
        #: By pid: the child whose process it is.
        self.by_pid: dict[int, int] = {}
        #: By descriptor: when to look next at those that tell nothing by themselves for now, in milliseconds.
        self.paused: dict[int, int] = {}

    def open(self, child: int) -> Channel | None:
        """Open a channel for the next life of a child; None: its rules ask for none.

        :raises CannotRunError: the kernel refuses that.
        """
        ready = self.plan.children[child].ready
        if ready is None or not ready.is_told():
            return None
        self.drop(child)
        try:
            channel = self.by_child[child] = opened(child, ready.fd)
        except OSError as error:
            what = "fd" if ready.fd else "notify"
            raise CannotRunError(error.errno or 0, f"ready.{what}: {words(error)}", "world") from None
        return channel

    def listen(self, channel: Channel, pid: int) -> None:
        """Listen to a child that has just been started as this process."""
        channel.pid = pid
        channel.close_writer()
        self.by_fd[channel.fd] = channel
        self.by_pid[pid] = channel.child
        self._tell(channel)

    def drop(self, child: int) -> None:
        """Listen no more to a child that has ended, could not be started, or has said all that it can."""
        channel = self.by_child.pop(child, None)
        if channel is None:
            return
        self.notices.forget(channel.fd)
        self.paused.pop(channel.fd, None)
        self.by_fd.pop(channel.fd, None)
        if self.by_pid.get(channel.pid) == child:
            del self.by_pid[channel.pid]
        channel.close()

    def ended(self, pid: int) -> None:
        """Listen no more to a child if this was its process, unless what that has left goes on as the child."""
        child = self.by_pid.pop(pid, None)
        if child is not None and not self.plan.children[child].tree:
            self.drop(child)

    def keep(self, due: int | None) -> int | None:
        """Look at those that were paused; return when PID 1 must wake up: at ``due``, or before that to look again."""
        if not self.paused:
            return due
        now = milliseconds()
        for fd in [fd for fd, at in self.paused.items() if at <= now]:
            self._resume(self.by_fd[fd])
        if self.notices.found or self.notices.due:
            return now
        return min([*self.paused.values(), *([] if due is None else [due])], default=None)

    def _heard(self, fd: int) -> list[Event]:
        """Return what a child says now: one thing at a time, so that signals come in between."""
        channel = self.by_fd.get(fd)
        while channel is not None and fd not in self.paused:
            if self._is_too_much(channel):
                self._pause(channel, channel.since + SECOND)
                return [Unheard(child=channel.child, pid=channel.pid, why="flood", number=MOST)]
            try:
                event = channel.read()
            except (OSError, MemoryError):
                channel.count -= 1  # there was nothing to read
                break
            if channel.is_over:
                self.drop(channel.child)
            elif channel.is_closed:
                self._pause(channel, milliseconds() + MOMENT)
            if event is not None:
                self.notices.due.append(fd)
                return [event]
        return []

    def _is_too_much(self, channel: Channel) -> bool:
        """Count a piece that is to be read; tell whether that is one too many."""
        now = milliseconds()
        if now - channel.since >= SECOND:
            channel.since, channel.count = now, 0
        channel.count += 1
        return channel.count > MOST

    def _pause(self, channel: Channel, until: int) -> None:
        self.paused[channel.fd] = until
        optional(self.notices.mute, channel.fd)

    def _resume(self, channel: Channel) -> None:
        del self.paused[channel.fd]
        if channel.is_closed:
            self.notices.found.append(
                Unheard(child=channel.child, pid=channel.pid, why="closed", number=channel.number)
            )
            self.drop(channel.child)
        else:
            self._tell(channel)

    def _tell(self, channel: Channel) -> None:
        """Have a channel tell PID 1; if the kernel refuses that, it is looked at every second."""
        try:
            self.notices.readable(channel.fd, self._heard)
        except OSError:
            self.paused[channel.fd] = milliseconds() + SECOND


def opened(child: int, number: int) -> Channel:
    """Open a pipe, or a socket if there is no number.

    :raises OSError: the kernel refuses that.
    """
    if not number:
        fd, address = datagrams.opened()
        return Channel(child, fd, address=address)
    reader, writer = spawn.pipe()
    posix.set_blocking(writer, True)
    return Channel(child, reader, number=number, writer=writer)


def begun(plan: Plan) -> Channels:
    """Load what is needed before the first child is started. If that is not possible, say why and end."""
    try:
        datagrams.load()
        from sigroute.pid1.kernel import telling  # noqa: F401, PLC0415 - its module may be missing, too
        from sigroute.pid1.kernel.notices import Notices  # noqa: PLC0415 - as above

        return Channels(plan, Notices())
    except ImportError as error:
        output.complain(f"sigroute: error: cannot listen to children (ready.notify, ready.fd): {error}\n")
        output.end(CANNOT_RUN)
