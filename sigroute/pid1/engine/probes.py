"""Processes beside the commands of actions: probes, and those that look whether conditions hold (conditions.py)."""

from __future__ import annotations

from sigroute.pid1.engine.effects import Run
from sigroute.pid1.engine.state import CONDITION, PROBE, RunState

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sigroute.pid1.engine.draft import Draft


def start(draft: Draft, index: int, argv: tuple[bytes, ...], timeout: int, file: bytes = b"") -> None:
    """Start a probe of a child.

    :param timeout: the milliseconds that it may take.
    :param file: what it looks for, if it is no command.
    """
    number = draft.next_id()
    generation = draft.children[index].generation
    draft.put_run(number, RunState(child=index, progress=PROBE, generation=generation, due=draft.now + timeout))
    draft.emit(Run(run=number, child=index, argv=argv, file=file, probe=True))


def is_under_way(draft: Draft, index: int) -> bool:
    """Tell whether a probe of a child has not ended: it may have got KILL, and outlive that."""
    return any(run.child == index and run.progress == PROBE for run in draft.state.runs.values())


def counts(draft: Draft, number: int) -> bool:
    """Tell whether the outcome of a probe matters: it is of this life, and was not given up."""
    run = draft.state.runs[number]
    return run.generation == draft.children[run.child].generation and not run.kill_at_list


def abandon(draft: Draft, index: int) -> None:
    """Have such a process of a child killed, if one is under way."""
    for number, run in draft.state.runs.items():
        if run.child == index and run.progress in (PROBE, CONDITION) and not run.kill_at_list:
            draft.put_run(number, run.but(kill_at_list=True))
            draft.list_processes()
