"""What a signal does, by the plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigroute.pid1.engine import events as ev
from sigroute.pid1.engine.life import LINGERING
from sigroute.pid1.engine.state import SENDING, Arrival
from sigroute.pid1.plan import ANY_SIGNAL
from tests.pid1.laws.moment import TERM, Moment, at_once, burst, under_way
from tests.pid1.world import KILL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sigroute.pid1.engine.state import Child, Progress
    from sigroute.pid1.plan import Step

    Steps = Sequence[Step]

#: docs/rules.md: the same signal within this many milliseconds is a duplicate.
DUPLICATE = 200
#: What is told of a repeat.
REPEATS = {"duplicate", "next", "replaced", "once-more", "ignored"}


def left_to_do(child: Child) -> list[tuple[int, str, Steps, int | None]]:
    """Return what is left of a child's actions, and when; not when a list of the processes is asked for it."""
    return [(each.id, each.stage, each.steps, each.due) for each in child.progress]


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
        assert left_to_do(now.after.children[index]) == left_to_do(now.before.children[index])

    def _begins_or_repeats(self, now: Moment, index: int, number: int, arrival: Arrival) -> None:
        stop = now.plan.is_stop(arrival)
        old = under_way(now.before.children[index], number, stop=stop)
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
            assert now.sent(index) == at_once(now, index, action.steps, arrival, action)

    def _repeats(self, now: Moment, index: int, old: Progress, arrival: Arrival) -> None:
        action = now.plan.actions[old.action]
        new = next((each for each in now.after.children[index].progress if each.id == old.id), None)
        last = old.last_arrivals.get(arrival.signal)
        how = action.again.get(arrival.signal, action.again.get(ANY_SIGNAL))
        sent = now.sent(index)
        said = now.said(index) & REPEATS
        if last is not None and now.now - last < DUPLICATE:
            assert said == {"duplicate"}
            assert new == old, "a duplicate changes something"
        elif isinstance(how, tuple):
            assert said == {"replaced"}
            assert new is None or not new.repeat
            if action.scope != "tree":
                assert sent == at_once(now, index, how, arrival, action)
        elif how == "next" and old.due is not None and not leads_to_kill(old.steps):
            assert said == {"next"}
            assert new is None or new.awaits_look or len(new.steps) < len(old.steps)
            assert (KILL, None) not in sent
        elif how == "repeat":
            assert said == {"once-more"}
            assert new is None or new.repeat or not new.steps
            assert new is not None or old.stage == SENDING
            if new is None and not action.run and action.scope != "tree":
                assert sent == at_once(now, index, action.steps, old.arrival, action)
        else:
            assert said == {"ignored"}
            assert new == old.but(last_arrivals={**old.last_arrivals, arrival.signal: now.now}), (
                "4: a repeat changes something"
            )

    def what_a_child_left_behind_begins_nothing(self, now: Moment) -> None:
        """Where its process is all that a child means; else what it has left is read before the default applies."""
        for index, old in enumerate(now.before.children):
            if old.phase != LINGERING or now.over:
                continue
            new = now.after.children[index]
            begun = {each.id for each in new.progress} - {each.id for each in old.progress}
            exited = not now.plan.children[index].tree
            if exited and not any(each.repeat for each in old.progress) and "once-more" not in now.said(index):
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
            first = not any(each.is_stop for each in now.before.children[index].progress)
            if child.phase == LINGERING and not now.plan.children[index].tree:
                dropped = action.do != "send"
                assert dropped or not first or all(each.is_stop for each in child.progress)

    def an_action_is_under_way_once(self, now: Moment) -> None:
        """4: what repeats an action begins no second one."""
        for child in now.after.children:
            which = [(each.is_stop, 0 if each.is_stop else each.action) for each in child.progress]
            assert len(which) == len(set(which))

    def arrivals_stay_counted(self, now: Moment) -> None:
        """A moment that was counted is one at which that signal came, also when the action begins anew."""
        for index, old, new in now.living():
            for each in new.progress:
                before = [one for one in old.progress if one.action == each.action and one.is_stop == each.is_stop]
                for signal, moment in each.last_arrivals.items():
                    known = before[0].last_arrivals.get(signal) if before else None
                    assert moment in (now.now, known)
                    arrived = isinstance(now.event, ev.Signal) and now.event.signal == signal
                    arrived = arrived or any(one.signal == signal for one in old.inbox)
                    arrived = arrived or any(one.arrival.signal == signal for one in old.held)
                    unasked = now.before.stop is None and now.after.stop is not None
                    assert moment == known or arrived or unasked, f"c{index}: {signal} did not arrive now"


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
