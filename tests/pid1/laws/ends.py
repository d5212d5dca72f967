"""The drain, the end, the exit code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigroute.pid1.engine import effects as fx
from sigroute.pid1.engine import events as ev
from sigroute.pid1.engine.life import EXITED, LINGERING, UNSTARTED
from sigroute.pid1.engine.stop import KILL_ROUND
from sigroute.pid1.plan import ANY_CODE
from tests.pid1.laws.rules import RUNS, TERM, descendants, has_exited
from tests.pid1.world import CONT, KILL, ME

if TYPE_CHECKING:
    from sigroute.pid1.plan import DrainPlan
    from tests.pid1.laws.moment import Moment


class Ends:
    """The drain and the exit code."""

    def __init__(self) -> None:
        self.statuses: dict[int, int] = {}
        self.ended_by: int | None = None
        self.told: dict[tuple[int, int], int] = {}
        #: When who is left was asked to end, and when those that have not are killed next.
        self.drained: int | None = None
        self.kills_at: int | None = None
        #: The next list of the processes is of those to kill.
        self.kills_next = False
        self.no_proc = self.undying = False

    def take_note(self, now: Moment) -> None:
        """Keep what the end depends on; no law."""
        match now.event:
            case ev.Exited():
                owner = now.before.owner(now.event.pid)
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
            self.drained, self.kills_at = now.now, now.now + plan.wait
        if killed and not now.over and plan.wait:
            assert self.drained is not None
            assert now.now >= self.drained + plan.wait, "killed too early"
        others = {child.pid for child in now.after.children if child.phase in RUNS}
        assert not killed or killed == rest - others, "part of it is left out"
        self._kills_in_time(now, plan, killed, nobody=not rest - others)

    def _kills_in_time(self, now: Moment, plan: DrainPlan, killed: set[int], *, nobody: bool) -> None:
        """When ``[drain] wait`` is over the next list is of those to kill, and again each tenth of a second."""
        assert now.over or now.is_on_time(self.kills_at), "they are killed too late"
        due = isinstance(now.event, ev.Tick) and self.kills_at is not None and self.kills_at <= now.now
        if due or now.over:
            self.kills_next, self.kills_at = True, None
        if isinstance(now.event, ev.Listed) and not now.event.reason and self.kills_next:
            assert killed or nobody or now.after.ended, "nobody is"
            if killed:
                self.kills_next, self.kills_at = False, now.now + KILL_ROUND
        if plan.wait == 0 and now.before.drain is None and now.after.drain is not None:
            self.kills_next = True

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

    def _by_when(self, now: Moment) -> int:
        """Return which of several children in ``when`` counts: the one that met it, or the first that was started."""
        plan, stop = now.plan, now.after.stop
        assert isinstance(plan.when, tuple)
        assert stop is not None
        if not stop.asked and self.ended_by is not None:
            return self.ended_by
        return next((index for index in plan.when if index in self.statuses), plan.when[0])

    def _code(self, now: Moment) -> int:
        """Return the exit code, read from docs/rules.md."""
        plan, stop = now.plan, now.after.stop
        assert stop is not None
        named = [plan.code, self._by_when(now) if isinstance(plan.when, tuple) else None, plan.command]
        living = {each for each, child in enumerate(now.after.children) if child.phase in RUNS}
        started = {each for each in living | set(self.statuses) if plan.children[each].task is None}
        unnamed = min(started, default=0) if stop.asked else self.ended_by
        index = next((each for each in (*named, unnamed) if each is not None), 0)
        code = self.statuses.get(index, 128 + stop.arrival.signal)
        if now.after.children[index].phase in RUNS:
            code = 128 + KILL  # not even that has ended it
        for codes in (plan.stop_exit_map if stop.asked else {}, plan.exit_map):
            code = codes.get(code, codes.get(ANY_CODE, code))
        return code
