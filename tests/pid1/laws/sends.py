"""What is asked for at the control socket: one reply, and it is for those alone who are named."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigroute.pid1.engine import effects as fx
from sigroute.pid1.engine.life import ALIVE, PRESENT
from sigroute.pid1.engine.requests import Reply, Requested
from tests.pid1.laws.signals import RAW

if TYPE_CHECKING:
    from tests.pid1.laws.moment import Moment


class Sends:
    """One event after another, with what somebody asks for among them."""

    def each_has_one_reply(self, now: Moment) -> None:
        """And nothing else has any."""
        replies = [each for each in now.effects if isinstance(each, Reply)]
        if not isinstance(now.event, Requested) or now.before.ended:
            assert not replies
            return
        (reply,) = replies
        assert reply.number == now.event.number
        if now.event.what == "send" and now.over:
            assert reply.refused == "grace is over: all get KILL"
            return
        there = any(_can_get(now, now.event.what, index) for index in now.event.children)
        assert (reply.refused == "") == there
        for index in now.event.children:
            assert there or now.plan.children[index].name in reply.refused

    def no_stop_begins_or_ends_by_one(self, now: Moment) -> None:
        if isinstance(now.event, Requested):
            assert now.after.stop == now.before.stop
            assert not any(isinstance(each, fx.Exit) for each in now.effects)

    def it_is_for_those_alone_who_are_named(self, now: Moment) -> None:
        if not isinstance(now.event, Requested):
            return
        for each in now.effects:
            if isinstance(each, (fx.Kill, fx.KillOther, fx.Inspect, fx.Run)):
                assert each.child in now.event.children
        for index, (old, new) in enumerate(zip(now.before.children, now.after.children, strict=True)):
            assert old == new or index in now.event.children

    def what_is_raw_goes_to_each_process_and_changes_nothing(self, now: Moment) -> None:
        raw = [each for each in now.effects if isinstance(each, (fx.Kill, fx.KillOther)) and each.origin == RAW]
        if not isinstance(now.event, Requested) or now.event.what != "send-raw" or now.before.ended:
            assert not raw
            return
        alive = [index for index in now.event.children if now.before.children[index].phase in ALIVE]
        pids = [now.before.children[index].pid for index in alive]
        sent = [(each.child, each.pid, each.signal) for each in raw]
        assert sent == [(index, pid, now.event.signal) for index, pid in zip(alive, pids, strict=True)]
        assert now.after == now.before


def _can_get(now: Moment, what: str, index: int) -> bool:
    """Tell whether a child can get a signal: its process alone, past the rules; by these also what it has left."""
    child, task = now.before.children[index], now.plan.children[index].task
    if what == "send-raw":
        return child.phase in ALIVE
    return child.phase in PRESENT and child.back_at is None and not (task is not None and task.at_end)
