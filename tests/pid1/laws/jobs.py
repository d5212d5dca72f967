"""Children that are stopped, and sigroute with them: by what the kernel tells of the terminal, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigroute.pid1.engine import effects as fx
from sigroute.pid1.engine import events as ev
from sigroute.pid1.engine.life import STARTING
from tests.pid1.laws.rules import RUNS
from tests.pid1.world import CONT

if TYPE_CHECKING:
    from tests.pid1.laws.moment import Moment

STOP, TSTP, TTIN, TTOU = 19, 20, 21, 22
ASKS = (TTIN, TTOU)


class Jobs:
    """A terminal's signals stop a child; then sigroute follows, and both go on."""

    def a_child_that_has_stopped_is_looked_into(self, now: Moment) -> None:
        """The child whose terminal it is, the last that ran, whoever asks for the terminal, and after a Ctrl-Z.

        But not one that a stop wakes at once, and nobody once ``grace`` is over.
        """
        asked = [each for each in now.effects if isinstance(each, fx.InspectJob)]
        if not isinstance(now.event, ev.Stopped):
            assert not asked
            return
        owner = now.before.owner(now.event.pid)
        if owner is None or owner.run:
            assert not asked
            return
        index = owner.child
        asks = now.event.signal in ASKS
        woken = any(isinstance(each, fx.Kill) for each in now.effects)
        looks = not woken and not now.over and (self._follows(now, index, now.event.signal) or now.event.signal == TSTP)
        assert [each.child for each in asked] == ([index] if looks else [])
        refused = asks and not self._may(now, index) and not woken and not now.over
        assert ("not-lent" in now.said(index)) == refused

    def what_becomes_of_it_depends_on_the_terminal_and_the_shell(self, now: Moment) -> None:
        done = [each for each in now.effects if isinstance(each, (fx.Lend, fx.StopSelf))]
        if not isinstance(now.event, ev.JobInspected):
            assert not any(isinstance(each, fx.StopSelf) and each.child != fx.NOBODY for each in done)
            return
        index, signal, job = now.event.child, now.event.signal, now.event.job
        child = now.before.children[index]
        free = job.foreground == ev.OURS or (job.foreground == ev.GONE and not job.shell)
        asks = signal in ASKS and self._may(now, index)
        shared = any(each.shares for each in now.before.children)
        followed = job.shell or (shared and signal != STOP)
        goes_on = False
        if not job.terminal:
            expected: list[fx.Effect] = []
        elif asks and job.foreground == ev.CHILDS:
            expected, goes_on = [], True
        elif asks and free:
            expected = [fx.Lend(child=index, pid=child.pid, signal=signal)]
        elif signal == STOP and not now.event.by_itself:
            expected = []
        elif followed and self._follows(now, index, signal):
            expected = [fx.StopSelf(child=index, pid=child.pid, signal=signal)]
        else:
            expected, goes_on = [], signal == TSTP and not (job.shell or shared)
        assert done == expected
        self._go_on(now, index if goes_on else None)

    def who_was_stopped_goes_on_with_sigroute(self, now: Moment) -> None:
        """But one in its own process group: who has continued that has continued it."""
        if not isinstance(now.event, ev.Resumed):
            return
        index, job = now.event.child, now.event.job
        free = job.foreground == ev.OURS or (job.foreground == ev.GONE and not job.shell)
        lent = [each.child for each in now.effects if isinstance(each, fx.Lend)]
        mine = now.plan.children[index].terminal and free and not now.event.shares
        assert lent == ([index] if mine else [])
        self._go_on(now, None if now.event.shares else index)

    def what_the_terminal_has_sent_to_the_child_is_not_routed(self, now: Moment) -> None:
        """It is passed on once where it came before the child was in sigroute's process group."""
        if not isinstance(now.event, ev.Signal):
            return
        number, typed = now.event.signal, now.event.sender == "tty"
        hearing = [index for index, each in enumerate(now.before.children) if typed and number in each.hears]
        if hearing:
            sent = [each for each in now.effects if isinstance(each, fx.Kill)]
            assert len(sent) == len(now.effects)
            missed = [
                index
                for index in hearing
                if number in now.before.children[index].missed and now.before.children[index].phase in RUNS
            ]
            assert [(each.child, each.signal, each.group) for each in sent] == [
                (each, number, False) for each in missed
            ]
        for old, new in zip(now.before.children, now.after.children, strict=True):
            assert new.missed == old.missed - {number}

    def _may(self, now: Moment, index: int) -> bool:
        return now.plan.children[index].terminal or now.before.children[index].phase == STARTING

    def _follows(self, now: Moment, index: int, signal: int) -> bool:
        running = [child for child in now.after.children if child.phase in RUNS]
        return signal in ASKS or self._may(now, index) or all(child.stopped for child in running)

    def _go_on(self, now: Moment, index: int | None) -> None:
        """That child and whatever has stopped meanwhile gets CONT, each with its process group; else nobody."""
        kills = [each for each in now.effects if isinstance(each, fx.Kill)]
        assert all(each.group and each.signal == CONT for each in kills)
        stopped = {
            number
            for number, child in enumerate(now.before.children)
            if child.phase in RUNS and (child.stopped or number == index)
        }
        assert {each.child for each in kills} == (stopped if index is not None else set())
