"""Which processes of a list are none of the engine's."""

from __future__ import annotations

from sigroute.pid1.engine.events import Process
from sigroute.pid1.kernel.further_starts import strangers


def test_whoever_has_the_pid_of_a_withheld_task_is_hidden_with_all_below() -> None:
    lines = [(7, 5), (5, 3), (3, 1), (8, 7), (4, 1), (9, 4)]
    processes = tuple(
        [Process(pid=pid, parent=parent, group=1, session=1, state="S", start=0) for pid, parent in lines]
    )
    assert strangers(frozenset((5,)), processes) == {5, 7, 8}
    assert strangers(frozenset(), processes) == set()
