"""The commands of actions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigroute.pid1.engine import effects as fx
from sigroute.pid1.engine import events as ev
from sigroute.pid1.engine.unread import UNREAD
from tests.pid1.laws.rules import RUNS, descendants
from tests.pid1.world import KILL

if TYPE_CHECKING:
    from tests.pid1.laws.moment import Moment


class Commands:
    """A command is run once, as long as it may, and what comes after depends on how it ended."""

    def its_end_decides(self, now: Moment) -> None:
        for number, run in now.commands_before.items():
            index = run.child
            old = next((each for each in now.under_way_before[index] if each.id == run.id), None)
            phases = {now.before.children[index].phase, now.after.children[index].phase}
            if now.over or old is None or not old.awaits_command or not phases <= {*RUNS}:
                continue
            ended, well = self._ended(now, number)
            said = now.said(index)
            if not ended:
                new = next((each for each in now.under_way_after[index] if each.id == old.id), None)
                waits = new is not None and new.awaits_command
                assert waits or said & {"replaced", "cancelled"} or not old.left
                continue
            assert ("run-ok" if well else "run-failed") in said
            action = now.plan.actions[old.action]
            chain = old.left if well else action.otherwise
            alone = not isinstance(now.event, ev.Tick) and action.scope != "tree"
            if alone and not old.repeat:
                assert now.sent(index) == now.at_once(index, chain, old.arrival, action)

    def _ended(self, now: Moment, number: int) -> tuple[bool, bool]:
        match now.event:
            case ev.RunNotStarted():
                assert now.event.pid not in now.after.owners, "it has been reaped"
                return now.event.run == number, False
            case ev.Exited():
                return getattr(now.before.owner(now.event.pid), "run", 0) == number, now.event.status == 0
            case ev.Tick():
                return self._may_until(now, number) <= now.now and not now.commands_before[number].given_up, False
        return False, False

    def _may_until(self, now: Moment, number: int) -> int:
        began, timeout = now.memory.commands[number]
        return began + timeout

    def it_is_given_up_in_time(self, now: Moment) -> None:
        for number, run in now.commands_after.items():
            old = now.commands_before.get(number)
            if old is None:
                assert run.action is not None or run.given_up
                continue
            due = self._may_until(now, number)
            waits = any(each.id == run.id and each.awaits_command for each in now.under_way_after[run.child])
            assert run.given_up or due > now.now or not isinstance(now.event, ev.Tick)
            assert not run.given_up or old.given_up or due <= now.now or not waits, "given up for nothing"
            assert old.given_up or now.over or now.is_on_time(due), "given up too late"

    def a_stop_or_what_replaces_it_gives_it_up(self, now: Moment) -> None:
        for index, _, _ in now.living():
            before, after = now.under_way_before[index], now.under_way_after[index]
            started = {each.id for each in after if each.is_stop} - {each.id for each in before}
            gone = {each.id for each in before if each.awaits_command}
            gone -= {each.id for each in after if each.awaits_command}
            for run in now.commands_after.values():
                if run.id in gone and (started or "replaced" in now.said(index)):
                    assert run.given_up, "its action is forgotten, it is not"

    def who_is_given_up_is_killed_with_its_tree(self, now: Moment) -> None:
        if not isinstance(now.event, ev.Listed) or 0 < now.after.listing_failures < UNREAD:
            return  # or it is to be listed again
        killed = {each.pid for each in now.effects if isinstance(each, (fx.Kill, fx.KillOther)) and each.signal == KILL}
        for run in now.commands_before.values():
            if run.given_up and run.pid:
                below = {each.pid for each in descendants(now.event.processes or (), run.pid)}
                assert killed >= {run.pid, *below}
