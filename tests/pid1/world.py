"""The world of numbers, watched at every step: what must hold whatever happens is asserted here."""

from __future__ import annotations

from string import Formatter
from typing import TYPE_CHECKING

from sigroute import simulate
from sigroute.pid1.engine.life import EXITED
from sigroute.pid1.engine.state import is_busy
from sigroute.pid1.engine.step import step
from sigroute.pid1.log.messages import MESSAGES
from sigroute.pid1.log.narrate import of_effect, of_event
from sigroute.simulate.processes import ALL_SIGNALS, CONT, KILL, ME, OTHER, Process

if TYPE_CHECKING:
    from sigroute.pid1.engine.effects import Effect
    from sigroute.pid1.engine.events import Event
    from sigroute.pid1.engine.state import State

__all__ = [
    "ALL_SIGNALS",
    "CONT",
    "FIELDS",
    "KILL",
    "ME",
    "OTHER",
    "STOP_SIGNALS",
    "Process",
    "World",
]

#: By message: the names in its template.
FIELDS = {name: {field for _, field, _, _ in Formatter().parse(text) if field} for name, (_, text) in MESSAGES.items()}

STOP_SIGNALS = (19, 20, 21, 22)


class World(simulate.World):
    """A world that asserts."""

    def step(self, event: Event) -> tuple[State, list[Effect]]:
        before = self.state
        after, effects = super().step(event)
        assert step(self.plan, before, event, self.now) == (after, effects)  # 6: always the same
        assert after.busy == {index for index, child in enumerate(after.children) if is_busy(child)}
        assert after.exited == [child.phase for child in after.children].count(EXITED)
        for line in (of_event(self.plan, before, event), *(of_effect(self.plan, effect) for effect in effects)):
            # Promised in docs/log.md: each event has its fields, always.
            assert line is None or set(line[2]) == FIELDS[line[1]], line
        return after, effects
