"""The loop: an event, a step of the engine, its effects, then the observers. It ends with sigroute's exit code.

An observer sees each step after its effects were performed, and changes nothing: the log is one (log/observer.py).
Nothing else tells or writes anything of what happens.
"""

from __future__ import annotations

from sigroute.pid1.engine.effects import Exit
from sigroute.pid1.engine.events import Begin, Childless, EngineFailed, Listed, Tick
from sigroute.pid1.engine.state import initial
from sigroute.pid1.engine.step import step, wake
from sigroute.pid1.fallback import fall_back

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sigroute.pid1.engine.effects import Effect
    from sigroute.pid1.engine.events import Event
    from sigroute.pid1.engine.state import State
    from sigroute.pid1.kernel.seam import Kernel
    from sigroute.pid1.log.observer import Narrator
    from sigroute.pid1.plan import Launch

#: How many exits are dealt with before signals are looked at again, so that a storm of the ones
#: never keeps the others waiting.
BATCH = 256

#: Milliseconds after which they are looked at again, however many these are: an exit may take long to deal with.
SPELL = 5


def run(launch: Launch, kernel: Kernel, observers: Sequence[Narrator]) -> int:
    """Supervise until the end; return the exit code.

    An error of our own ends nothing: PID 1 must not end before its children.
    """
    loop = Loop(launch, kernel, observers)
    try:
        return loop.run()
    except Exception as error:  # noqa: BLE001 - whatever it is, the container goes on
        loop.show(loop.state, EngineFailed(reason=repr(error)), [])
        return fall_back(launch.plan, loop.state, loop.left, loop.pending, kernel)


class Loop:
    """The state between two events, and what feeds it."""

    def __init__(self, launch: Launch, kernel: Kernel, observers: Sequence[Narrator]) -> None:
        self.plan = launch.plan
        self.notes = launch.notes
        self.kernel = kernel
        self.observers = observers
        self.state: State = initial(launch.plan)
        self.code: int | None = None
        self.looked_at: State | None = None
        self.next_due: int | None = None
        #: What the engine has not finished with: the fallback's inheritance.
        self.pending: list[Event] = []
        #: What it has decided and was not done yet: likewise.
        self.left: Iterator[Effect] = iter(())

    def run(self) -> int:
        """Go round until the engine says Exit."""
        self.feed([Begin(notes=self.notes)])
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
            due = self.due()  # asked after each signal, too: a storm of signals delays no escalation
            if due is not None and due <= self.kernel.now():
                self.feed([Tick()])
        return self.code

    def due(self) -> int | None:
        """Return when there is something to do, unless something happens: the same as long as the state is."""
        if self.state is not self.looked_at:
            self.looked_at, self.next_due = self.state, wake(self.state)
        return self.next_due

    def reap(self) -> bool:
        """Let the engine have what has exited, each before the next is reaped; tell whether there may be more.

        A pid is anybody's once its process has been reaped: what the engine does of one exit must find
        everyone that it takes for living unreaped (guarantee 3).
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
        """Let the engine have these events, do what it says, and let it have what comes of that."""
        self.pending += events
        while self.pending and self.code is None:
            before = self.state
            effects = self.step(before)
            event = self.pending.pop(0)  # from here on the state knows of it
            self.perform(effects)
            self.kernel.give_way()
            self.show(before, event, effects)  # last: the signals are on their way before anybody hears of them

    def step(self, before: State) -> list[Effect]:
        """Let the engine have the first event that is pending; return what it says.

        A list of processes that there is no memory to look through counts as one that could not be read.
        """
        event = self.pending[0]
        try:
            self.state, effects = step(self.plan, before, event, self.kernel.now())
        except MemoryError:
            if not isinstance(event, Listed) or event.processes is None:
                raise
        else:
            return effects
        event = self.pending[0] = event.but(processes=None, reason="no memory is left")
        self.state, effects = step(self.plan, before, event, self.kernel.now())
        return effects

    def perform(self, effects: list[Effect]) -> None:
        """Have all this done; what comes of it is before what happened since."""
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
        """Let the observers see a step. None of them can fail the run, whatever is wrong with it."""
        for observer in self.observers:
            try:  # noqa: SIM105 - contextlib is not for PID 1
                observer.observe(before, event, effects)
            except Exception:  # noqa: BLE001, S110 - the signals have been sent, which is what counts
                pass
