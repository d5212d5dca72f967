"""What a signal does, by the plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigroute.pid1.engine import events as ev
from sigroute.pid1.engine.life import LINGERING
from sigroute.pid1.engine.state import Arrival
from sigroute.pid1.plan import ANY_SIGNAL
from tests.pid1.laws.moment import REPEATS, Moment
from tests.pid1.laws.rules import DUPLICATE, TERM, burst
from tests.pid1.world import KILL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sigroute.pid1.plan import Step
    from tests.pid1.laws.views import UnderWay

    Steps = Sequence[Step]

#: Of a signal that has not come.
FAR = -DUPLICATE


class Actions:
    """1, 4: what a signal does, by the plan."""

    def a_signal_does_what_is_written(self, now: Moment) -> None:
        if now.over:
            return
        for index, arrival, seen in now.acted_on():
            number = now.lookup(index, arrival)
            action = now.plan.actions[number]
            missing = seen is not None and seen.handled is not None and not seen.handled >> (arrival.signal - 1) & 1
            if action.do == "drop":
                self._nothing(now, index, "dropped")
            elif action.do == "hold":
                assert now.said(index) & {"held", "held-already"}
                assert not now.kills(index)
            elif action.guard and missing and not now.plan.is_stop(arrival):
                self._nothing(now, index, "protected")
            else:
                assert not now.said(index) & {"dropped", "protected", "held"}
                changed = action.guard and now.plan.is_stop(arrival) and is_better_as_term(seen, arrival)
                assert changed == ("as-term" in now.said(index))
                sent = arrival.but(instead=TERM, value=None) if changed else arrival
                self._begins_or_repeats(now, index, number, sent)

    def _nothing(self, now: Moment, index: int, why: str) -> None:
        assert why in now.said(index)
        assert not now.kills(index)
        assert not now.ran(index)
        assert now.under_way_after[index] == now.under_way_before[index]

    def _begins_or_repeats(self, now: Moment, index: int, number: int, arrival: Arrival) -> None:
        stop = now.plan.is_stop(arrival)
        old = now.repeated(index, number, stop=stop)
        if old is not None:
            self._repeats(now, index, old, arrival)
            return
        action = now.plan.actions[number]
        assert not now.said(index) & REPEATS, "nothing was under way"
        if action.after:
            return
        if action.run:
            assert now.ran(index)
            assert not now.kills(index), "send comes after the command"
        elif action.scope != "tree":
            assert now.sent(index) == now.at_once(index, action.steps, arrival, action)

    def _repeats(self, now: Moment, index: int, old: UnderWay, arrival: Arrival) -> None:
        action = now.plan.actions[old.action]
        new = next((each for each in now.under_way_after[index] if each.id == old.id), None)
        how = action.again.get(arrival.signal, action.again.get(ANY_SIGNAL))
        sent = now.sent(index)
        said = now.said(index) & REPEATS
        if now.memory.came[index, old.id].get(arrival.signal, FAR) is None:
            return
        if now.is_duplicate(index, old, arrival.signal):
            assert said == {"duplicate"}
            assert new == old, "a duplicate changes something"
        elif isinstance(how, tuple):
            assert said == {"replaced"}
            assert new is None or not new.repeat
            if action.scope != "tree":
                assert sent == now.at_once(index, how, arrival, action)
        elif how == "next" and old.sends and old.left and old.left[0].wait and not leads_to_kill(old.left):
            assert said == {"next"}
            assert new is None or new.asked or len(new.left) < len(old.left)
            assert (KILL, None) not in sent
        elif how == "repeat":
            assert said == {"once-more"}
            assert new is None or new.repeat or not new.left
            assert new is not None or old.sends
            if new is None and not action.run and action.scope != "tree":
                assert sent == now.at_once(index, action.steps, old.arrival, action)
        else:
            assert said == {"ignored"}
            assert new == old, "4: a repeat changes something"

    def what_a_child_left_behind_begins_nothing(self, now: Moment) -> None:
        """Where its process is all that a child means; else what it has left is read before the default applies."""
        for index, old in enumerate(now.before.children):
            if old.phase != LINGERING or now.over:
                continue
            new = now.after.children[index]
            olds = now.under_way_before[index]
            begun = {each.id for each in now.under_way_after[index]} - {each.id for each in olds}
            exited = not now.plan.children[index].tree
            if exited and not any(each.repeat for each in olds) and "once-more" not in now.said(index):
                assert not begun
                assert not now.ran(index)
            if not isinstance(now.event, ev.Signal):
                continue
            action = now.plan.actions[now.lookup(index, Arrival(signal=now.event.signal, sender=now.event.sender))]
            if action.do == "send" and action.guard and not exited and not now.after.no_proc:
                assert now.event.signal in {each.signal for each in new.inbox}
                assert not now.kills(index)

    def what_a_child_left_behind_holds_up_no_stop(self, now: Moment) -> None:
        stops = now.after.stop is not None and (now.before.stop is None or isinstance(now.event, ev.Signal))
        arrival = now.after.stop.arrival if now.after.stop is not None else Arrival(signal=TERM, sender="tty")
        if isinstance(now.event, ev.Signal):
            arrival = Arrival(signal=now.event.signal, sender=now.event.sender)
        if not stops or not now.plan.is_stop(arrival) or now.over:
            return
        for index, child in enumerate(now.after.children):
            action = now.plan.actions[now.lookup(index, arrival)]
            first = not any(each.is_stop for each in now.under_way_before[index])
            if child.phase == LINGERING and not now.plan.children[index].tree:
                dropped = action.do != "send"
                assert dropped or not first or all(each.is_stop for each in now.under_way_after[index])

    def an_action_is_under_way_once(self, now: Moment) -> None:
        """4: what repeats an action begins no second one."""
        for under_way in now.under_way_after:
            which = [(each.is_stop, 0 if each.is_stop else each.action) for each in under_way]
            assert len(which) == len(set(which))

    def a_duplicate_is_one(self, now: Moment) -> None:
        """However it came to act: the same signal came within these milliseconds, and was none itself."""
        for index, under_way in enumerate(now.under_way_before):
            for each in under_way:
                told = now.repeats_of(index, each)
                for signal, what in told:
                    known = now.memory.came[index, each.id].get(signal, FAR)
                    if known is not None and len(told) == 1:
                        assert (what == "duplicate") == (now.now - known < DUPLICATE), f"c{index}: {signal}"


def is_better_as_term(seen: ev.Inspected | None, arrival: Arrival) -> bool:
    """Tell whether a child is known to deal with TERM, and not with this."""
    if seen is None or seen.handled is None:
        return False
    deals = [bool((seen.handled & ~seen.ignored) >> (signal - 1) & 1) for signal in (arrival.signal, TERM)]
    return deals == [False, True]


def leads_to_kill(steps: Steps) -> bool:
    """Tell whether KILL is among what is sent at the end of the present wait."""
    first, *rest = steps
    return (KILL, None) in burst([first.but(wait=0), *rest], Arrival(signal=TERM, sender="tty"))
