"""The phases of a child."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigroute.pid1.engine import effects as fx
from sigroute.pid1.engine import events as ev
from sigroute.pid1.engine.life import (
    BACKING_OFF,
    EXITED,
    LINGERING,
    RUNNING,
    SPAWNING,
    STARTING,
    TRANSITIONS,
    UNSTARTED,
    WAITING,
)
from sigroute.pid1.engine.state import Child
from tests.pid1.laws.reach import family
from tests.pid1.laws.rules import RUNS
from tests.pid1.world import ME

if TYPE_CHECKING:
    from tests.pid1.laws.moment import Moment

#: Where a life begins.
SPAWNS = ((WAITING, SPAWNING), (BACKING_OFF, SPAWNING))

#: It is tried again for ever, but no later than so often.
MOST_ATTEMPTS = 10


def reached(phase: str) -> set[str]:
    """Return the phases that one step can bring a child to: as many transitions as come of one event, which are two."""
    once = {phase, *TRANSITIONS[phase].values()}
    return once | {after for each in once for after in TRANSITIONS[each].values()}


class Phases:
    """A child's phases are what happened to it."""

    def each_has_its_cause(self, now: Moment) -> None:
        for index, (old, new) in enumerate(zip(now.before.children, now.after.children, strict=True)):
            programs = now.plan.children[index].program
            mine = getattr(now.event, "child", None) == index
            if isinstance(now.event, ev.Spawned) and mine:
                assert new.phase == (STARTING if programs else RUNNING)
            elif isinstance(now.event, ev.NotSpawned) and mine:
                self._has_never_run(now, index)
            elif old.phase == STARTING and isinstance(now.event, ev.Inspected) and mine:
                names, reason = now.event.names, now.event.reason
                unknown = not (names or reason or now.event.late)
                itself = unknown or any(each in programs for each in names or ())
                assert (new.phase == RUNNING) == (itself or new.program_below)
                assert not new.program_below or (now.event.below and not itself)
            elif old.phase in RUNS and isinstance(now.event, ev.Exited) and now.event.pid == old.pid:
                tree = now.plan.children[index].tree and not now.before.no_proc
                assert new.phase == LINGERING if tree else new.phase in (LINGERING, EXITED)
            elif old.phase == LINGERING and new.phase == EXITED and now.plan.children[index].tree:
                if isinstance(now.event, ev.Childless):
                    continue
                assert isinstance(now.event, ev.Listed)
                left = {(each.pid, each.start) for each in now.event.processes or () if each.state not in "ZX"}
                assert not left & {(each.pid, each.start) for each in old.members}, "it has not exited yet"
                if len(now.plan.children) == 1:
                    orphans = [
                        each for each in now.event.processes or () if each.parent == ME and each.state not in "ZX"
                    ]
                    assert {each.pid for each in orphans} <= now.before.owners.keys(), "they can be nobody else's"
            else:
                ends = (old.phase in UNSTARTED or old.phase == LINGERING) and new.phase == EXITED
                assert new.phase == old.phase or ends or (old.phase, new.phase) in SPAWNS

    def only_along_the_table_and_never_to_an_older_life(self, now: Moment) -> None:
        for index, (old, new) in enumerate(zip(now.before.children, now.after.children, strict=True)):
            assert new.phase in reached(old.phase), f"{old.phase} to {new.phase}"
            assert new.generation == old.generation + ((old.phase, new.phase) in SPAWNS)
            assert all(each.generation == new.generation for each in now.under_way_after[index]), "of an older life"
        for number in now.commands_after.keys() - now.commands_before.keys():
            run = now.commands_after[number]
            assert run.generation == now.after.children[run.child].generation, "run for an older life"

    def _has_never_run(self, now: Moment, index: int) -> None:
        """Whether that is known at once or late: it is given up or tried again, and nothing of it is left."""
        assert isinstance(now.event, ev.NotSpawned)
        old, new = now.before.children[index], now.after.children[index]
        assert new.phase == (EXITED if now.event.status or now.before.stop else BACKING_OFF)
        assert new.status == (now.event.status or None)
        assert (new.retry_at is not None) == (new.phase == BACKING_OFF)
        assert new.refusals > old.refusals or new.refusals == MOST_ATTEMPTS or new.phase == EXITED
        blank = Child(phase=new.phase, generation=old.generation, refusals=new.refusals)
        assert new == blank.but(retry_at=new.retry_at, status=new.status, since=now.now)
        assert now.event.pid == old.pid
        assert old.pid not in now.after.owners

    def what_may_be_of_a_tree_that_counts_as_ended_is_told(self, now: Moment) -> None:
        """Once, when it does: of several children nobody can tell whose an orphan of no tree and of no group is."""
        told = {each.child: each.text for each in now.effects if isinstance(each, fx.Say) and each.what == "unclaimed"}
        ended: list[int] = []
        pids: list[int] = []
        if isinstance(now.event, ev.Listed):
            both = enumerate(zip(now.before.children, now.after.children, strict=True))
            ended = [index for index, (old, new) in both if (old.phase, new.phase) == (LINGERING, EXITED)]
            known = {*now.before.owners, *(each.pid for child in now.after.children for each in child.members)}
            table = {each.pid: each for each in now.event.processes or ()}
            for index in ended:  # what an action of its own was still for is known to be a child's
                known |= set() if now.plan.children[index].tree else family(table, now.before.children[index])
            rows = [each for each in now.event.processes or () if each.parent == ME and each.state not in "ZX"]
            groups = {child.pid for child in now.after.children}
            pids = sorted(each.pid for each in rows if each.pid not in known and each.group not in groups)
        expected = [index for index in ended if now.plan.children[index].tree and pids and len(now.plan.children) > 1]
        assert sorted(told) == expected
        for text in told.values():
            assert text == named(pids)

    def that_a_tree_goes_on_is_told_where_nobody_ends_it(self, now: Moment) -> None:
        for each in now.effects:
            if isinstance(each, fx.Say) and each.what == "tree-goes-on":
                old, new = now.before.children[each.child], now.after.children[each.child]
                assert now.plan.children[each.child].tree, "its process was all of it"
                assert (old.phase, new.phase) == (LINGERING, LINGERING)
                assert new.told - old.told == {"tree-goes-on"}, "once in each life"
                assert now.before.stop is None, "the stop ends it"
                assert new.back_at is None, "it gets KILL"
                assert each.text == named([one.pid for one in new.members])

    def only_what_more_than_the_process_is_meant_lingers(self, now: Moment) -> None:
        for index, (child, plan) in enumerate(zip(now.after.children, now.plan.children, strict=True)):
            wide = any(
                now.plan.actions[each.action].scope != "process" and each.left for each in now.under_way_after[index]
            )
            assert child.phase != LINGERING or plan.tree or wide


def named(pids: list[int]) -> str:
    """Return what a log line says of these: of many only the first five."""
    return ", ".join([*(f"pid {each}" for each in pids[:5]), *["..."] * (len(pids) > 5)])
