"""The commands of actions."""

from __future__ import annotations

from sigroute.pid1.engine import effects as fx
from sigroute.pid1.engine import events as ev
from sigroute.pid1.engine.state import COMMAND
from sigroute.pid1.engine.unread import UNREAD
from tests.pid1.laws.moment import RUNS, Moment, at_once, descendants
from tests.pid1.world import KILL


class Commands:
    """A command is run once, as long as it may, and what comes after depends on how it ended."""

    def its_end_decides(self, now: Moment) -> None:
        for number, run in now.before.runs.items():
            child = now.before.children[run.child]
            old = next((each for each in child.progress if each.id == run.progress), None)
            if (
                now.over
                or old is None
                or old.stage != COMMAND
                or not {child.phase, now.after.children[run.child].phase} <= {*RUNS}
            ):
                continue
            ended, well = self._ended(now, number)
            said = now.said(run.child)
            if not ended:
                new = next((each for each in now.after.children[run.child].progress if each.id == old.id), None)
                assert (new is not None and new.stage == COMMAND) or said & {"replaced", "cancelled"} or not old.steps
                continue
            assert ("run-ok" if well else "run-failed") in said
            chain = old.steps if well else now.plan.actions[old.action].otherwise
            action = now.plan.actions[old.action]
            alone = not isinstance(now.event, ev.Tick) and action.scope != "tree"
            if alone and not old.repeat:
                assert now.sent(run.child) == at_once(now, run.child, chain, old.arrival, action)

    def _ended(self, now: Moment, number: int) -> tuple[bool, bool]:
        run = now.before.runs[number]
        match now.event:
            case ev.RunNotStarted():
                assert now.event.pid not in now.after.owners, "it has been reaped"
                return now.event.run == number, False
            case ev.Exited():
                return getattr(now.before.owners.get(now.event.pid), "run", 0) == number, now.event.status == 0
            case ev.Tick():
                return run.due <= now.now and not run.to_kill, False
        return False, False

    def it_is_given_up_in_time(self, now: Moment) -> None:
        for number, run in now.after.runs.items():
            old = now.before.runs.get(number)
            child = now.after.children[run.child]
            waits = any(each.id == run.progress and each.stage == COMMAND for each in child.progress)
            if old is None:
                actions = [now.plan.actions[each.action] for each in child.progress if each.id == run.progress]
                assert actions or run.to_kill
                assert all(run.due == now.now + each.timeout for each in actions)
            else:
                assert run.due == old.due
                assert run.to_kill or run.due > now.now or not isinstance(now.event, ev.Tick)
                assert not run.to_kill or old.to_kill or run.due <= now.now or not waits, "given up for nothing"

    def a_stop_or_what_replaces_it_gives_it_up(self, now: Moment) -> None:
        for index, old, new in now.living():
            started = {each.id for each in new.progress if each.is_stop} - {each.id for each in old.progress}
            gone = {each.id for each in old.progress if each.stage == COMMAND}
            gone -= {each.id for each in new.progress if each.stage == COMMAND}
            for run in now.after.runs.values():
                if run.progress in gone and (started or "replaced" in now.said(index)):
                    assert run.to_kill, "its action is forgotten, it is not"

    def who_is_given_up_is_killed_with_its_tree(self, now: Moment) -> None:
        if not isinstance(now.event, ev.Listed) or 0 < now.after.listing_failures < UNREAD:
            return  # or it is to be listed again
        killed = {each.pid for each in now.effects if isinstance(each, (fx.Kill, fx.KillOther)) and each.signal == KILL}
        for run in now.before.runs.values():
            if run.to_kill and run.pid:
                below = {each.pid for each in descendants(now.event.processes or (), run.pid)}
                assert killed >= {run.pid, *below}
