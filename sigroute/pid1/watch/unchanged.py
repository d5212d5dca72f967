"""Events that leave a state unchanged at any time: their effects can be computed beforehand."""

from __future__ import annotations

from sigroute.pid1.engine.step import step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from sigroute.pid1.engine.effects import Effect
    from sigroute.pid1.engine.events import Event
    from sigroute.pid1.engine.state import State
    from sigroute.pid1.plan import Plan


class TimeAskedError(Exception):
    """The engine has used the time."""


def _ask(*_operands: object) -> NoReturn:
    raise TimeAskedError


class AnyTime(int):
    """An unknown time: to compare it or to calculate with it raises TimeAskedError."""

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _ask
    __lt__ = __le__ = __gt__ = __ge__ = __eq__ = __ne__ = _ask
    __hash__ = __bool__ = __neg__ = __index__ = _ask


def effects_if_unchanged(plan: Plan, state: State, event: Event) -> list[Effect] | None:
    """Return the effects of an event if it leaves the state unchanged, whatever the time is.

    :returns: None if the event changes the state, or if its effects depend on the time.
    """
    try:
        after, effects = step(plan, state, event, AnyTime())
        same = after is state or after == state
    except TimeAskedError:
        return None
    return effects if same else None
