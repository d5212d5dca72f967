"""What is queued with a signal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigroute.pid1.engine import effects as fx
from sigroute.pid1.plan import FORWARD
from tests.pid1.laws.rules import TERM, signals_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.pid1.laws.moment import Moment


class Values:
    """A signal that is forwarded to a child's process carries what it came with, any other nothing."""

    def a_value_goes_with_what_it_came_with(self, now: Moment) -> None:
        """And where all that an entry sends is forwarded, it goes."""
        actions = {each.origin: each for each in now.plan.actions}
        for effect in now.effects:
            if not isinstance(effect, fx.Kill):
                continue
            came = {value for signal, value in self._coming(now, effect.child) if signal == effect.signal}
            written = signals_of(actions[effect.origin]) if effect.origin in actions else set()
            if effect.value is not None:
                assert FORWARD in written
                assert not effect.group
                assert effect.value in came
            elif written == {FORWARD} and not effect.group and came:
                assert None in came, f"{effect}: its value is lost"

    def _coming(self, now: Moment, index: int) -> Iterator[tuple[int, int | None]]:
        """Yield what the child may get now, with its value."""
        arrivals = [*now.coming(index), *(each.arrival for each in now.under_way_before[index])]
        arrivals += [now.after.stop.arrival] if now.after.stop is not None else []
        yield from [(each.instead or each.signal, each.value) for each in arrivals]
        if "as-term" in now.said(index):
            yield TERM, None
