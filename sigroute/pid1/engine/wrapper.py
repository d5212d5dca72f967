"""A child that stays a wrapper, with its program below it: under npm, su, apachectl, a shell that does not exec.

Then the topmost processes of the program stand for the child: they get its signals, and their handlers count.

A process below an entrypoint script may be a mere helper, although it runs the same program. One kind is ``nginx -t``:
it has no handler for the signals that the rules send, or it ends soon. Another kind is the server that initdb starts:
there the rules hold a stop until the child itself has become its program, and nothing below it is considered.
"""

from __future__ import annotations

from sigroute.pid1.engine import program_names
from sigroute.pid1.engine.effects import Inspect

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sigroute.pid1.engine.draft import Draft
    from sigroute.pid1.engine.events import Below, Inspected
    from sigroute.pid1.engine.state import Arrival, Progress
    from sigroute.pid1.plan import Action

#: A process that has run for so many milliseconds is no helper.
LASTS = 10_000

#: Milliseconds between two inspections that find out whether the wrapper has started its program again after a stop.
AGAIN = 1000


def inspect(draft: Draft, index: int, *, names: bool) -> None:
    """Ask for an inspection of a child; if its names are asked for, of the processes below it, too.

    If the rules hold a signal while the child is starting, the processes below it are left out: only the child itself
    can become its program. A stop of the server that initdb starts would leave half a database.
    """
    child = draft.plan.children[index]
    programs = child.program if names and not child.holds else ()
    draft.emit(Inspect(child=index, pid=draft.children[index].pid, names=names, programs=programs))


def has_below(draft: Draft, seen: Inspected) -> bool:
    """Tell whether a child's program runs below it, and does not look like a helper."""
    return any(is_lasting(draft, seen.child, each) for each in seen.below)


def is_lasting(draft: Draft, index: int, below: Below) -> bool:
    """Tell whether a process has run for long, or has a handler for a signal that it would get."""
    return below.age >= LASTS or any(takes(draft, index, each, below) for each in draft.children[index].inbox)


def takes(draft: Draft, index: int, arrival: Arrival, below: Below) -> bool:
    """Tell whether a process has a handler for any signal that the rules of the running child send it at once."""
    table = draft.plan.tables[draft.plan.children[index].running]
    signals = at_once(draft.action(table[arrival.sender][arrival.signal]), arrival) or (arrival.signal,)
    return any((below.handled or 0) >> (number - 1) & 1 for number in signals)


def at_once(action: Action, arrival: Arrival) -> tuple[int, ...]:
    """Return the signals that an action sends in one go, up to its next wait; a wait at its beginning is skipped."""
    later = next((number for number, step in enumerate(action.steps) if number and (step.wait or step.idle)), None)
    return tuple([step.signal or arrival.signal for step in action.steps[:later]])


def poll_program(draft: Draft, index: int) -> None:
    """Set the time to inspect the child again, to see what has become of the program that was stopped."""
    if draft.children[index].poll_at is None:
        draft.change(index, poll_at=draft.now + AGAIN)


def outlived(draft: Draft, index: int) -> Progress | None:
    """Return the stop action that a wrapper has outlived: its program was stopped, and it has started another one.

    Such a wrapper (a supervisor, a loop in a shell) would start one program after the other, so it must end itself.
    A wrapper that has started no other one may still have work to do after its program, so it is inspected again.
    """
    child = draft.children[index]
    now = [each.process for each in draft.programs.get(index, ())]
    for each in child.progress if child.program_below else ():
        if each.told_program and not each.steps:
            if now and not {(old.pid, old.start) for old in each.told_program} & {(new.pid, new.start) for new in now}:
                return each
            poll_program(draft, index)
    return None


def of_program(draft: Draft, seen: Inspected) -> Inspected:
    """Return the inspection of a child, with the handlers of its program in place of its own if that runs below it.

    A signal counts as handled if all processes of the program handle it, and as ignored if one of them ignores it.
    """
    if not draft.children[seen.child].program_below:
        return seen
    if program_names.is_program(seen.names or (), seen.comm, draft.plan.children[seen.child].program):
        draft.change(seen.child, program_below=False)  # it was a helper: now the child itself has become it
        return seen
    draft.programs[seen.child] = seen.below
    if not seen.below:
        return seen
    survived, ignored = in_common([(each.handled, each.ignored) for each in seen.below])
    return seen.but(handled=survived, ignored=ignored)


def in_common(masks: list[tuple[int | None, int]]) -> tuple[int | None, int]:
    """Return the signals that all processes handle (None if one can't be read), and those that any of them ignores.

    :param masks: for each process the signals that it handles and that it ignores, as in Inspected.
    """
    survived, ignored = masks[0]
    for more, less in masks[1:]:
        survived = None if survived is None or more is None else survived & more
        ignored |= less
    return survived, ignored
