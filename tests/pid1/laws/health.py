"""The laws of health: when a child is looked at, and after which failures it is given up.

They are worked out here once more, from what is declared, from events, effects and the clock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigroute.pid1.engine import effects as fx
from sigroute.pid1.engine import events as ev
from sigroute.pid1.engine.life import ALIVE, LINGERING

if TYPE_CHECKING:
    from sigroute.pid1.engine.state import State
    from sigroute.pid1.lifecycle import Alive
    from tests.pid1.laws.moment import Moment


class Health:
    """Remembers what the looks at each child have found."""

    def __init__(self) -> None:
        #: By child: when it is to be looked at next, and how many looks in a row have failed.
        self.due: dict[int, int] = {}
        self.row: dict[int, int] = {}
        #: By the number of a look that has not ended: its child.
        self.looks: dict[int, int] = {}

    def a_probe_runs_alone_and_only_while_its_outcome_matters(self, now: Moment) -> None:
        for effect in now.effects:
            if isinstance(effect, fx.Run) and effect.probe:
                child = now.after.children[effect.child]
                assert now.after.stop is None, "probed in a stop"
                assert lives(now, now.after, effect.child), "probed while it does not live"
                assert not child.failed, "probed although it has failed"
                assert child.ready == (effect.argv == (b"alive",)), "the other probe"
                probes = [n for n, run in now.after.runs.items() if (run.child, run.progress) == (effect.child, 0)]
                assert probes == [effect.run], "two probes at a time"

    def a_stop_gives_every_probe_up(self, now: Moment) -> None:
        if now.after.stop is not None:
            assert all(run.kill_at_list for run in now.after.runs.values() if run.progress == 0)

    def a_child_is_looked_at_when_that_is_due_and_given_up_after_so_many_failures(self, now: Moment) -> None:
        for index, child in enumerate(now.plan.children):
            if child.alive is not None:
                self._look(now, index, child.alive)
        for effect in now.effects:
            if isinstance(effect, fx.Run) and effect.argv == (b"alive",):
                self.looks[effect.run] = effect.child
        ended = ended_run(now)
        if ended is not None:
            self.looks.pop(ended[0], None)

    def _look(self, now: Moment, index: int, rules: Alive) -> None:
        before, after = now.before.children[index], now.after.children[index]
        if not is_looked_at(now, now.before, index):
            assert "not-alive" not in now.said(index)
        elif now.after.stop is None and lives(now, now.before, index) and lives(now, now.after, index):
            failed = self._found(now, index)
            row = 0 if failed is False else self.row.get(index, 0) + (failed is True)
            assert ("not-alive" in now.said(index)) == (row >= rules.failures), f"after {row} failures"
            begun = any(isinstance(each, fx.Run) and (each.child, each.probe) == (index, True) for each in now.effects)
            due = isinstance(now.event, ev.Tick) and self.due.get(index, now.now + 1) <= now.now
            assert begun == (due and failed is None), "looked at too early or too late"
            if begun:
                self.due.pop(index, None)
            if failed is not None and not after.failed:
                self.due[index], self.row[index] = now.now + rules.every, row
        if not is_looked_at(now, now.after, index):
            self.due.pop(index, None)
            self.row.pop(index, None)
        elif after.ready and not before.ready:
            self.due[index], self.row[index] = now.now + rules.every, 0

    def _found(self, now: Moment, index: int) -> bool | None:
        """Tell whether a look has failed just now; None: none has come to its end."""
        looks = {number: now.before.runs[number] for number, child in self.looks.items() if child == index}
        present = now.before.children[index].generation
        counting = {n for n, run in looks.items() if run.generation == present and not run.kill_at_list}
        ended = ended_run(now)
        if ended is not None and ended[0] in counting:
            return ended[1]
        if not isinstance(now.event, ev.Tick):
            return None
        dues = [looks[number].due for number in counting]
        over = any(due is not None and due <= now.now for due in dues)
        late = bool(looks) and index in self.due and self.due[index] <= now.now
        return True if over or late else None


def lives(now: Moment, state: State, index: int) -> bool:
    """Tell whether a child is there: its process, or what that has left of it."""
    phase = state.children[index].phase
    return phase in ALIVE or (phase == LINGERING and now.plan.children[index].tree)


def is_looked_at(now: Moment, state: State, index: int) -> bool:
    """Tell whether it matters if a child is well."""
    child = state.children[index]
    return child.ready and lives(now, state, index) and not child.failed and state.stop is None


def ended_run(now: Moment) -> tuple[int, bool] | None:
    """Return the number of a command that has ended, and whether it has failed."""
    if isinstance(now.event, ev.RunNotStarted):
        return now.event.run, True
    if not isinstance(now.event, ev.Exited):
        return None
    owner = now.before.owner(now.event.pid)
    return None if owner is None or not owner.run else (owner.run, now.event.status != 0)
