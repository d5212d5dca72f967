"""From a signal that arrived to the action that applies, child by child.

Two facts about a child must be read from the kernel: whether it has become its program, and which signals it handles.
The engine asks for them (the effect Inspect) only where the answer matters. Until the answer (Inspected) arrives, that
child's signals wait in its inbox, in order.
"""

from __future__ import annotations

from sigroute.pid1.engine import action as actions
from sigroute.pid1.engine import delivery, jobs, stop, wrapper
from sigroute.pid1.engine.effects import NOBODY, Inspect, StopSelf
from sigroute.pid1.engine.events import Inspected
from sigroute.pid1.engine.life import LINGERING, PRESENT, RUNNING, STARTING
from sigroute.pid1.engine.state import Arrival, Held
from sigroute.pid1.names import STANDARD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sigroute.pid1.engine.draft import Draft
    from sigroute.pid1.engine.events import Below, Signal
    from sigroute.pid1.plan import Action

KILL, TERM, STOP = STANDARD["KILL"], STANDARD["TERM"], STANDARD["STOP"]

#: Milliseconds between two inspections of a child for which a signal is held.
POLL = 100

#: Stands for the answer about a child that nobody has inspected.
UNSEEN = Inspected(child=NOBODY, names=(), handled=None)


def on_signal(draft: Draft, event: Signal) -> None:
    """Route a signal to every child, unless the terminal has already sent it to the child."""
    if jobs.is_heard_by_itself(draft, event):
        return
    arrival = Arrival(signal=event.signal, sender=event.sender, value=event.value)
    if draft.plan.is_stop(event) and draft.state.stop is None and starts_stop(draft, arrival):
        stop.begin_stop(draft, arrival, asked=True)
    for index in range(len(draft.children)):
        deliver(draft, index, arrival)


def starts_stop(draft: Draft, arrival: Arrival) -> bool:
    """Tell whether the signal starts the stop, whatever the living children do with it.

    It does so if every child has exited, or if a child that has not started would not drop it.
    """
    waiting = [index for index in range(len(draft.children)) if draft.is_absent(index) and not draft.is_end_task(index)]
    if not waiting:
        return all(draft.has_exited(index) or draft.is_end_task(index) for index in range(len(draft.children)))
    return any(draft.action(draft.lookup(index, arrival)).do != "drop" for index in waiting)


def deliver(draft: Draft, index: int, arrival: Arrival) -> None:
    """Act on a signal for one child, or keep it in the inbox while the child is being read."""
    child = draft.children[index]
    if draft.state.stop is not None and draft.state.stop.over:
        return  # ``grace`` is over: the child has been sent KILL
    if draft.is_end_task(index):
        return
    if draft.is_absent(index) and draft.plan.children[index].task is None:
        draft.say("too-early", index, arrival.signal)
    if child.phase not in PRESENT or child.back_at is not None:
        return
    read = child.phase == STARTING or (child.phase == RUNNING and child.program_below)
    number = draft.lookup(index, arrival)
    guarded = draft.action(number).guard and not draft.has_exited(index)
    if child.inbox or child.held or read or guarded:
        draft.change(index, inbox=(*child.inbox, arrival))
        inspect(draft, index)
    else:
        do(draft, index, number, arrival, UNSEEN)


def inspect(draft: Draft, index: int) -> None:
    """Ask for an inspection of the child, or, if it lingers, for a list of the processes that it has left behind."""
    child = draft.children[index]
    if child.phase != LINGERING:
        wrapper.inspect(draft, index, names=child.phase == STARTING or child.program_below)
        return
    for arrival in child.inbox:
        stop.notice(draft, index, arrival)
    if draft.state.no_proc:
        empty_inbox(draft, index, UNSEEN)
    else:
        draft.list_processes()


def inspect_left(draft: Draft, index: int) -> None:
    """Ask for an inspection of the processes that a child has left behind, if any are known."""
    pids = tuple([each.pid for each in delivery.heirs_of(draft.children[index])])
    if pids and draft.processes is not None:
        draft.emit(Inspect(child=index, pid=draft.children[index].pid, names=False, left=pids))
    else:
        empty_inbox(draft, index, UNSEEN)


def act(draft: Draft, index: int, arrival: Arrival, seen: Inspected) -> None:
    """Do the action that applies to this child and this signal."""
    do(draft, index, draft.lookup(index, arrival), arrival, seen)


def do(draft: Draft, index: int, number: int, arrival: Arrival, seen: Inspected) -> None:
    """Do an action for a signal; the default action does nothing where the signal would kill the child."""
    action = draft.action(number)
    if action.do == "drop":
        draft.say("dropped", index, arrival.signal, action.origin)
        if action.stops_self:
            draft.emit(StopSelf(signal=STOP))
        return
    stop.ask(draft, index, arrival)
    if action.do == "hold":
        hold(draft, index, number, arrival)
        return
    if action.guard and draft.plan.is_stop(arrival):
        arrival = as_handled(draft, index, action, arrival, seen)
    elif action.guard and not survives(seen, arrival.signal):
        draft.say("protected", index, arrival.signal, action.origin)
        return
    actions.begin(draft, index, number, arrival)


def survives(seen: Inspected | Below, signal: int) -> bool:
    """Tell whether a process catches, ignores or blocks a signal; yes, too, if its handlers cannot be read."""
    return seen.handled is None or bool(seen.handled >> (signal - 1) & 1)


def is_term(seen: Inspected | Below, signal: int) -> bool:
    """Tell whether a child should get TERM in place of a stop signal, as it handles TERM but not that signal.

    An image inherits the STOPSIGNAL of its base image, for example systemd's or nginx's. A child that ignores a signal
    does not count as handling it: interactive shells ignore TERM.
    """
    deals = (seen.handled or 0) & ~seen.ignored
    return not deals >> (signal - 1) & 1 and bool(deals >> (TERM - 1) & 1)


def as_handled(draft: Draft, index: int, action: Action, arrival: Arrival, seen: Inspected) -> Arrival:
    """Return the arrival of a stop signal, with TERM in its place where the child handles only that."""
    if not is_term(seen, arrival.signal):
        return arrival
    draft.say("as-term", index, arrival.signal, action.origin)
    return arrival.but(instead=TERM, value=None)


def hold(draft: Draft, index: int, number: int, arrival: Arrival) -> None:
    """Keep a signal until the child runs its program; a second one of the same number is not kept."""
    child = draft.children[index]
    action = draft.action(number)
    if any(each.arrival.signal == arrival.signal for each in child.held):
        draft.say("held-already", index, arrival.signal, action.origin)
        return
    due = None if action.hold is None else draft.now + action.hold
    held = Held(arrival=arrival, action=number, due=due)
    draft.change(index, held=(*child.held, held))
    poll_later(draft, index)
    draft.say("held", index, arrival.signal, action.origin)


def hold_over(draft: Draft, index: int) -> None:
    """Do ``else`` for the signals whose time limit is over."""
    child = draft.children[index]
    if child.phase == RUNNING:  # it has become its program, but has no handler yet
        release(draft, index, UNSEEN)
        empty_inbox(draft, index, UNSEEN)
        return
    late = [each for each in child.held if each.due is not None and each.due <= draft.now]
    kept = tuple([each for each in child.held if each not in late])
    draft.change(index, held=kept, poll_at=child.poll_at if kept else None)
    for each in late:
        draft.say("hold-over", index, each.arrival.signal, draft.action(each.action).origin)
        actions.begin(draft, index, each.action, each.arrival)


def poll_later(draft: Draft, index: int) -> None:
    """Set the time of the next poll, unless it is set: an inspection for a new signal does not put it off."""
    child = draft.children[index]
    if child.poll_at is None:
        draft.change(index, poll_at=draft.now + POLL, polls=child.polls + (child.phase == RUNNING))


def release(draft: Draft, index: int, seen: Inspected) -> None:
    """Act on the held signals as if they arrived now."""
    held = draft.children[index].held
    draft.change(index, held=(), poll_at=None)
    for each in held:
        act(draft, index, each.arrival, seen)


def empty_inbox(draft: Draft, index: int, seen: Inspected) -> None:
    """Act on the signals that arrived while the child was being inspected."""
    inbox = draft.children[index].inbox
    draft.change(index, inbox=())
    for arrival in inbox:
        act(draft, index, arrival, seen)
