"""Events that leave a state as it is, whatever the time: what they do can be written down beforehand."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from sigroute.pid1.engine.step import step

if TYPE_CHECKING:
    from sigroute.pid1.engine.effects import Effect
    from sigroute.pid1.engine.events import Event
    from sigroute.pid1.engine.state import State
    from sigroute.pid1.plan import Plan


class TimeAskedError(Exception):
    """The engine has asked what time it is."""


def _ask(*_operands: object) -> NoReturn:
    raise TimeAskedError


class AnyTime(int):
    """A time that is not known: whoever compares it or counts with it has asked for it."""

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _ask
    __lt__ = __le__ = __gt__ = __ge__ = __eq__ = __ne__ = _ask
    __hash__ = __bool__ = __neg__ = __index__ = _ask


def effects_if_unchanged(plan: Plan, state: State, event: Event) -> list[Effect] | None:
    """Return what an event does in a state that it leaves as it is, at any time.

    :returns: None where the event changes the state, or where what it does depends on the time.
    """
    try:
        after, effects = step(plan, state, event, AnyTime())
        same = after is state or after == state
    except TimeAskedError:
        return None
    return effects if same else None
