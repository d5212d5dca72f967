"""How a stop begins, and what it changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigroute.pid1.engine import effects as fx
from sigroute.pid1.engine import events as ev
from sigroute.pid1.engine.life import BACKING_OFF, LINGERING, RUNNING, STARTING, WAITING
from sigroute.pid1.engine.state import Arrival
from tests.pid1.laws.rules import RUNS, TERM, has_exited, when_is_met
from tests.pid1.laws.signals import RAW
from tests.pid1.world import KILL

if TYPE_CHECKING:
    from tests.pid1.laws.moment import Moment


class Stops:
    """The stop: what begins it, its ``grace``, what it changes."""

    def it_begins_with_the_first_signal_that_is_not_dropped(self, now: Moment) -> None:
        """Of a child that is still to be looked at it is known only once that has happened: see ``at_rest``."""
        if now.before.stop is None and now.after.stop is not None:
            stop = now.after.stop
            assert not stop.over
            if stop.asked:
                assert self._is_kept_by_somebody(now, stop.arrival)
            else:
                assert when_is_met(now.plan, now.after)
                assert stop.arrival.signal == TERM
        elif now.before.stop is not None:
            assert now.after.stop is not None
            old, new = now.before.stop, now.after.stop
            assert (new.arrival, new.asked) == (old.arrival, old.asked)
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
        """But not where a stop signal was asked for at the control socket, for some children: that begins no stop."""
        for index, old, _ in now.living():
            under_way = [each for each in now.under_way_after[index] if each.arrival.sender != "sigroute"]
            stops = any(each.is_stop for each in under_way)
            held = any(now.plan.is_stop(each) and each.sender != "sigroute" for each in now.held_after(index))
            told = [each for each in now.effects if isinstance(each, fx.Say) and each.child == index]
            kept = {each.signal for each in told if each.what == "held"}
            late = any(
                now.plan.is_stop(each) and each.signal in kept and each.sender != "sigroute" for each in old.inbox
            )
            assert now.after.stop is not None or not (stops or held or late)

    def nothing_waits_for_its_start(self, now: Moment) -> None:
        if now.after.stop is not None:
            assert not any(each.phase in (WAITING, BACKING_OFF) for each in now.after.children)

    def grace_lasts_as_long_as_is_written(self, now: Moment) -> None:
        """From the first stop signal on, whatever comes later; and the clock does not wait longer."""
        began, grace = now.memory.stop_began, now.plan.grace
        if now.before.stop is None or now.before.stop.over or now.after.ended:
            return
        ends = None if began is None or grace is None else began + grace
        assert not now.over or (isinstance(now.event, ev.Tick) and ends is not None and ends <= now.now)
        assert now.over or not isinstance(now.event, ev.Tick) or ends is None or ends > now.now, "it goes on"
        assert now.is_on_time(ends), "it comes too late"

    def at_the_end_of_grace_all_that_is_left_is_killed(self, now: Moment) -> None:
        old = now.before.stop
        if not now.over or old is None:
            return
        sent = [each for each in now.effects if isinstance(each, (fx.Kill, fx.KillOther))]
        if old.over:
            assert all(each.signal == KILL or each.origin == RAW for each in sent), "it has had its KILL"
            assert not any(isinstance(each, fx.Run) for each in now.effects)
            return
        killed = {each.pid for each in sent if each.signal == KILL}
        assert all(each.pid in killed for each in now.before.children if each.phase in RUNS)
        assert not any(now.under_way_after)
        assert not any(each.held or each.inbox for each in now.after.children)

    def a_child_has_one_stop_action_and_it_cancels_the_others(self, now: Moment) -> None:
        for index, new in enumerate(now.after.children):
            stops = [each for each in now.under_way_after[index] if each.is_stop]
            olds = [each for each in now.under_way_before[index] if each.is_stop]
            assert len(stops) <= 1
            if stops and not olds:
                assert all(each.id >= stops[0].id for each in now.under_way_after[index]), "an older one goes on beside"
            if olds and new.phase in RUNS and not now.over:
                assert [each.action for each in stops] == [each.action for each in olds], "a second stop action"

    def nothing_starts_in_it(self, now: Moment) -> None:
        if now.before.stop is not None:
            assert not any(isinstance(effect, fx.Spawn) for effect in now.effects)
