"""The laws of what children say of themselves: who is heard, and how much time that gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigroute.pid1.engine import effects as fx
from sigroute.pid1.engine import events as ev
from sigroute.pid1.engine.life import ALIVE, LINGERING

if TYPE_CHECKING:
    from tests.pid1.laws.moment import Moment


class Notify:
    """Remembers until when each child has time to become ready."""

    def __init__(self) -> None:
        self.until: dict[int, int] = {}

    def a_stranger_changes_nothing_and_is_told_once_in_a_life(self, now: Moment) -> None:
        if not isinstance(now.event, ev.Notified) or is_heard(now):
            return
        before, after = now.before.children, now.after.children
        index = now.event.child
        assert after[index].but(told=frozenset()) == before[index].but(told=frozenset())
        assert now.after.but(children=()) == now.before.but(children=())
        told = is_there(now, now.event) and "stranger" not in before[index].told
        assert [each.what for each in now.effects if isinstance(each, fx.Say)] == ["stranger"] * told
        assert len(now.effects) == told

    def a_child_is_ready_only_by_its_own_word(self, now: Moment) -> None:
        for index, rules in enumerate(now.plan.children):
            if rules.ready is None or not rules.ready.is_told():
                continue
            before, after = now.before.children[index].ready, now.after.children[index].ready
            event = now.event if isinstance(now.event, ev.Notified) and now.event.child == index else None
            if after and not before:
                assert event is not None
                assert event.ready
                assert not event.stopping
                assert is_heard(now)
            if event is not None and event.stopping and is_heard(now) and now.after.stop is None:
                assert not after

    def a_child_has_the_time_that_it_was_given(self, now: Moment) -> None:
        for index, rules in enumerate(now.plan.children):
            if rules.ready is None or rules.ready.within is None or not rules.ready.is_told():
                continue
            if isinstance(now.event, ev.Spawned) and now.event.child == index:
                self.until[index] = now.now + rules.ready.within
            if "not-ready" in now.said(index):
                assert now.now >= self.until[index], "too early"
            elif isinstance(now.event, ev.Tick) and waits_for(now, index):
                assert now.now < self.until[index], "too late"
            asks = isinstance(now.event, ev.Notified) and now.event.child == index and is_heard(now)
            if asks and now.before.stop is None and isinstance(now.event, ev.Notified):
                self.until[index] = max(self.until[index], now.now + now.event.extend)


def waits_for(now: Moment, index: int) -> bool:
    """Tell whether a child has yet to become ready."""
    child = now.after.children[index]
    return child.phase in ALIVE and not child.failed and child.late_at is not None and now.after.stop is None


def is_there(now: Moment, event: ev.Notified) -> bool:
    """Tell whether this life of a child goes on: its process is there, or what that has left goes on as the child."""
    child, index = now.before.children[event.child], event.child
    if child.pid != event.pid:
        return False
    return child.phase in ALIVE or (
        child.phase == LINGERING and now.plan.children[index].tree and child.back_at is None
    )


def is_heard(now: Moment) -> bool:
    """Tell whether a message counts."""
    event = now.event
    assert isinstance(event, ev.Notified)
    child = now.before.children[event.child]
    if not is_there(now, event):
        return False
    if event.sender is None or (event.sender.pid == child.pid and child.phase in ALIVE):
        return True
    if not event.sender.line:
        return event.sender.kin
    *_, last = event.sender.line
    below = child.phase in ALIVE and any(child.pid in (each.pid, each.parent) for each in event.sender.line)
    leaders = {child.pid, *[each.pid for each in child.members]}
    only = now.plan.children[event.child].tree and len(now.plan.children) - len(now.plan.tasks) == 1
    heir = only and last.pid not in now.before.owners  # nobody else can have left it
    orphan = last.parent == now.before.own_pid and (heir or bool(leaders & {last.pid, last.group, last.session}))
    return below or orphan
