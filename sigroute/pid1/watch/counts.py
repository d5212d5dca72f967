"""The counts of the static executable: the watch has answered signals by its table, and reaped, without the engine.

It counts both (runtime/src/counted.h). What an answer was is known from the state: as long as the watch gives it, the
state stays as it is. So whatever was counted since the last step belongs to the state before the next one.
"""

from __future__ import annotations

from sigroute.pid1.control.counts import Counts
from sigroute.pid1.engine.events import Signal
from sigroute.pid1.plan import SENDERS
from sigroute.pid1.watch import answers, core

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sigroute.pid1.engine.state import State
    from sigroute.pid1.plan import Plan


class WatchCounts(Counts):
    """Counts what the watch has done, too."""

    def __init__(self, plan: Plan, *, started: bool) -> None:
        """Begin.

        :param started: the watch has started the first child.
        """
        super().__init__(plan)
        if started:
            self.add(("Spawned", 0))

    def gather(self, state: State) -> None:
        """Count what the watch has done in this state."""
        reaped, answered = core.counted()
        if reaped:
            self.add(("Exited", None), reaped)
        for sender, signal, number in answered:
            event = Signal(signal=signal, sender=SENDERS[sender])
            for cause, effects in answers.answer(self.plan, state, event).steps or ((event, ()),):
                self.count((cause, *effects), number)
