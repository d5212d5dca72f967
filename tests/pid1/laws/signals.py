"""What becomes of a signal that has arrived, and what is sent of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigroute.pid1.engine import effects as fx
from sigroute.pid1.engine import events as ev
from sigroute.pid1.engine.life import UNSTARTED
from sigroute.pid1.engine.requests import Requested
from sigroute.pid1.plan import FORWARD
from tests.pid1.laws.rules import signals_of
from tests.pid1.world import CONT, KILL

if TYPE_CHECKING:
    from tests.pid1.laws.moment import Moment

#: What sends by no entry of the rules.
OWN = ("grace", "drain", "run", "terminal")

#: What is sent past the rules, as somebody asks for it.
RAW = "send --raw"


class Signals:
    """1, 3, 4: no signal is lost, and none is sent that nobody has written, or to somebody unseen."""

    def __init__(self) -> None:
        self.listed: set[tuple[int, int]] = set()

    def no_signal_is_lost(self, now: Moment) -> None:
        """1: every child that runs gets it, or it is told why not, or it is kept and can be seen."""
        if isinstance(now.event, ev.Signal):
            for index, child in enumerate(now.after.children):
                assert child.phase not in UNSTARTED or now.said(index), "it vanishes"
        for index, old, new in now.living():
            if now.over:
                continue
            arrived = [each.signal for each in (*old.inbox, *now.held_before(index))]
            arrived += [now.event.signal] if isinstance(now.event, ev.Signal) else []
            asked = isinstance(now.event, Requested) and now.event.what == "send" and index in now.event.children
            arrived += [now.event.signal] if isinstance(now.event, Requested) and asked else []
            kept = [*new.inbox, *now.held_after(index), *(each.arrival for each in now.under_way_after[index])]
            told = [each for each in now.effects if isinstance(each, (fx.Kill, fx.KillOther, fx.Run, fx.Say))]
            said = [each.signal for each in told if isinstance(each, fx.Say) and each.child == index]
            done = any(not isinstance(each, fx.Say) and each.child == index for each in told)
            lost = {*arrived} - {each.signal for each in kept} - {*said}
            assert done or not lost, f"c{index}: {lost} is lost"
            assert len(new.inbox) in (0, len(old.inbox), len(old.inbox) + 1), "part of an inbox is lost"

    def only_what_was_seen_is_signalled(self, now: Moment) -> None:
        """3: by pid only what is ours and unreaped (World.kill_own), else by pid and start as listed."""
        if isinstance(now.event, ev.Listed):
            self.listed |= {(process.pid, process.start) for process in now.event.processes or ()}
        if isinstance(now.event, ev.Inspected):
            self.listed |= {(each.process.pid, each.process.start) for each in now.event.below}
        for effect in now.effects:
            if isinstance(effect, fx.KillOther):
                assert (effect.pid, effect.process.start) in self.listed

    def only_what_is_written_is_sent(self, now: Moment) -> None:
        """4: a signal is a step of the entry it names, or what arrived, or the CONT a stopped process needs."""
        entries = {each.origin: each for each in now.plan.actions}
        for effect in now.effects:
            if not isinstance(effect, (fx.Kill, fx.KillOther)):
                continue
            if effect.origin == RAW:  # which laws/requests.py is about
                continue
            if effect.origin in OWN:
                farewell = 0 if now.plan.drain is None else now.plan.drain.signal
                assert effect.signal in (KILL, farewell, CONT)
                continue
            written = signals_of(entries[effect.origin])
            assert effect.signal in written or FORWARD in written or effect.signal == CONT, effect
            assert effect.signal != KILL or KILL in written, "nobody wrote KILL"
