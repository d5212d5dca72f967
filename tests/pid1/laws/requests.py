"""The laws of requests at the control socket: what is asked for happens, to nobody else, and is answered once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigroute.pid1.engine import effects as fx
from sigroute.pid1.engine.life import BACKING_OFF, EXITED, LINGERING, RUNNING
from sigroute.pid1.engine.requests import CHANGING, Reply, Requested

if TYPE_CHECKING:
    from tests.pid1.laws.moment import Moment


class Requests:
    """Remembers what was asked for."""

    def __init__(self) -> None:
        #: By number: the requests that are not answered.
        self.open: dict[int, Requested] = {}
        #: The children that are to stay down.
        self.down: set[int] = set()

    def each_is_answered_once_and_truly(self, now: Moment) -> None:
        if isinstance(now.event, Requested):
            self.open[now.event.number] = now.event
        for effect in now.effects:
            if isinstance(effect, Reply):
                request = self.open.pop(effect.number)
                if not effect.refused:
                    self._is_true(now, request)
        assert {each.number for each in now.after.requests} == set(self.open), "it is forgotten"

    def _is_true(self, now: Moment, request: Requested) -> None:
        for index in request.children if request.what in CHANGING else ():
            child = now.after.children[index]
            if request.what == "stop":
                assert child.phase == EXITED, "it is said to have exited"
            else:
                ready = child.ready or now.plan.children[index].ready is None
                tree = now.plan.children[index].tree
                assert child.phase == RUNNING or (tree and child.phase == LINGERING), "it is said to run"
                assert ready, "it is said to be ready"

    def none_asks_for_the_stop_of_the_container(self, now: Moment) -> None:
        if isinstance(now.event, Requested) and now.before.stop is None and now.after.stop is not None:
            by = now.after.ended_by
            assert not now.after.stop.asked
            # It may have exited at once, as it was never started; but nobody has asked for that here.
            assert by is None or by not in now.event.children or now.event.what != "stop"

    def who_is_to_stay_down_does(self, now: Moment) -> None:
        if isinstance(now.event, Requested) and now.event.what in CHANGING:
            replies = [each for each in now.effects if isinstance(each, Reply) and each.number == now.event.number]
            if not (replies and replies[0].refused) or now.after.requests != now.before.requests:
                change = self.down.update if now.event.what == "stop" else self.down.difference_update
                change(now.event.children)
        for effect in now.effects:
            if isinstance(effect, fx.Spawn):
                assert effect.child not in self.down, "somebody has asked that it stays down"
        if now.before.ended_by is None and now.after.ended_by is not None:
            assert now.after.ended_by not in self.down, "somebody has asked for its exit"
        assert self.down >= {index for index, each in enumerate(now.after.children) if each.asked == "stop"}

    def only_those_who_are_meant_are_touched(self, now: Moment) -> None:
        if not isinstance(now.event, Requested):
            return
        for index, (old, new) in enumerate(zip(now.before.children, now.after.children, strict=True)):
            if index not in now.event.children and now.before.stop == now.after.stop:
                assert (old.asked, old.generation) == (new.asked, new.generation)
                moved = (old.phase, new.phase)
                assert old.phase == new.phase or moved in ((BACKING_OFF, EXITED), ("waiting", EXITED)), "by a need"
        for effect in now.effects:
            if isinstance(effect, (fx.Kill, fx.KillOther)) and now.before.stop == now.after.stop:
                assert effect.child in now.event.children

    def what_is_asked_for_is_forgotten_once_it_is_done(self, now: Moment) -> None:
        for child in now.after.children:
            assert child.asked in ("", "stop", "restart")
            if child.asked == "restart" and now.after.stop is None:
                assert child.phase in ("spawning", "starting", RUNNING, LINGERING), "it will not end again"
