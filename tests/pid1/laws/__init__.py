"""The engine's guarantees as laws over one event and what came of it: each states what any history must obey.

They know the plan, what happened and when, and remember what they have seen (memory.py). What they read of the state
besides is named in views.py, so that a rebuild of the engine touches that file and hardly any law.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.pid1.laws.actions import Actions
from tests.pid1.laws.commands import Commands
from tests.pid1.laws.ends import Ends
from tests.pid1.laws.jobs import Jobs
from tests.pid1.laws.memory import Memory
from tests.pid1.laws.moment import Moment
from tests.pid1.laws.others import Others
from tests.pid1.laws.phases import Phases
from tests.pid1.laws.reach import Reach
from tests.pid1.laws.rest import Rest, it_has_ended_or_rests, nothing_is_forgotten
from tests.pid1.laws.signals import Signals
from tests.pid1.laws.stops import Stops
from tests.pid1.laws.unread import Unread
from tests.pid1.laws.values import Values
from tests.pid1.laws.waits import Waits

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sigroute.pid1.engine.effects import Effect
    from sigroute.pid1.engine.events import Event
    from sigroute.pid1.engine.state import State
    from tests.pid1.world import World

KINDS = (
    Signals, Ends, Actions, Reach, Waits, Commands, Others, Stops, Phases, Jobs, Values, Unread, Rest,
)  # fmt: skip


class Watch:
    """Watches a world: holds every law against each event and what came of it."""

    def __init__(self, world: World, kinds: Sequence[type] = KINDS) -> None:
        self.world = world
        self.memory = Memory()
        #: Of objects of their own: some remember what has happened.
        self.laws: list[Callable[[Moment], None]] = []
        for part in [kind() for kind in kinds]:
            self.laws += [getattr(part, name) for name in vars(type(part)) if not name.startswith("_")]
        world.watchers.append(self.see)
        world.at_rest = lambda: nothing_is_forgotten(world)

    def see(self, before: State, event: Event, after: State, effects: list[Effect]) -> None:
        """Hold the laws against one event, then keep what it has brought."""
        now = Moment(self.world, self.memory, before, event, after, effects)
        for law in self.laws:
            law(now)
        self.memory.keep(now)

    def has_ended_or_rests(self) -> None:
        """Hold that nothing more will happen by itself, after all that was due was done."""
        unbounded = {index for (index, _), hold in self.memory.holds.items() if hold.until is None}
        it_has_ended_or_rests(self.world, unbounded)
