"""Waits, and what is held."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigroute.pid1.engine import events as ev
from sigroute.pid1.engine.life import BACKING_OFF, EXITED, RUNNING, STARTING
from tests.pid1.laws.rules import burst, has_exited, sends
from tests.pid1.world import KILL

if TYPE_CHECKING:
    from sigroute.pid1.engine.state import Arrival
    from tests.pid1.laws.moment import Moment
    from tests.pid1.laws.views import UnderWay

#: What is told of what changes an action under way.
CHANGES = {"next", "replaced", "once-more", "cancelled", "run-ok", "run-failed"}

#: What is held is released five seconds after the child has become its program, and until then looked at fifty times.
SETTLED, LOOK = 5000, 100


class Waits:
    """4: every wait begins when it is its turn, lasts as long as is written, and is begun once."""

    def a_wait_lasts_as_long_as_is_written(self, now: Moment) -> None:
        if now.over:
            return
        for index, _, _ in now.living():
            after = {each.id: each for each in now.under_way_after[index]}
            for each in now.under_way_before[index]:
                if each.sends and not now.said(index) & CHANGES:
                    self._goes_on(now, index, each, after.get(each.id))
                    self._is_sent(now, index, each, after.get(each.id))

    def _goes_on(self, now: Moment, index: int, old: UnderWay, new: UnderWay | None) -> None:
        taken = old.left[: len(old.left) - (len(new.left) if new is not None else 0)]
        assert new is None or new.left == old.left[len(taken) :], "another chain"
        if taken:
            ends = now.memory.wait_ends(index, old)
            assert ends is None or ends <= now.now, "cut short"
            assert not any(each.wait for each in taken[1:]), "left out"

    def _is_sent(self, now: Moment, index: int, old: UnderWay, new: UnderWay | None) -> None:
        """Every step that was taken was sent, in its turn."""
        taken = old.left[: len(old.left) - (len(new.left) if new is not None else 0)]
        kills = [each for each in now.kills(index) if each.origin == now.origin(old)]
        group = any(each.group for each in kills) or now.loses_value(index, now.plan.actions[old.action])
        sent = iter([(each.signal, each.value) for each in kills])
        assert all(sends(each, old.arrival, group=group) in sent for each in taken), "not sent"

    def a_stop_lasts_until_the_child_has_exited(self, now: Moment) -> None:
        """In its own sense: where that is its tree, the exit of its process changes nothing about the stop's waits."""
        for index, new in enumerate(now.after.children):
            if now.over or not now.plan.children[index].tree or new.phase in (EXITED, BACKING_OFF):
                continue
            for each in now.under_way_before[index]:
                if each.is_stop:
                    (left,) = [one for one in now.under_way_after[index] if one.is_stop]
                    assert left.action == each.action
                    if not now.said(index) & CHANGES and not each.repeat and each.sends:
                        self._goes_on(now, index, each, left)

    def what_is_to_be_done_once_more_is(self, now: Moment) -> None:
        for index, _, _ in now.living():
            after = now.under_way_after[index]
            assert not any(each.repeat and each.sends and not each.left for each in after), "it has ended"
            left = {each.id for each in after}
            for each in now.under_way_before[index]:
                if now.over or not each.repeat or each.id in left or now.said(index) & {"replaced", "cancelled"}:
                    continue
                again = any(one.id > each.id and one.action == each.action for one in after)
                sent = [one.signal for one in now.kills(index) if one.origin == now.origin(each)]
                action = now.plan.actions[each.action]
                assert again or len(sent) >= len(action.steps) or action.run, "once more is forgotten"

    def what_is_due_is_done(self, now: Moment) -> None:
        """When it is due: no wait and no hold goes on after that, nor does the clock wait longer."""
        if not isinstance(now.event, ev.Tick) or now.over:
            return
        for index in range(len(now.plan.children)):
            before = {each.id: each for each in now.under_way_before[index]}
            for each in now.under_way_after[index]:
                old = before.get(each.id)
                if old is not None and (old.sends, old.left, each.asked) == (each.sends, each.left, False):
                    ends = now.memory.wait_ends(index, old)
                    assert ends is None or ends > now.now, "its wait is over"
            for each in before.values():
                assert each.asked or now.is_on_time(now.memory.wait_ends(index, each)), "it comes too late"
        held = {(index, each.signal) for index in range(len(now.plan.children)) for each in now.held_after(index)}
        for key, hold in now.memory.holds.items():
            assert now.is_on_time(hold.until), "it comes too late"
            assert key not in held or hold.until is None or hold.until > now.now, "the hold is over"

    def the_stages_follow_each_other(self, now: Moment) -> None:
        """First all that ``after`` names has exited, then the command has ended, then there is something to send."""
        for index, _, _ in now.living():
            known = {each.id: each for each in now.under_way_before[index]}
            for each in now.under_way_after[index]:
                action, before = now.plan.actions[each.action], known.get(each.id)
                exited = all(has_exited(now.plan, now.after, one) for one in action.after)
                assert not each.awaits_others or not exited, "it waits for nobody"
                if before is not None and not before.awaits_others:
                    assert not each.awaits_others
                    assert before.awaits_command or not each.awaits_command
                elif not each.awaits_others and "replaced" not in now.said(index):
                    assert exited or now.after.stop is None, "after"  # nobody stops those others then
                    assert each.awaits_command or not action.run, "run"

    def a_hold_lasts_as_long_as_is_written(self, now: Moment) -> None:
        for index, _, new in now.living():
            if now.over:
                continue
            left = {each.signal for each in now.held_after(index)}
            assert len(left) == len(now.held_after(index)), "it is held twice"
            gone = [each for each in now.held_before(index) if each.signal not in left]
            holds = [now.memory.holds[index, each.signal] for each in gone]
            late = [each.until is not None and each.until <= now.now for each in holds]
            assert new.phase == RUNNING or all(late), "let go before it is ready"
            if new.phase == STARTING and len(gone) == 1:
                self._else_is_done(now, index, holds[0].action, gone[0])

    def _else_is_done(self, now: Moment, index: int, number: int, arrival: Arrival) -> None:
        assert "hold-over" in now.said(index)
        action = now.plan.actions[number]
        repeats = now.repeated(index, number, stop=now.plan.is_stop(arrival)) is not None
        ends = [now.memory.wait_ends(index, each) for each in now.under_way_before[index]]
        others = any(each is not None and each <= now.now for each in ends)
        if not (repeats or others or action.after or action.run or action.scope == "tree"):
            assert now.sent(index) == now.at_once(index, action.otherwise, arrival, action)

    def what_is_held_waits_for_its_handler(self, now: Moment) -> None:
        """For five seconds: that is fifty looks, and so it may be for less by as long as lies between two."""
        if not isinstance(now.event, ev.Inspected):
            return
        index, seen = now.event.child, now.seen(now.event.child)
        held, phase = now.held_before(index), now.after.children[index].phase
        since = now.memory.runs_with_held.get(index, now.now)
        if seen is None or seen.handled is None or phase != RUNNING or now.held_after(index):
            return
        if now.now - since <= SETTLED - LOOK:
            for each in held:
                steps = now.plan.actions[now.lookup(index, each)].steps
                for signal, _ in burst(steps[:1], each):
                    assert signal == KILL or seen.handled >> (signal - 1) & 1, "it would kill it"

    def what_is_held_is_held_no_longer_than_that(self, now: Moment) -> None:
        """But where the child can't be read: that takes longer, and counts as no look."""
        if isinstance(now.event, ev.Inspected) and not now.event.reason:
            index = now.event.child
            since = now.memory.runs_with_held.get(index, now.now)
            failed = index in now.memory.unread
            assert not now.held_after(index) or now.over or failed or now.now - since < SETTLED + LOOK
