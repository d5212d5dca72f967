"""What can't be read this time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigroute.pid1.engine import effects as fx
from sigroute.pid1.engine import events as ev
from sigroute.pid1.engine.unread import UNREAD

if TYPE_CHECKING:
    from tests.pid1.laws.moment import Moment


class Unread:
    """It says nothing: it is looked at again before anything is decided, and never means that there is no /proc."""

    def __init__(self) -> None:
        self.lists = 0

    def the_processes_are_listed_once_for_all_who_wait(self, now: Moment) -> None:
        """Nobody asks for the list again before it is there."""
        self.lists += sum(isinstance(each, fx.List) for each in now.effects) - isinstance(now.event, ev.Listed)
        assert self.lists in (0, 1)

    def nothing_is_decided_by_what_cannot_be_read(self, now: Moment) -> None:
        match now.event:
            case ev.Inspected(reason=reason, child=index) if reason:
                assert now.after.no_proc == now.before.no_proc
                assert now.after.children[index].phase == now.before.children[index].phase
                if now.before.children[index].read_failures < UNREAD - 1:
                    assert not any(isinstance(each, (fx.Kill, fx.KillOther, fx.Run)) for each in now.effects)
            case ev.Listed(reason=reason) if reason:
                assert now.after.no_proc == now.before.no_proc
                assert not any(isinstance(each, fx.KillOther) for each in now.effects)
                if now.before.listing_failures < UNREAD - 1:
                    assert not any(isinstance(each, (fx.Kill, fx.Run, fx.Exit)) for each in now.effects)
                    assert now.after.relist_at is not None, "nothing will ever be listed"
