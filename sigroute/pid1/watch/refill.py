"""The observer that fills the watch's table while the engine is up.

An entry is computed when its signal first arrives in a state, and dropped when the state changes.
"""

from __future__ import annotations

from sigroute.pid1.engine.events import EngineFailed, HelperEnded, Signal
from sigroute.pid1.engine.life import LINGERING
from sigroute.pid1.names import mask_of
from sigroute.pid1.plan import SENDERS
from sigroute.pid1.watch import answers, core, texts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sigroute.pid1.engine.effects import Effect
    from sigroute.pid1.engine.events import Event
    from sigroute.pid1.engine.state import State
    from sigroute.pid1.kernel.starts import Starts
    from sigroute.pid1.log.log import Log
    from sigroute.pid1.plan import Plan

#: The index of the level at which the log has a line for every process that is reaped.
DEBUG = 0


class Refill:
    """Tells the watch what the engine does as long as its state stays as it is."""

    def __init__(self, plan: Plan, log: Log, starts: Starts) -> None:
        self.plan = plan
        self.log = log
        #: By pid: the processes whose exec is still under way. Until then their handlers are our own.
        self.late = starts.late
        #: What passes output on may end, and is no owner; so may what serves the control socket.
        self.helpers = starts.helpers
        self.control = starts.control
        self.stops = mask_of(plan.stop_signals)
        self.settled: State | None = None

    def observe(self, _now: int, _before: State, event: Event, _effects: list[Effect], after: State) -> None:
        """Look at a step: after a change of the state, no entry of the table is valid."""
        if isinstance(event, EngineFailed):
            core.forget()
            core.settle(0, None)  # the fallback has a state of its own
            return
        if after is not self.settled or isinstance(event, HelperEnded):
            self.settle(after)
        if isinstance(event, Signal) and event.value is None:
            self.remember(after, event)

    def settle(self, state: State) -> None:
        """Tell the watch whose exits the engine must see in this state, and which signals to take before exits."""
        self.settled = state
        core.forget()
        lingers = state.drain is not None or any(state.children[index].phase == LINGERING for index in state.busy)
        helped = self.helpers is not None and bool(self.helpers.pids())
        helped = helped or (self.control is not None and bool(self.control.servers))
        all_of_them = lingers or helped or self.log.least == DEBUG
        core.settle(0 if state.stop is not None else self.stops, None if all_of_them else tuple(state.owners))

    def again(self) -> None:
        """Settle once more: a process that is no owner has begun."""
        if self.settled is not None:
            self.settle(self.settled)
        else:  # nothing has happened since the engine was brought up, so there is no stop
            core.settle(self.stops, None)

    def remember(self, state: State, event: Signal) -> None:
        """Put the engine's answer to a signal into the table, if it has one."""
        unknown = event.but(pid=texts.Hole(texts.SENDER), uid=texts.Hole(texts.UID))
        found = answers.answer(self.plan, state, unknown)
        if found.kind == answers.ASK or (not found.pid and found.signal):
            return
        if found.kind == answers.GUARDED and self.late:
            return
        try:
            text = b"" if self.log.silent else texts.text_of(self.plan, state, found.steps, self.log)
        except ValueError:
            return
        sender = SENDERS.index(event.sender)
        core.remember(sender, event.signal, found.kind, found.signal, found.group, found.pid, text)
