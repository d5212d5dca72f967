"""Whom a signal reaches, and who is woken for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigroute.pid1.engine import effects as fx
from sigroute.pid1.engine import events as ev
from tests.pid1.laws.rules import RUNS, descendants
from tests.pid1.laws.signals import RAW
from tests.pid1.world import CONT, KILL, ME, OTHER, STOP_SIGNALS

if TYPE_CHECKING:
    from sigroute.pid1.engine.events import Process
    from sigroute.pid1.engine.state import Child
    from tests.pid1.laws.moment import Moment


class Reach:
    """3: whom a signal reaches, and who is woken for it."""

    def nobody_else_is_reached(self, now: Moment) -> None:
        """3: a process of a child's is one that descends from it, did when last looked at, or was left by those."""
        if not isinstance(now.event, ev.Listed):
            self._remembered(now)
            return
        actions = {each.origin for each in now.plan.actions}
        rows = {each.pid: each for each in now.event.processes or ()}
        for effect in now.effects:
            if isinstance(effect, fx.KillOther) and effect.origin in actions:
                assert rows[effect.pid] == effect.process
                assert effect.pid in self._family(now, rows, effect.child)

    def _remembered(self, now: Moment) -> None:
        """Without a list: one that was listed ahead for this step."""
        below = {each.process.pid for each in now.event.below} if isinstance(now.event, ev.Inspected) else set()
        for effect in now.effects:
            if isinstance(effect, fx.KillOther) and effect.pid not in below:
                assert isinstance(now.event, (ev.Tick, ev.Signal, ev.Inspected))
                child = now.before.children[effect.child]
                assert effect.process in child.members
                under_way = now.under_way_before[effect.child]
                assert any(each.listed and now.origin(each) == effect.origin for each in under_way)

    def _family(self, now: Moment, rows: dict[int, Process], index: int) -> set[int]:
        """Return who may belong to a child; an only one's are all whose parent has gone, but commands."""
        if len(now.plan.children) == 1 and now.plan.children[0].tree:
            theirs = [each.pid for each in rows.values() if each.parent == ME and each.pid not in now.before.owners]
            found = set(theirs)
            for pid in theirs:
                found |= {each.pid for each in descendants(list(rows.values()), pid)}
            return found | family(rows, now.before.children[index])
        return family(rows, now.before.children[index])

    def a_program_below_is_reached_and_nobody_beside_it(self, now: Moment) -> None:
        """What is for the program goes to each of its processes that was found just now, and to nobody else."""
        if not isinstance(now.event, ev.Inspected):
            return
        actions = {each.origin: each for each in now.plan.actions}
        below = [each.process.pid for each in now.program(now.event.child)]
        narrow = {origin for origin, each in actions.items() if each.scope == "program"}
        others = [each for each in now.effects if isinstance(each, fx.KillOther) and each.origin in narrow]
        for effect in others:
            same = {each.pid for each in others if each.but(process=None) == effect.but(process=None)}
            whole = now.plan.children[effect.child].tree and effect.signal == KILL
            assert whole or (same <= set(below) if effect.signal == CONT else same == set(below)), effect
        for own in now.effects:
            if below and isinstance(own, fx.Kill) and own.signal != CONT and own.origin in actions:
                assert actions[own.origin].scope != "program" or own.signal == KILL, own

    def the_scope_is_reached(self, now: Moment) -> None:
        """A group where a group is written, and all that descends from the child where its tree is."""
        actions = {each.origin: each for each in now.plan.actions}
        for effect in now.effects:
            if isinstance(effect, fx.Kill) and effect.origin in actions:
                scope = actions[effect.origin].scope
                ends = effect.signal == KILL and self._stops(now, effect) == {True}
                ends = ends and now.plan.children[effect.child].tree
                # Of a stop that is told late the child alone is woken: no list is asked for.
                old = now.under_way_before[effect.child]
                ahead = (
                    any(each.listed and now.origin(each) == effect.origin for each in old) and not now.before.no_proc
                )
                blind = not isinstance(now.event, ev.Stopped) and not (
                    (isinstance(now.event, ev.Listed) and now.event.processes) or ahead
                )
                assert effect.group == (scope == "process-group" or (scope == "tree" and blind))
                if (scope == "tree" or ends) and isinstance(now.event, ev.Listed):
                    got = {each.pid for each in now.effects if isinstance(each, fx.KillOther)}
                    below = descendants(now.event.processes or (), effect.pid)
                    assert {each.pid for each in below} <= got, "part of the tree is left out"

    def what_a_process_has_left_to_sigroute_stands_for_it(self, now: Moment) -> None:
        """Where only the process is meant, and it has gone; KILL may be a stop's, and that is for all."""
        actions = {each.origin: each for each in now.plan.actions}
        for effect in now.effects:
            if isinstance(effect, fx.KillOther) and effect.origin in actions and effect.signal != KILL:
                rows = self._known(now, effect.child)
                heir = rows[effect.pid].parent not in rows or rows[effect.pid].parent in (ME, OTHER)
                assert actions[effect.origin].scope != "process" or heir

    def who_is_stopped_is_woken(self, now: Moment) -> None:
        """After each signal of a stop action, and of no other, what is stopped gets CONT."""
        for position, effect in enumerate(now.effects):
            if not isinstance(effect, (fx.Kill, fx.KillOther)) or effect.signal in (KILL, CONT, *STOP_SIGNALS):
                continue
            stops = self._stops(now, effect)
            if len(stops) != 1:
                continue  # not an action's, or a stop and another one by the same entry
            if isinstance(effect, fx.Kill):
                stopped = now.before.children[effect.child].stopped
            else:
                stopped = self._known(now, effect.child)[effect.pid].state == "T"
            cont = effect.but(signal=CONT, value=None) if isinstance(effect, fx.Kill) else effect.but(signal=CONT)
            woken = now.effects[position + 1 : position + 2] == [cont]
            assert woken == (stopped and True in stops), effect

    def _known(self, now: Moment, index: int) -> dict[int, Process]:
        """Return the processes by what was just read, or as remembered of the last list."""
        known = now.event.processes or () if isinstance(now.event, ev.Listed) else now.before.children[index].members
        below = now.event.below if isinstance(now.event, ev.Inspected) else ()
        return {each.pid: each for each in (*known, *(one.process for one in below))}

    def _stops(self, now: Moment, effect: fx.Kill | fx.KillOther) -> set[bool]:
        if effect.child == fx.NOBODY or effect.origin in ("run", "grace", "drain", RAW):
            return set()
        under_way = (*now.under_way_before[effect.child], *now.under_way_after[effect.child])
        found = {each.is_stop for each in under_way if now.origin(each) == effect.origin}
        return found | {now.plan.is_stop(each) for each in now.coming(effect.child)}

    def who_turns_out_to_be_stopped_is_woken_once(self, now: Moment) -> None:
        """A stop action has sent it a signal meanwhile; what it stopped of may have come before that."""
        if not isinstance(now.event, ev.Stopped):
            return
        for effect in now.effects:
            assert isinstance(effect, (fx.InspectJob, fx.Say)) or (
                isinstance(effect, fx.Kill) and effect.signal == CONT
            )
        for index, old, _ in now.living():
            owing = [each for each in now.under_way_before[index] if each.owes_cont]
            owing = owing if old.pid == now.event.pid else []
            woken = [each for each in now.effects if isinstance(each, fx.Kill) and each.child == index]
            assert len(woken) == len(owing)
            assert all(each.is_stop for each in owing)
            assert not owing or not any(each.owes_cont for each in now.under_way_after[index])

    def what_is_owed_was_sent(self, now: Moment) -> None:
        for index, _, _ in now.living():
            known = {each.id for each in now.under_way_before[index] if each.owes_cont}
            for each in now.under_way_after[index]:
                sent = any(one.origin == now.origin(each) for one in now.kills(index))
                assert not each.owes_cont or each.id in known or sent

    def stopped_is_what_the_kernel_says(self, now: Moment) -> None:
        for index, old, new in now.living():
            if isinstance(now.event, (ev.Stopped, ev.Continued)) and now.event.pid == new.pid:
                assert new.stopped == isinstance(now.event, ev.Stopped)
            else:
                assert new.stopped == old.stopped, index


def family(rows: dict[int, Process], child: Child) -> set[int]:
    """Return who may belong to a child, by one list and the last look."""
    alive = {child.pid} if child.phase in RUNS else set()
    same = {each.pid for each in child.members if each.pid in rows and rows[each.pid].start == each.start}
    gone = {pid for pid in (child.pid, *(each.pid for each in child.members)) if pid not in rows}
    leaders = alive | same | gone
    orphans = {each.pid for each in rows.values() if each.parent == ME and {each.group, each.session} & leaders}
    roots = alive | same | orphans
    return roots | {each.pid for root in roots for each in descendants(list(rows.values()), root)}
