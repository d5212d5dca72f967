"""What a signal does as long as nothing else happens, worked out once.

A step is a function of the plan, the state, the event and the time. One that changes no state and
has not asked for the time has the same effects whenever the same signal arrives in that state: most
signals that are only passed on, or dropped. And of the exits of orphans nothing ever comes, unless
somebody waits for them.
"""

from __future__ import annotations

from sigroute.pid1.engine.events import Exited, Signal
from sigroute.pid1.engine.state import LINGERING
from sigroute.pid1.engine.step import work

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sigroute.pid1.engine.effects import Effect
    from sigroute.pid1.engine.events import Event
    from sigroute.pid1.engine.state import State
    from sigroute.pid1.plan import Plan


#: So many are kept at most: of a signal to a thousand children each has a thousand effects.
MOST = 8


class Habits:
    """The engine's step, with what is known of the present state."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.state: State | None = None
        #: By signal and sender, as the engine looks at nothing else of one. None that carries a value: the next will
        #: carry another.
        self.known: dict[tuple[int, str], list[Effect]] = {}

    def recall(self, state: State, event: Event) -> list[Effect] | None:
        """Return what an event does in this state, which it leaves as it is; None where that has to be worked out."""
        if type(event) is Signal:
            known = state is self.state and event.value is None
            return self.known.get((event.signal, event.sender)) if known else None
        return [] if type(event) is Exited and is_nobodys(state, event) else None

    def step(self, state: State, event: Event, now: int) -> tuple[State, list[Effect]]:
        """Return what ``engine.step`` does, and remember it where it will be the same the next time."""
        draft = work(self.plan, state, event, now)
        after = draft.finish()
        if type(event) is Signal and event.value is None and after is state and draft.timeless:
            if state is not self.state or len(self.known) == MOST:
                self.state = state
                self.known.clear()
            self.known[event.signal, event.sender] = draft.effects
        return after, draft.effects


def is_nobodys(state: State, event: Exited) -> bool:
    """Tell whether an exit is of a process that is nobody's, while nobody waits for what was left behind."""
    if event.pid in state.owners:
        return False
    return not state.busy or all(state.children[index].phase != LINGERING for index in state.busy)
