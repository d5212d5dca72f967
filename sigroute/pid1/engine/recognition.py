"""Whether a child runs its program yet: when it is inspected, and what follows from that.

A child with a ``program`` begins in the phase ``starting``: it may be a script that ends in ``exec nginx``. The engine
inspects it when a signal arrives, and every 100 ms while others wait for its program. The way of a signal:

1. It arrives, and goes to the child's inbox (routing.deliver). The effect Inspect asks for the child's names, and for
   the processes below it that have one of the program's names (wrapper.inspect). The event Inspected answers.
2. If the child cannot be inspected this time, the engine tries again. After four failures it decides without
   (unread.py): then the child is still starting, and the log says ``unreadable``.
3. ``recognise`` decides, by the first line that applies:

   ================================================  ===============================  ==================================
   what Inspected says                               the child                        in the log
   ================================================  ===============================  ==================================
   there is no /proc                                 runs its program, as far as one  ``ready``
                                                     can tell
   /proc shows no name of it (hidepid)               likewise                         ``unknown``
   one of its names is the program's                 runs its program                 ``ready``
   a process below it is the program, no helper      runs its program below itself    ``ready-below``
   anything else: another name, a failed read,       is still starting                ``starting``, or for a stop
   an exec that is not through yet                                                    signal ``stop-starting``
   ================================================  ===============================  ==================================

4. Then the engine acts on the signals in the inbox, by the table of the child's present phase.

A held signal waits longer: the engine polls the child every 100 ms (routing.POLL). After the child has become its
program, there are fifty more polls at most, until the child has a handler for that signal.

Why a child may not be recognised:

* The rules have another name. The log line ``starting`` has all names that could be read.
* It stays a wrapper, and its program below it is younger than ten seconds and has no handler yet (wrapper.py).
* A rule holds a signal while the child is starting: then no process below it is considered (``ChildPlan.holds``).

Why a stop may not go by the rules of a child that was recognised: another stop began while the child was starting. It
keeps that one stop action until it exits, and a later stop signal is a repeat of it (action.py).
"""

from __future__ import annotations

from sigroute.pid1.engine import action as actions
from sigroute.pid1.engine import program_names, routing, stop, unread, wrapper
from sigroute.pid1.engine.life import LINGERING, RECOGNISED, RUNNING, STARTING
from sigroute.pid1.names import STANDARD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sigroute.pid1.engine.draft import Draft
    from sigroute.pid1.engine.events import Inspected
    from sigroute.pid1.engine.state import Held, Progress

KILL = STANDARD["KILL"]

#: A server that has only just become its program has no handlers yet, and a held signal would kill it at its first
#: instruction. So a held signal waits until the child has a handler for it, for this many polls at most. A
#: second may be too short where the machine is busy, or the names in nginx's configuration take long to look up.
SETTLE = 50


def on_inspected(draft: Draft, event: Inspected) -> None:
    """Do what waited for this inspection."""
    index = event.child
    if draft.children[index].phase == LINGERING:
        routing.empty_inbox(draft, index, routing.UNSEEN if event.reason else event)
    elif draft.is_alive(index) and not unread.is_unread(draft, index, event.reason):
        take_up(draft, event)


def take_up(draft: Draft, event: Inspected) -> None:
    """Do what waited for this inspection: first actions under way, then held signals, then the inbox."""
    index, itself = event.child, event
    child = draft.children[index]
    if event.names is None and not draft.state.no_proc:
        draft.set(no_proc=True)
        draft.say("blind")
    if child.phase == STARTING:
        recognise(draft, event)
    event = wrapper.of_program(draft, event)
    outlived = wrapper.outlived(draft, index)
    if outlived is not None:
        stop_wrapper(draft, index, outlived, itself)
    for id_ in [each.id for each in draft.children[index].progress]:
        each = draft.progress(index, id_)  # None: an earlier action has cancelled it
        if each is not None and each.awaits_answer:
            actions.send_on(draft, index, each.but(awaits_answer=False))
    if draft.children[index].phase == RUNNING and child.held:
        if child.polls < SETTLE and not all(is_settled(draft, index, each, event) for each in child.held):
            routing.poll_later(draft, index)
            for arrival in draft.children[index].inbox:  # these came later than the held ones, and so wait, too
                stop.notice(draft, index, arrival)
            return
        routing.release(draft, index, event)
    elif child.held:
        routing.poll_later(draft, index)
    routing.empty_inbox(draft, index, event)


def stop_wrapper(draft: Draft, index: int, outlived: Progress, seen: Inspected) -> None:
    """Stop a wrapper that has started its program again after that was stopped: by the table for ``starting``."""
    arrival = outlived.arrival.but(instead=0)
    number = draft.plan.tables[draft.plan.children[index].starting][arrival.sender][arrival.signal]
    draft.change(index, program_below=False)
    draft.forget(index, outlived.id)
    draft.say("restarted", index, arrival.signal)
    routing.do(draft, index, number, arrival, seen)


def recognise(draft: Draft, seen: Inspected) -> None:
    """Move a starting child on once it has become its program, or if nobody can find out whether it has."""
    index, known = seen.child, (*(seen.names or ()), seen.comm)
    inbox = draft.children[index].inbox
    if not (any(known) or seen.reason or seen.late):
        draft.move(index, RECOGNISED)
        draft.say("ready" if seen.names is None else "unknown", index)
    elif program_names.is_program(seen.names or (), seen.comm, draft.plan.children[index].program):
        draft.move(index, RECOGNISED)
        draft.say("ready", index)
    elif wrapper.has_below(draft, seen):
        draft.move(index, RECOGNISED, program_below=True)
        draft.say("ready-below", index, number=seen.below[0].process.pid)
    elif inbox:
        stop = next((each.signal for each in inbox if draft.plan.is_stop(each)), 0)
        what = "stop-starting" if stop else "starting"
        unknown = "sigroute until its exec is through" if seen.late else "unreadable"
        draft.say(what, index, stop, text=", ".join(dict.fromkeys(each for each in known if each)) or unknown)


def is_settled(draft: Draft, index: int, held: Held, seen: Inspected) -> bool:
    """Tell whether the child would survive the first signal that it gets for a held one."""
    steps = draft.action(draft.lookup(index, held.arrival)).steps
    if not steps or steps[0].wait or steps[0].idle:
        return True
    number = steps[0].signal or held.arrival.signal
    return number == KILL or routing.survives(seen, number)
