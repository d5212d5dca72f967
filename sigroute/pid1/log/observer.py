"""The observer that writes the log: lines for each step of the engine."""

from __future__ import annotations

from sigroute.pid1.engine.effects import Say
from sigroute.pid1.log import narrate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    from sigroute.pid1.compat.messages import Messages
    from sigroute.pid1.engine.effects import Effect
    from sigroute.pid1.engine.events import Event
    from sigroute.pid1.engine.state import State
    from sigroute.pid1.log.log import Log
    from sigroute.pid1.plan import Plan

    class Observer(Protocol):
        """What sees each step after its effects were performed."""

        def observe(self, now: int, before: State, event: Event, effects: list[Effect], after: State, /) -> None:
            """Look at a step, with its time as the engine got it, and the states before and after it."""


class Narrator:
    """Writes to sigroute's own log, or writes the messages of the program that sigroute stands in for."""

    def __init__(
        self, plan: Plan, teller: Log | Messages, last_lines: Callable[[int], str] = lambda _child: ""
    ) -> None:
        """Know what to write to.

        :param last_lines: returns what a task has written last, or where that is.
        """
        self.plan = plan
        self.teller = teller
        self.last_lines = last_lines

    def observe(self, _now: int, before: State, event: Event, effects: list[Effect], _after: State) -> None:
        """Write the lines for an event, given the state before it, and for the effects that it has caused."""
        if not self.teller.silent:
            did = [narrate.of_effect(self.plan, self.completed(effect)) for effect in effects]
            self.teller.tell(narrate.of_event(self.plan, before, event), *did)

    def completed(self, effect: Effect) -> Effect:
        """Return an effect with what the engine does not know of it: the last lines of a task."""
        if isinstance(effect, Say) and effect.what == "task-fatal":
            return effect.but(text=self.last_lines(effect.child))
        return effect
