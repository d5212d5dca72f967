"""What the laws themselves have seen so far: by the events, the effects and their own clock.

So a law need not ask the engine when a wait ends, until when something is held, or when a signal came: it knows when
that began, and how long it is written to last.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sigroute.pid1.engine import effects as fx
from sigroute.pid1.engine import events as ev
from sigroute.pid1.engine.life import RUNNING

if TYPE_CHECKING:
    from tests.pid1.laws.moment import Moment
    from tests.pid1.laws.views import UnderWay

#: What is told of a repeat that is no duplicate.
COUNTED = {"next", "replaced", "once-more", "ignored"}


class Hold(NamedTuple):
    """A signal that was told to be held."""

    action: int
    until: int | None
    """None: until the child is ready."""


class Memory:
    """What has happened up to an event, which is kept when every law has seen that event."""

    def __init__(self) -> None:
        #: When the event before this one was.
        self.last = 0
        #: By child and signal.
        self.holds: dict[tuple[int, int], Hold] = {}
        #: By child: since when it has run its program while something is held for it.
        self.runs_with_held: dict[int, int] = {}
        #: By child and action under way: when the step came that is the next by now.
        self.step_came: dict[tuple[int, int], int] = {}
        #: Likewise, then by signal: when the last one came that was no duplicate; None: nobody knows whether one was.
        self.came: dict[tuple[int, int], dict[int, int | None]] = {}
        #: By command: when it was run, and for how long it may run.
        self.commands: dict[int, tuple[int, int]] = {}
        #: The children that could not be read while something was held for them.
        self.unread: set[int] = set()
        #: When the stop began.
        self.stop_began: int | None = None

    def wait_ends(self, index: int, each: UnderWay) -> int | None:
        """Return when an action under way sends on; None: it does not wait."""
        waits = each.sends and each.left and each.left[0].wait
        return self.step_came[index, each.id] + each.left[0].wait if waits else None

    def keep(self, now: Moment) -> None:
        """Keep what an event has brought."""
        self.last = now.now
        for index in range(len(now.plan.children)):
            self._keep_holds(now, index)
            self._keep_actions(now, index)
        for effect in now.effects:
            if isinstance(effect, fx.Run):
                action = now.commands_after[effect.run].action
                self.commands[effect.run] = (now.now, 0 if action is None else now.plan.actions[action].timeout)
        if self.stop_began is None and now.after.stop is not None:
            self.stop_began = now.now

    def _keep_holds(self, now: Moment, index: int) -> None:
        for each in now.effects:
            if isinstance(each, fx.Say) and each.child == index and each.what == "held":
                self.holds[index, each.signal] = now.hold(each.origin)
        held = {each.signal for each in now.held_after(index)}
        for key in [key for key in self.holds if key[0] == index and key[1] not in held]:
            del self.holds[key]
        if not held:
            self.unread.discard(index)
        elif isinstance(now.event, ev.Inspected) and now.event.child == index and now.event.reason:
            self.unread.add(index)
        runs = now.after.children[index].phase == RUNNING and bool(held)
        if not runs:
            self.runs_with_held.pop(index, None)
        elif isinstance(now.event, ev.Inspected) and now.event.child == index:
            self.runs_with_held.setdefault(index, now.now)

    def _keep_actions(self, now: Moment, index: int) -> None:
        before = {each.id: each for each in now.under_way_before[index]}
        step_came, came = {}, {}
        for each in now.under_way_after[index]:
            old, told = before.get(each.id), now.told_of(index, each)
            came[index, each.id] = self._came(now, index, each)
            if old is None or (old.sends, old.left) != (each.sends, each.left) or "replaced" in told:
                step_came[index, each.id] = now.now
            elif "next" in told:  # its wait is over, but it waits for a look
                step_came[index, each.id] = now.now - each.left[0].wait
            else:
                step_came[index, each.id] = self.step_came[index, each.id]
        self.step_came = {key: value for key, value in self.step_came.items() if key[0] != index} | step_came
        self.came = {key: value for key, value in self.came.items() if key[0] != index} | came

    def _came(self, now: Moment, index: int, each: UnderWay) -> dict[int, int | None]:
        """Return when the signals of an action came that were no duplicates, those of this event included."""
        known = self.came.get((index, each.id))
        if known is None:
            known = {each.arrival.signal: now.now}
            for old in now.under_way_before[index]:  # done once more, it knows what it knew
                again = old.repeat or "once-more" in now.told_of(index, old)
                if again and (old.is_stop, old.action) == (each.is_stop, each.action):
                    known = self.came[index, old.id]
        known = dict(known)
        for signal, what in now.repeats_of(index, each):
            if what in COUNTED:
                sure = len({now.plan.is_stop(one) for one in now.coming(index) if one.signal == signal}) == 1
                known[signal] = now.now if sure else None
        return known
