"""Waits, and what is held."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigroute.pid1.engine import events as ev
from sigroute.pid1.engine.life import EXITED, RUNNING, STARTING
from sigroute.pid1.engine.state import AFTER, COMMAND, SENDING, STAGES, Arrival
from tests.pid1.laws.moment import Moment, at_once, burst, has_exited, sends, under_way
from tests.pid1.world import KILL

if TYPE_CHECKING:
    from sigroute.pid1.engine.state import Child, Progress

#: What is told of what changes an action under way.
CHANGES = {"next", "replaced", "once-more", "cancelled", "run-ok", "run-failed"}


class Waits:
    """4: every wait begins when it is its turn, lasts as long as is written, and is begun once."""

    def a_wait_lasts_as_long_as_is_written(self, now: Moment) -> None:
        if now.over:
            return
        for index, old, new in now.living():
            after = {each.id: each for each in new.progress}
            for each in old.progress:
                if each.stage == SENDING and not now.said(index) & CHANGES:
                    self._goes_on(now, each, after.get(each.id))
                    self._is_sent(now, index, each, after.get(each.id))
            for each in new.progress:
                known = next((one for one in old.progress if one.id == each.id), None)
                if known is None or (known.stage, known.steps, known.due) != (each.stage, each.steps, each.due):
                    self._begins(now, each)

    def _goes_on(self, now: Moment, old: Progress, new: Progress | None) -> None:
        left = len(new.steps) if new is not None else 0
        taken = old.steps[: len(old.steps) - left]
        assert new is None or new.steps == old.steps[len(taken) :], "another chain"
        if taken:
            first, *rest = taken
            assert not first.wait or (old.due is not None and old.due <= now.now), "cut short"
            assert not any(each.wait for each in rest), "left out"
        elif new is not None and old.due is not None:
            assert new.due == old.due, "begun anew"

    def _is_sent(self, now: Moment, index: int, old: Progress, new: Progress | None) -> None:
        """Every step that was taken was sent, in its turn."""
        taken = old.steps[: len(old.steps) - (len(new.steps) if new is not None else 0)]
        kills = [each for each in now.kills(index) if each.origin == now.origin(old)]
        group = any(each.group for each in kills) or now.loses_value(index, now.plan.actions[old.action])
        sent = iter([(each.signal, each.value) for each in kills])
        assert all(sends(each, old.arrival, group=group) in sent for each in taken), "not sent"

    def a_stop_lasts_until_the_child_has_exited(self, now: Moment) -> None:
        """In its own sense: where that is its tree, the exit of its process changes nothing about the stop's waits."""
        for index, (old, new) in enumerate(zip(now.before.children, now.after.children, strict=True)):
            if now.over or not now.plan.children[index].tree or new.phase == EXITED:
                continue
            for each in old.progress:
                if each.is_stop:
                    (left,) = [one for one in new.progress if one.is_stop]
                    assert left.action == each.action
                    if not now.said(index) & CHANGES and not each.repeat and each.stage == SENDING:
                        self._goes_on(now, each, left)

    def what_is_to_be_done_once_more_is(self, now: Moment) -> None:
        for index, old, new in now.living():
            for each in new.progress:
                assert not each.repeat or each.stage != SENDING or each.steps, "it has ended"
            left = {each.id for each in new.progress}
            for each in old.progress:
                if now.over or not each.repeat or each.id in left or now.said(index) & {"replaced", "cancelled"}:
                    continue
                again = any(one.id > each.id and one.action == each.action for one in new.progress)
                sent = [one.signal for one in now.kills(index) if one.origin == now.origin(each)]
                action = now.plan.actions[each.action]
                assert again or len(sent) >= len(action.steps) or action.run, "once more is forgotten"

    def _begins(self, now: Moment, each: Progress) -> None:
        if each.stage == SENDING and each.steps and each.steps[0].wait and not each.awaits_look:
            assert each.due == now.now + each.steps[0].wait
        if each.stage != SENDING:
            assert each.due is None

    def what_is_due_is_done(self, now: Moment) -> None:
        if isinstance(now.event, ev.Tick) and not now.over:
            for child in now.after.children:
                assert not any(each.due is not None and each.due <= now.now for each in child.held)
                for each in child.progress:
                    assert each.awaits_look or each.due is None or each.due > now.now

    def the_stages_follow_each_other(self, now: Moment) -> None:
        """First all that ``after`` names has exited, then the command has ended, then there is something to send."""
        for index, old, new in now.living():
            known = {each.id: each for each in old.progress}
            for each in new.progress:
                action, before = now.plan.actions[each.action], known.get(each.id)
                replaced = "replaced" in now.said(index)
                if before is not None:
                    assert STAGES.index(each.stage) >= STAGES.index(before.stage)
                if each.stage != AFTER and (before is None or before.stage == AFTER) and not replaced:
                    assert all(has_exited(now.plan, now.after, one) for one in action.after), "after"
                    assert each.stage == COMMAND or not action.run, "run"
                if each.stage == AFTER:
                    assert not all(has_exited(now.plan, now.after, one) for one in action.after), "it waits for nobody"

    def a_hold_lasts_as_long_as_is_written(self, now: Moment) -> None:
        for index, old, new in now.living():
            if now.over:
                continue
            known = {each.arrival: each for each in old.held}
            for each in new.held:
                bound = now.plan.actions[each.action].hold
                due = known[each.arrival].due if each.arrival in known else None if bound is None else now.now + bound
                assert each.due == due
            gone = [each for each in old.held if each not in new.held]
            late = [each for each in gone if each.due is not None and each.due <= now.now]
            assert new.phase == RUNNING or gone == late, "let go before it is ready"
            if new.phase == STARTING and len(gone) == 1:
                self._else_is_done(now, index, old, gone[0].action, gone[0].arrival)

    def _else_is_done(self, now: Moment, index: int, old: Child, number: int, arrival: Arrival) -> None:
        assert "hold-over" in now.said(index)
        action = now.plan.actions[number]
        repeats = under_way(old, number, stop=now.plan.is_stop(arrival)) is not None
        others = any(each.due is not None and each.due <= now.now for each in old.progress)
        if not (repeats or others or action.after or action.run or action.scope == "tree"):
            assert now.sent(index) == at_once(now, index, action.otherwise, arrival, action)

    def what_is_held_waits_for_its_handler(self, now: Moment) -> None:
        if not isinstance(now.event, ev.Inspected) or now.event.handled is None:
            return
        index, handled = now.event.child, now.event.handled
        old, new = now.before.children[index], now.after.children[index]
        if old.held and not new.held and new.phase == RUNNING and old.handler_looks < 10:  # a second: not for ever
            for each in old.held:
                steps = now.plan.actions[now.lookup(index, each.arrival)].steps
                for signal, _ in burst(steps[:1], each.arrival):
                    assert signal == KILL or handled >> (signal - 1) & 1, "it would kill it"
