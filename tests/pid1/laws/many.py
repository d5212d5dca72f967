"""The laws of many children: the order of the start and of the stop, restarts, tasks, conditions.

Readiness, back-off, answers and outcomes are worked out here once more, from events, effects and the clock alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigroute.pid1.engine import effects as fx
from sigroute.pid1.engine import events as ev
from sigroute.pid1.engine.life import BACKING_OFF, EXITED, LINGERING, PRESENT, RUNNING
from tests.pid1.laws.notify import is_heard

if TYPE_CHECKING:
    from sigroute.pid1.plan import ChildPlan
    from tests.pid1.laws.moment import Moment


#: The exit code where all that could end the container are left out.
NOBODY_LEFT = 78

TERM = 15

#: The exit code of a task that was never run, and is out of time: as after KILL.
KILLED = 137

#: In place of an action's number: the process looks whether conditions hold.
CONDITION = -1


class Life:
    """What is known of one child."""

    def __init__(self) -> None:
        self.lives = 0
        self.began: int | None = None
        self.ended: int | None = None
        self.status: int | None = None
        #: Starts in a row.
        self.row = 0
        #: Waits in a row.
        self.waited = 0
        #: Its last end was none of the task: it was to try again.
        self.again = False
        self.probed = False
        self.done = False
        #: The kernel refused its last start for now: that is not an end of the program.
        self.refused = False
        #: sigroute had given it up: it has failed, whatever its code.
        self.failed = False
        #: Whether its conditions hold; None: that is not known yet, or it has none.
        self.included: bool | None = None


class Many:
    """Remembers each child's lives."""

    def __init__(self) -> None:
        self.lives: dict[int, Life] = {}
        self.failed: int | None = None
        self.asked = False
        self.exits = 0
        #: The children whose stop action was under way before the stop began, or was replaced.
        self.acting: set[int] = set()

    def of(self, index: int) -> Life:
        return self.lives.setdefault(index, Life())

    def a_child_starts_when_all_that_it_needs_is_ready(self, now: Moment) -> None:
        for effect in now.effects:
            if not isinstance(effect, (fx.Spawn, fx.Decide)):
                continue
            first = not self.of(effect.child).lives
            for need in now.plan.children[effect.child].needs:
                gone = not first and now.before.children[need].phase == EXITED
                assert gone or self._is_ready(now, need), f"{effect.child} starts before {need} is ready"

    def _is_ready(self, now: Moment, index: int) -> bool:
        rules, life = now.plan.children[index], self.of(index)
        if life.included is False:
            return True
        if rules.task is not None:
            return life.done
        if life.began is None:
            return False
        if rules.ready is None:
            phase = now.after.children[index].phase
            return phase == RUNNING or (phase == LINGERING and now.plan.children[index].tree)
        return life.probed or (rules.ready.after is not None and now.now >= life.began + rules.ready.after)

    def a_child_starts_only_if_its_conditions_hold_and_they_are_asked_once(self, now: Moment) -> None:
        for effect in now.effects:
            if isinstance(effect, fx.Spawn) and now.plan.children[effect.child].only_if:
                assert self._answer(now, effect.child), "started, although it is left out"
            if isinstance(effect, fx.Decide):
                assert self.of(effect.child).included is None, "asked again"
        for index in now.after.blocked:
            needs = now.plan.children[index].needs
            assert not all(self._answer(now, need) is False for need in needs), "waits for those that are left out"

    def _answer(self, now: Moment, index: int) -> bool | None:
        """Return whether a child's conditions hold, as far as that is known after this event."""
        if isinstance(now.event, ev.Exited) and decided_by(now) == index and now.event.status <= 100:
            return now.event.status == 0
        return self.of(index).included

    def one_that_is_left_out_does_not_end_the_container(self, now: Moment) -> None:
        by = now.after.ended_by
        assert by is None or self._answer(now, by) is not False
        plan, stop = now.plan, now.after.stop
        named = plan.when if isinstance(plan.when, tuple) else range(len(plan.children))
        those = [index for index in named if plan.children[index].task is None]
        if all(self._answer(now, index) is False for index in those):
            assert stop is not None, "nobody is left who could end it"
        for effect in now.effects:
            if isinstance(effect, fx.Exit) and stop is not None and not stop.asked and self.failed is None:
                assert (effect.code == NOBODY_LEFT) == (by is None)

    def nothing_starts_in_a_stop_but_the_tasks_of_its_end(self, now: Moment) -> None:
        for effect in spawns(now):
            task = now.plan.children[effect.child].task
            if task is None or not task.at_end:
                assert now.after.stop is None, "started in a stop"
                continue
            assert now.after.stop is not None, "before the end"
            assert now.after.drain is None, "after the end"
            for index, child in enumerate(now.after.children):
                assert child.phase == EXITED or is_end_task(now.plan.children[index]), f"{index} still lives"
                if is_end_task(now.plan.children[index]) and index < effect.child:
                    assert child.phase == EXITED, "one by one, in the file's order"

    def a_restart_is_never_early_and_never_one_too_many(self, now: Moment) -> None:
        for effect in spawns(now):
            rules, life = now.plan.children[effect.child], self.of(effect.child)
            if life.ended is None or life.refused:
                continue
            every = None if rules.task is None else rules.task.every
            if rules.restart is not None and (life.failed or life.status not in (*rules.restart.unless, None)):
                wait = rules.restart.waits[min(max(life.waited, 1), len(rules.restart.waits)) - 1]
                limit = rules.restart.attempts
                pause = wait if every is None or life.again else every
                assert now.now >= life.ended + pause, "back-off is shorter than declared"
                assert limit is None or life.row < limit, "more attempts than declared"
                continue
            assert every is not None, "it was not to be started again"
            assert now.now >= life.ended + every, "too early"

    def a_stop_sends_nothing_before_those_that_need_it_have_exited(self, now: Moment) -> None:
        """Unless a child's action began before the stop, when nobody waits for anybody, or a repeat has replaced it."""
        if now.before.stop is None:
            children = enumerate(now.before.children)
            self.acting = {index for index, child in children if any(each.is_stop for each in child.progress)}
        self.acting |= {index for index in range(len(now.plan.children)) if "replaced" in now.said(index)}
        if now.after.stop is None or now.after.stop.over:
            return
        after = {each.origin: each.after for each in now.plan.actions}
        for effect in now.effects:
            if isinstance(effect, (fx.Kill, fx.KillOther)) and effect.child not in self.acting:
                waits = after.get(effect.origin, ())
            elif isinstance(effect, fx.Run) and not effect.probe and effect.child not in self.acting:
                table = now.plan.tables[now.plan.children[effect.child].running]
                waits = now.plan.actions[table["outside"][TERM]].after
            else:
                continue
            assert all(has_exited(now, index) for index in waits), "one that it waits for still lives"

    def the_failure_of_a_task_ends_the_container_with_its_code(self, now: Moment) -> None:
        for effect in now.effects:
            if isinstance(effect, fx.Exit):
                self.exits += 1
                assert self.exits == 1
                if self.failed is not None:
                    assert effect.code == self.of(self.failed).status
        if self.failed is not None:
            assert now.after.stop is not None

    def remember(self, now: Moment) -> None:
        """Keep what has happened. It is the last law, so that the others see the time before."""
        for effect in spawns(now):
            life = self.of(effect.child)
            life.lives += 1
            life.began, life.probed, life.refused, life.failed = None, False, False, False
        event = now.event
        if isinstance(event, ev.Spawned):
            life = self.of(event.child)
            life.began = now.now
            life.row += 1
        elif isinstance(event, ev.Probed) and event.well and not event.progress:
            self.of(event.child).probed = True
        elif isinstance(event, ev.Notified) and is_heard(now):
            life = self.of(event.child)
            life.probed = (life.probed or event.ready) and not event.stopping
        elif isinstance(event, ev.NotSpawned):
            self._not_spawned(now, event)
        elif isinstance(event, ev.Exited):
            self._exited(now, event)
        for index, child in enumerate(now.plan.children):
            before, after = now.before.children[index].phase, now.after.children[index].phase
            if "task-late" in now.said(index) and before == BACKING_OFF:  # there is no process whose end would tell
                status = self.of(index).status
                self._ended(now, index, KILLED if status is None else status)
            if child.tree and before in PRESENT and after in {EXITED, BACKING_OFF}:
                self._tree_ended(now, index)

    def _exited(self, now: Moment, event: ev.Exited) -> None:
        owner = now.before.owner(event.pid)
        decided = decided_by(now)
        if decided is not None:
            self.of(decided).included = self._answer(now, decided)
        elif owner is not None and owner.run and now.before.runs[owner.run].progress == 0:
            self.of(owner.child).probed |= event.status == 0
        elif owner is not None and not owner.run and now.plan.children[owner.child].tree:
            self.of(owner.child).status = event.status
        elif owner is not None and not owner.run:
            self._ended(now, owner.child, event.status)

    def _not_spawned(self, now: Moment, event: ev.NotSpawned) -> None:
        life = self.of(event.child)
        owner = now.before.owner(event.pid)
        counted = event.pid and (owner is None or not owner.run)  # at Spawned
        if owner is not None and owner.run and now.before.runs[owner.run].kill_at_list:
            return
        late = now.plan.children[event.child].task is not None and now.before.children[event.child].failed
        if event.status or (late and now.before.stop is None):  # it is out of time: it is not tried again
            if not counted:
                life.row += 1
            self._ended(now, event.child, event.status or life.status or KILLED)
        else:
            life.refused, life.began = True, None
            life.row -= 1 if counted else 0

    def _tree_ended(self, now: Moment, index: int) -> None:
        status = self.of(index).status
        if status is not None and not isinstance(now.event, ev.NotSpawned):
            self._ended(now, index, status)

    def _ended(self, now: Moment, index: int, status: int) -> None:
        rules, life = now.plan.children[index], self.of(index)
        if rules.restart is not None and life.began is not None and now.now - life.began >= rules.restart.stable:
            life.row = life.waited = 0
        life.failed = now.before.children[index].failed and rules.task is None
        if life.failed:
            status = status or 1
        life.ended, life.status, life.began = now.now, status, None
        again = life.again = "comes-back" in now.said(index)
        life.waited += again
        if rules.task is None:
            return
        bad = status != 0 and now.before.stop is None
        if rules.task.every is not None and not again:
            life.row = life.waited = 0  # each time has attempts of its own
        life.done |= status == 0 or (bad and rules.task.optional and not again and rules.task.every is None)
        if bad and not (rules.task.optional or rules.task.at_end or again) and self.failed is None:
            self.failed = index


def decided_by(now: Moment) -> int | None:
    """Return the child whose conditions the process has looked at that was reaped, unless it was given up."""
    if not isinstance(now.event, ev.Exited):
        return None
    owner = now.before.owner(now.event.pid)
    run = now.before.runs[owner.run] if owner is not None and owner.run else None
    return run.child if run is not None and run.progress == CONDITION and not run.kill_at_list else None


def spawns(now: Moment) -> list[fx.Spawn]:
    """Return the starts of this step."""
    return [effect for effect in now.effects if isinstance(effect, fx.Spawn)]


def is_end_task(rules: ChildPlan) -> bool:
    """Tell whether this is a task of the end."""
    return rules.task is not None and rules.task.at_end


def has_exited(now: Moment, index: int) -> bool:
    """Tell whether a child counts as exited after this step."""
    child = now.after.children[index]
    lingers = child.phase == LINGERING and not now.plan.children[index].tree and child.back_at is None
    return child.phase == EXITED or lingers
