"""The kernel seam in the static executable: the watch below it waits and reaps (runtime/src/watch.c)."""

from __future__ import annotations

from sigroute.pid1.engine.effects import NOBODY, Kill
from sigroute.pid1.engine.events import Childless, Exited, Signal, Spawned
from sigroute.pid1.kernel import failures
from sigroute.pid1.kernel import status as statuses
from sigroute.pid1.kernel.options import DEFAULT_INIT, DEFAULT_START
from sigroute.pid1.kernel.seam import Kernel
from sigroute.pid1.plan import SENDERS
from sigroute.pid1.watch import core

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from sigroute.pid1.engine.effects import Spawn
    from sigroute.pid1.engine.events import Event
    from sigroute.pid1.kernel.options import InitOptions, StartOptions
    from sigroute.pid1.kernel.start import CannotRunError, Start
    from sigroute.pid1.plan import Plan
    from sigroute.pid1.watch.core import Told

#: The kinds of events (runtime/src/watch.h, ``enum what``).
SIGNAL, STATUS, CHILDLESS, NOT_SENT, REFUSED, NOTICE = range(1, 7)

#: In place of a deadline: there is none.
NEVER = -1


class WatchKernel(Kernel):
    """The kernel of the static executable. The watch answers what the engine has told it to answer."""

    def __init__(
        self,
        plan: Plan,
        begun: Start | CannotRunError | None = None,
        start: StartOptions = DEFAULT_START,
        init: InitOptions = DEFAULT_INIT,
    ) -> None:
        super().__init__(plan, begun, start, init)
        self.reap = self._reap
        #: While the engine deals with the event that it was loaded for: the time of that event, in nanoseconds.
        self.at: int | None = None
        #: The children by pid: the watch tells by pid which one it could not signal.
        self.children = {self.begun: 0} if self.begun else {}

    def _clock(self) -> int:
        return super()._clock() if self.at is None else self.at

    def _wait(self, due: int | None) -> Event | None:
        self.starts.look()
        return self._ask(core.wait, NEVER if due is None else due * 1_000_000)

    def take_stop(self) -> Event | None:
        """Take a stop signal that is pending."""
        try:
            return self._ask(core.take_stop)
        except OSError:
            return None  # ``wait`` will take it soon

    def _reap(self) -> Event | None:
        try:
            return self._ask(core.reap) or self.starts.nothing()
        except OSError:
            return self.reaper.reap_otherwise()

    def _ask(self, call: Callable[..., Told | None], *arguments: int) -> Event | None:
        """Return the event that a call of the watch tells of, if any.

        :raises OSError: the kernel refuses it.
        """
        self.at = None
        told = call(*arguments)
        return None if told is None else self.event(told)

    def _spawn(self, effect: Spawn) -> Event:
        event = super()._spawn(effect)
        if isinstance(event, Spawned):
            self.children[event.pid] = event.child
        return event

    def hand_over(self, told: Told | None) -> list[Event]:
        """Return the event that the watch hands over, to be dealt with as of the time when it happened."""
        if told is None or told[0] == REFUSED:
            return []  # ``wait`` is refused, too, and then polls
        self.at = told[-1]
        event = self.event(told)
        return [] if event is None else [event]

    def event(self, told: Told) -> Event | None:
        """Return the event that the watch tells of."""
        what, number, sender, pid, uid, value, status, error, _at = told
        if what == NOTICE and self.notices is not None and self.notices.take(number, error, status):
            return self.notices.next()
        if what in (SIGNAL, NOTICE):
            return Signal(signal=number, sender=SENDERS[sender], pid=pid, uid=uid, value=value)
        if what == CHILDLESS:
            return Childless()
        if what == NOT_SENT:
            return failures.not_sent(
                Kill(child=self.children.get(pid, NOBODY), pid=pid, signal=number), OSError(error, "")
            )
        event = statuses.decode_status(pid, status)
        return self.starts.fate(event) if isinstance(event, Exited) else event
