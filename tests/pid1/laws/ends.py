"""The drain, the end, the exit code."""

from __future__ import annotations

from sigroute.pid1.engine import effects as fx
from sigroute.pid1.engine import events as ev
from sigroute.pid1.engine.life import EXITED, LINGERING, UNSTARTED
from sigroute.pid1.plan import ANY_CODE
from tests.pid1.laws.moment import RUNS, TERM, Moment, descendants, has_exited
from tests.pid1.world import CONT, KILL, ME


class Ends:
    """The drain and the exit code."""

    def __init__(self) -> None:
        self.statuses: dict[int, int] = {}
        self.ended_by: int | None = None
        self.told: dict[tuple[int, int], int] = {}
        self.drained: int | None = None
        self.no_proc = self.undying = False

    def take_note(self, now: Moment) -> None:
        """Keep what the end depends on; no law."""
        match now.event:
            case ev.Exited():
                owner = now.before.owners.get(now.event.pid)
                if owner is not None and not owner.run:
                    self.statuses[owner.child] = now.event.status
            case ev.NotSpawned() if now.event.status:
                self.statuses[now.event.child] = now.event.status
            case ev.Listed():
                self.no_proc = self.no_proc or now.event.processes is None
        if now.before.stop is None and now.after.stop is not None and not now.after.stop.asked:
            new = [
                index
                for index in range(len(now.plan.children))
                if has_exited(now.plan, now.after, index) and not has_exited(now.plan, now.before, index)
            ]
            # Who was never started has exited with the stop, not before it.
            started = [
                each for each in new if now.before.children[each].phase not in UNSTARTED or each in self.statuses
            ]
            self.ended_by = started[0] if started else None
        self.undying = self.undying or any(isinstance(each, fx.Say) and each.what == "undying" for each in now.effects)

    def the_drain_asks_then_kills(self, now: Moment) -> None:
        """Who is left gets TERM and CONT, and ``[drain] wait`` later KILL; nobody who entered from outside."""
        rest = (
            {each.pid for each in descendants(now.event.processes or (), ME)}
            if isinstance(now.event, ev.Listed)
            else set()
        )
        if isinstance(now.event, ev.Listed) and now.event.processes and now.over:  # and whom another has adopted
            trees = [child.members for child in now.after.children if child.phase == LINGERING]
            rest |= {each.pid for members in trees for each in members}
        mine = [each for each in now.effects if isinstance(each, fx.KillOther) and each.origin == "drain"]
        plan = now.plan.drain
        if plan is None or plan.wait is None:
            self._is_left_alone(now, mine)
            return
        for each in mine:
            assert each.pid in rest
        asked = {each.pid for each in mine if each.signal == TERM}
        killed = {each.pid for each in mine if each.signal == KILL}
        assert asked == {each.pid for each in mine if each.signal == CONT}
        if asked:
            assert all(child.phase == EXITED for child in now.after.children)
            assert asked == rest, "part of it is left out"
            assert self.drained is None, "it is asked twice"
            self.drained = now.now
        if killed and not now.over and plan.wait:
            assert self.drained is not None
            assert now.now >= self.drained + plan.wait, "killed too early"
        if killed:
            others = {child.pid for child in now.after.children if child.phase in RUNS}
            assert killed == rest - others, "part of it is left out"
        drain = now.before.drain  # with a due of its own it has not asked for this list
        killing = (drain is not None and drain.killing and drain.due is None) or now.over
        if isinstance(now.event, ev.Listed) and killing and not now.after.ended:
            assert killed or not rest - {child.pid for child in now.after.children if child.phase in RUNS}, "nobody is"
        drain = now.after.drain
        if drain is not None and not drain.killing and drain.due is not None:
            assert self.drained is not None
            assert drain.due == self.drained + plan.wait, "the drain begins anew"

    def _is_left_alone(self, now: Moment, sent: list[fx.KillOther]) -> None:
        """At most the rest of the children's process groups gets one signal, and sigroute ends."""
        if not sent or now.over:
            return
        plan = now.plan.drain
        assert plan is not None, "it is left alone"
        assert isinstance(now.event, ev.Listed)
        assert now.after.ended
        groups = {child.pid for child in now.after.children}
        rest = [each for each in now.event.processes or () if each.group in groups and each.parent]
        assert {each.pid for each in sent} == {each.pid for each in rest if each.state != "Z"}
        assert {each.signal for each in sent} == {plan.signal}

    def it_ends_with_nobody_left(self, now: Moment) -> None:
        if now.plan.drain is None or now.plan.drain.wait is None:
            return
        if isinstance(now.event, ev.Childless) and now.before.drain is not None:
            assert now.after.ended, "a sleep with nothing left"
        if any(isinstance(each, fx.Exit) for each in now.effects) and not (self.no_proc or self.undying):
            assert isinstance(now.event, (ev.Listed, ev.Childless))
            assert not isinstance(now.event, ev.Listed) or not descendants(now.event.processes or (), ME)

    def it_ends_with_the_code_of_the_rules(self, now: Moment) -> None:
        for effect in now.effects:
            if isinstance(effect, fx.Exit):
                assert effect.code == self._code(now)

    def _code(self, now: Moment) -> int:
        """Return the exit code, read from docs/rules.md."""
        plan, stop = now.plan, now.after.stop
        assert stop is not None
        named = [plan.code, plan.when if isinstance(plan.when, int) else None, plan.command]
        unnamed = 0 if stop.asked else self.ended_by
        index = next((each for each in (*named, unnamed) if each is not None), 0)
        code = self.statuses.get(index, 128 + stop.arrival.signal)
        if now.after.children[index].phase in RUNS:
            code = 128 + KILL  # not even that has ended it
        for codes in (plan.stop_exit_map if stop.asked else {}, plan.exit_map):
            code = codes.get(code, codes.get(ANY_CODE, code))
        return code
