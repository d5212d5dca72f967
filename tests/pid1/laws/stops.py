"""How a stop begins, and what it changes."""

from __future__ import annotations

from sigroute.pid1.engine import effects as fx
from sigroute.pid1.engine import events as ev
from sigroute.pid1.engine.life import BACKING_OFF, LINGERING, RUNNING, STARTING, WAITING
from sigroute.pid1.engine.state import Arrival
from tests.pid1.laws.moment import RUNS, TERM, Moment, has_exited, when_is_met
from tests.pid1.world import KILL


class Stops:
    """The stop: what begins it, its ``grace``, what it changes."""

    def it_begins_with_the_first_signal_that_is_not_dropped(self, now: Moment) -> None:
        """Of a child that is still to be looked at it is known only once that has happened: see ``at_rest``."""
        if now.before.stop is None and now.after.stop is not None:
            stop = now.after.stop
            assert not stop.over
            assert stop.due == (None if now.plan.grace is None else now.now + now.plan.grace)
            if stop.asked:
                assert self._is_kept_by_somebody(now, stop.arrival)
            else:
                assert when_is_met(now.plan, now.after)
                assert stop.arrival.signal == TERM
        elif now.before.stop is not None:
            assert now.after.stop is not None
            old, new = now.before.stop, now.after.stop
            assert (new.arrival, new.asked) == (old.arrival, old.asked)
            assert new.due == old.due or (new.over and not old.over), "grace begins anew"
        if isinstance(now.event, ev.Signal) and now.plan.is_stop(now.event) and now.after.stop is None:
            arrival = Arrival(signal=now.event.signal, sender=now.event.sender)
            for index, child in enumerate(now.before.children):
                keeps = now.plan.actions[now.lookup(index, arrival)].do != "drop"
                waits = child.phase == STARTING or now.after.children[index].inbox
                assert not keeps or waits or has_exited(now.plan, now.before, index)

    def _is_kept_by_somebody(self, now: Moment, arrival: Arrival) -> bool:
        keeps = {index for index in range(len(now.after.children)) if self._keeps(now, index, arrival)}
        there = [index for index in range(len(now.after.children)) if not has_exited(now.plan, now.before, index)]
        return not there or any(index in keeps for index in there)

    def _keeps(self, now: Moment, index: int, arrival: Arrival) -> bool:
        """Tell whether a child may not drop a signal: one that starts may have been something else when it came."""
        child = now.plan.children[index]
        known = now.before.children[index].phase in (RUNNING, LINGERING)
        tables = {child.running} if known else {child.starting, child.running}
        return any(
            now.plan.actions[now.plan.tables[each][arrival.sender][arrival.signal]].do != "drop" for each in tables
        )

    def the_container_ends_when_the_rules_say(self, now: Moment) -> None:
        assert now.after.stop is not None or not when_is_met(now.plan, now.after)

    def an_action_that_does_more_than_drop_has_begun_it(self, now: Moment) -> None:
        for index, old, new in now.living():
            stops = any(each.is_stop for each in new.progress)
            held = any(now.plan.is_stop(each.arrival) for each in new.held)
            told = [each for each in now.effects if isinstance(each, fx.Say) and each.child == index]
            kept = {each.signal for each in told if each.what == "held"}
            late = any(now.plan.is_stop(each) and each.signal in kept for each in old.inbox)
            assert now.after.stop is not None or not (stops or held or late)

    def nothing_waits_for_its_start(self, now: Moment) -> None:
        if now.after.stop is not None:
            assert not any(each.phase in (WAITING, BACKING_OFF) for each in now.after.children)

    def at_the_end_of_grace_all_that_is_left_is_killed(self, now: Moment) -> None:
        old = now.before.stop
        if not now.over or old is None:
            return
        sent = [each for each in now.effects if isinstance(each, (fx.Kill, fx.KillOther))]
        if old.over:
            assert all(each.signal == KILL for each in sent), "it has had its KILL"
            assert not any(isinstance(each, fx.Run) for each in now.effects)
            return
        assert isinstance(now.event, ev.Tick)
        assert old.due is not None
        assert old.due <= now.now
        killed = {each.pid for each in sent if each.signal == KILL}
        assert all(each.pid in killed for each in now.before.children if each.phase in RUNS)
        assert not any(each.progress or each.held or each.inbox for each in now.after.children)
