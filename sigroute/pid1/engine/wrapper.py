"""A child that stays a wrapper, with its program below it: under npm, su, apachectl, a shell that does not exec.

Its program's topmost processes stand for it then: they get its signals, and what they handle counts. But what runs
below an entrypoint script may be a helper: ``nginx -t``, the server that initdb starts. The first has no handler for
what the rules send, or does not last; of the second the rules know: they hold the stop until the child itself is ready.
"""

from __future__ import annotations

from sigroute.pid1.engine.effects import Inspect
from sigroute.pid1.engine.events import in_common
from sigroute.pid1.engine.programs import is_program

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sigroute.pid1.engine.draft import Draft
    from sigroute.pid1.engine.events import Below, Inspected
    from sigroute.pid1.engine.state import Arrival, Progress
    from sigroute.pid1.plan import Action

#: Who has run for so many milliseconds is no helper.
LASTS = 10_000

#: After so many milliseconds, again and again, it is looked whether a program that was stopped has been started anew.
AGAIN = 1000


def inspect(draft: Draft, index: int, *, names: bool) -> None:
    """Have a child read, and with its names what is below it.

    Who holds a signal while the child is starting waits for the child itself: half a database must not be stopped.
    """
    child = draft.plan.children[index]
    programs = child.program if names and not child.holds else ()
    draft.emit(Inspect(child=index, pid=draft.children[index].pid, names=names, programs=programs))


def has_below(draft: Draft, seen: Inspected) -> bool:
    """Tell whether a child's program runs below it, and is no helper as far as that can be told."""
    return any(is_lasting(draft, seen.child, each) for each in seen.below)


def is_lasting(draft: Draft, index: int, below: Below) -> bool:
    """Tell whether a process has run for long, or has a handler for what it would get."""
    return below.age >= LASTS or any(takes(draft, index, each, below) for each in draft.children[index].inbox)


def takes(draft: Draft, index: int, arrival: Arrival, below: Below) -> bool:
    """Tell whether a process has a handler for any of what it gets at once for a signal, once the child is ready."""
    table = draft.plan.tables[draft.plan.children[index].running]
    signals = at_once(draft.action(table[arrival.sender][arrival.signal]), arrival) or (arrival.signal,)
    return any((below.handled or 0) >> (number - 1) & 1 for number in signals)


def at_once(action: Action, arrival: Arrival) -> tuple[int, ...]:
    """Return what is sent for a signal in one go: up to the second wait, as a first one only puts it off."""
    later = next((number for number, step in enumerate(action.steps) if number and step.wait), None)
    return tuple([step.signal or arrival.signal for step in action.steps[:later]])


def look_later(draft: Draft, index: int) -> None:
    """Look in a while what has become of the program that a stop was for."""
    if draft.children[index].look_at is None:
        draft.change(index, look_at=draft.now + AGAIN)


def outlived(draft: Draft, index: int) -> Progress | None:
    """Return the stop that went to the program below a child, where that has ended since, and the child has another.

    Such a child (a supervisor, a shell's loop) would start one after the other: it is the child that has to end. Where
    there is no other the child may still have to do what comes after its program.
    """
    child = draft.children[index]
    now = [each.process for each in draft.programs.get(index, ())]
    for each in child.progress if child.program_below else ():
        if each.told_program and not each.steps:
            if now and not {(old.pid, old.start) for old in each.told_program} & {(new.pid, new.start) for new in now}:
                return each
            look_later(draft, index)
    return None


def of_program(draft: Draft, seen: Inspected) -> Inspected:
    """Return what was read of a child as what was read of its program, where that is below it.

    What all of its processes handle is handled, what one of them ignores is ignored.
    """
    if not draft.children[seen.child].program_below:
        return seen
    if is_program(seen.names or (), seen.comm, draft.plan.children[seen.child].program):
        draft.change(seen.child, program_below=False)  # it was a helper: now the child itself has become it
        return seen
    draft.programs[seen.child] = seen.below
    if not seen.below:
        return seen
    survived, ignored = in_common([(each.handled, each.ignored) for each in seen.below])
    return seen.but(handled=survived, ignored=ignored)
