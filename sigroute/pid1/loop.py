"""The loop: an event, a step of the engine, its effects, then the observers. It ends with sigroute's exit code.

An observer sees each step after its effects were performed, and changes nothing; the log is an observer
(log/observer.py). Nothing else reports what happens.
"""

from __future__ import annotations

from sigroute.pid1 import fallback
from sigroute.pid1.engine.effects import Exit
from sigroute.pid1.engine.events import Begin, Childless, EngineFailed, Listed, Tick
from sigroute.pid1.engine.state import initial
from sigroute.pid1.engine.step import step, wake

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sigroute.pid1.engine.effects import Effect
    from sigroute.pid1.engine.events import Event
    from sigroute.pid1.engine.state import State
    from sigroute.pid1.kernel.seam import Kernel
    from sigroute.pid1.log.observer import Observer
    from sigroute.pid1.plan import Launch

#: The most exits in a row before the loop takes a signal again: many exits must not keep signals waiting. This and the
#: next are in runtime/src/watch.c, too.
BATCH = 256

#: The most milliseconds of exits in a row before it does, as one exit may cause much work.
SPELL = 5


def run(launch: Launch, kernel: Kernel, observers: Sequence[Observer], handed: list[Event] | None = None) -> int:
    """Supervise the children until the end; return the exit code.

    If sigroute itself fails, the fallback takes over: PID 1 must not end before its children.

    :param handed: the first child was started and told of before this was loaded; these events came since.
    """
    loop = Loop(launch, kernel, observers, handed)
    if launch.plan.control and kernel.starts.control is not None:
        kernel.starts.control.now = lambda: (loop.plan, loop.state, kernel.now())
    try:
        return loop.run()
    except Exception as error:  # noqa: BLE001 - the container must go on, whatever has failed
        during = loop.pending[0] if loop.pending else None
        loop.show(loop.state, EngineFailed(reason=repr(error), during=during), [])
        return fallback.fall_back(launch.plan, loop.state, loop.left, loop.pending, kernel)


class Loop:
    """The current state, and the loop that feeds events to the engine."""

    def __init__(
        self, launch: Launch, kernel: Kernel, observers: Sequence[Observer], handed: list[Event] | None = None
    ) -> None:
        self.handed = handed
        self.plan = launch.plan
        self.notes = launch.notes
        self.kernel = kernel
        self.observers = observers
        self.state: State = initial(launch.plan)
        self.code: int | None = None
        #: The time of the present step.
        self.now = 0
        self.looked_at: State | None = None
        self.next_due: int | None = None
        #: The events that the engine has not dealt with yet; if it fails, the fallback deals with them.
        self.pending: list[Event] = []
        #: The effects of the present step that are not performed yet; if the engine fails, the fallback performs them.
        self.left: Iterator[Effect] = iter(())

    def run(self) -> int:
        """Run until the engine decides Exit; return its code."""
        self.begin()
        while self.code is None:
            # Take a pending stop before reaping: if the child died of the same TERM, its exit counts as requested.
            if self.state.stop is None and self.plan.stop_signals:
                asked = self.kernel.take_stop()
                if asked is not None:
                    self.feed([asked])
            more = self.reap()
            if self.code is not None:
                break
            signal = self.kernel.wait(self.kernel.now() if more else self.due())
            if signal is not None:
                self.feed([signal])
            due = self.due()  # after each signal, too: many signals must not delay an escalation
            if due is not None and due <= self.kernel.now():
                self.feed([Tick()])
        return self.code

    def begin(self) -> None:
        """Start the first child, or learn that it runs and what has happened since."""
        begin: list[Event] = [Begin(notes=self.notes)]
        if self.handed is None:
            self.feed(begin)
            return
        observers, self.observers = self.observers, ()
        self.feed(begin)
        self.observers = observers
        self.feed(self.handed)

    def due(self) -> int | None:
        """Return the engine's next deadline, or None; it is kept until the state changes."""
        if self.state is not self.looked_at:
            self.looked_at, self.next_due = self.state, wake(self.state)
        return self.next_due

    def reap(self) -> bool:
        """Reap processes one by one, and feed each exit to the engine; tell whether there may be more to reap.

        Another process may get a pid as soon as its process is reaped. So no process is reaped before the effects of
        the last exit are performed: they may signal a process that the engine takes for living.
        """
        until = self.kernel.now() + SPELL
        for _ in range(BATCH):
            event = self.kernel.reap()
            if event is None:
                return False
            self.feed([event])
            if isinstance(event, Childless) or self.code is not None:
                return False
            if self.kernel.now() >= until:
                break
        return True

    def feed(self, events: list[Event]) -> None:
        """Feed events to the engine, perform its effects, and feed it the answers to these."""
        self.pending += events
        while self.pending and self.code is None:
            before = self.state
            effects = self.step(before)
            event = self.pending.pop(0)  # only now, as the new state includes it
            self.perform(effects)
            self.kernel.give_way()
            self.show(before, event, effects)  # last, as no observer may delay a signal

    def step(self, before: State) -> list[Effect]:
        """Feed the first pending event to the engine; return the effects.

        If there is no memory to work on a list of processes, the engine is told that the list could not be read.
        """
        event = self.pending[0]
        try:
            self.now = self.kernel.now()
            self.state, effects = step(self.plan, before, event, self.now)
        except MemoryError:
            if not isinstance(event, Listed) or event.processes is None:
                raise
        else:
            return effects
        event = self.pending[0] = event.but(processes=None, reason="no memory is left")
        self.now = self.kernel.now()
        self.state, effects = step(self.plan, before, event, self.now)
        return effects

    def perform(self, effects: list[Effect]) -> None:
        """Perform effects; their answers come before the events that are pending."""
        answers = 0
        self.left = iter(effects)
        for effect in self.left:
            answer = self.kernel.perform(effect)
            if answer is not None:
                self.pending.insert(answers, answer)
                answers += 1
            if isinstance(effect, Exit):
                self.code = effect.code

    def show(self, before: State, event: Event, effects: list[Effect]) -> None:
        """Show a step to the observers; an error in one of them changes nothing."""
        for observer in self.observers:
            try:  # noqa: SIM105 - contextlib is not for PID 1
                observer.observe(self.now, before, event, effects, self.state)
            except Exception:  # noqa: BLE001, S110 - the effects are performed: a lost log line is the lesser evil
                pass
