"""What a signal does as long as nothing else happens, worked out once.

A step is a function of the plan, the state, the event and the time. One that changes no state and
has not asked for the time has the same effects whenever the same signal arrives in that state: most
signals that are only passed on, or dropped.
"""

from __future__ import annotations

from sigroute.pid1.engine import work
from sigroute.pid1.events import Signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sigroute.pid1.effects import Effect
    from sigroute.pid1.events import Event
    from sigroute.pid1.plan import Plan
    from sigroute.pid1.state import State


#: So many are kept at most: of a signal to a thousand children each has a thousand effects.
MOST = 8


class Habits:
    """The engine's step, with what is known of the present state."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.state: State | None = None
        #: By signal and sender, as the engine looks at nothing else of one.
        self.known: dict[tuple[int, str], list[Effect]] = {}

    def step(self, state: State, event: Event, now: int) -> tuple[State, list[Effect]]:
        """Return what ``engine.step`` does."""
        if type(event) is not Signal:
            draft = work(self.plan, state, event, now)
            return draft.finish(), draft.effects
        if state is not self.state or len(self.known) == MOST:
            self.state = state
            self.known.clear()
        key = (event.signal, event.sender)
        if key in self.known:
            return state, self.known[key]
        draft = work(self.plan, state, event, now)
        after = draft.finish()
        if after is state and draft.timeless:
            self.known[key] = draft.effects
        return after, draft.effects
