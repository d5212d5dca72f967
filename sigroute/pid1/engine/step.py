"""The engine: what happens next, as a function of what is, what happened, and when.

``step(plan, state, event, now) -> (state, effects)`` reads no clock, makes no system call and
raises nothing. All that can happen is an Event, all that sigroute does is an Effect, and the
failures of effects come back as events. So a run can be tested with a clock that is a number,
explained before it happens, and replayed afterwards.

The theory, in the order of a container's life:

* A child lives by one table of phases, from ``waiting`` to ``exited`` (life.py). What happens to it
  comes from starts and exits (lifecycle.py), from what is read of it (routing.py) and of its tree
  (listing.py).
* A signal is looked up in the table of the child's phase and becomes an action (routing.py).
* An action waits for others (``after``), runs a command (``run``) and sends (``send``), in that
  order (action.py), to all that it is for (delivery.py). A child has at most one stop action.
* The first stop signal that some child does not drop begins the stop; when all have exited, what
  they left behind is drained, and sigroute ends (stop.py).

Deadlines are part of the state, and ``wake`` derives the next one. Where it is None, nothing is
to be done until something happens: no ticks.
"""

from __future__ import annotations

from sigroute.pid1.engine import action as actions
from sigroute.pid1.engine import jobs, lifecycle, listing, routing, stop
from sigroute.pid1.engine.draft import Draft
from sigroute.pid1.engine.events import (
    Begin,
    Childless,
    Continued,
    EngineFailed,
    Exited,
    Inspected,
    JobInspected,
    Listed,
    NotReaped,
    NotSent,
    NotSpawned,
    Resumed,
    RunNotStarted,
    RunStarted,
    Signal,
    Spawned,
    Stopped,
    Tick,
)
from sigroute.pid1.engine.life import LINGERING
from sigroute.pid1.engine.state import AFTER, Arrival
from sigroute.pid1.names import STANDARD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from sigroute.pid1.engine.effects import Effect
    from sigroute.pid1.engine.events import Event
    from sigroute.pid1.engine.state import State
    from sigroute.pid1.plan import Plan


TERM = STANDARD["TERM"]


def step(plan: Plan, state: State, event: Event, now: int) -> tuple[State, list[Effect]]:
    """Return the state after an event, and what is to be done, in order.

    ``now`` is in milliseconds of a clock that never goes back.
    """
    draft = Draft(plan, state, now)
    if not state.ended:  # after the end nothing changes
        HANDLERS[type(event)](draft, event)
        settle(draft)
    return draft.finish(), draft.effects


def wake(state: State) -> int | None:
    """Return when ``Tick`` is due, in the milliseconds of ``now``; None: not before something happens."""
    dues = [run.due for run in state.runs.values() if not run.to_kill]
    for index in state.busy:
        child = state.children[index]
        dues += [due for due in (child.retry_at, child.look_at) if due is not None]
        dues += [each.due for each in child.held if each.due is not None]
        dues += [due for each in child.progress if not each.awaits_look and (due := actions.next_due(each)) is not None]
    if state.stop is None and state.next_untried < len(state.children):
        dues.append(0)
    ends = [part.due for part in (state.stop, state.drain) if part is not None]
    dues += [due for due in (state.relist_at, *ends) if due is not None]
    return min(dues) if dues else None


def on_begin(draft: Draft, event: Begin) -> None:
    """Say what there is to say of the start, and start the first child; the others follow with the ticks."""
    for text in event.notes:
        draft.say("note", text=text)
    lifecycle.spawn_next(draft)


def on_engine_failed(_draft: Draft, _event: EngineFailed) -> None:
    """Do nothing: whoever reads a journal up to here has seen all that the engine did."""


def on_tick(draft: Draft, _event: Tick) -> None:
    """Do all that is due, children in their order, the end of the stop last."""
    now = draft.now
    lifecycle.spawn_next(draft)
    for number, run in list(draft.state.runs.items()):
        if run.due <= now and not run.to_kill:
            lifecycle.run_over(draft, number)
    for index in sorted(draft.before.busy):
        child_tick(draft, index)
    if draft.state.relist_at is not None and draft.state.relist_at <= now:
        draft.look_again()
    if draft.state.stop is not None and draft.state.stop.due is not None and draft.state.stop.due <= now:
        stop.grace_over(draft)
    elif draft.state.drain is not None and draft.state.drain.due is not None and draft.state.drain.due <= now:
        draft.set(drain=draft.state.drain.but(killing=True, due=None))
        draft.look()


def child_tick(draft: Draft, index: int) -> None:
    """Do what is due for a child."""
    for id_ in [each.id for each in draft.children[index].progress]:
        each = draft.progress(index, id_)  # one before it may have cancelled it
        if each is None or each.awaits_look:
            continue
        if each.due is not None and each.due <= draft.now:
            actions.send_on(draft, index, each)
        elif each.list_at is not None and each.list_at <= draft.now:
            draft.put(index, each.but(list_at=None, listed=True))
            draft.look()
    if any(each.due is not None and each.due <= draft.now for each in draft.children[index].held):
        routing.hold_over(draft, index)
    child = draft.children[index]
    if child.look_at is not None and child.look_at <= draft.now:
        draft.change(index, look_at=None)
        routing.inspect(draft, index)


def settle(draft: Draft) -> None:
    """Draw the conclusions: actions whose ``after`` has come, the end of the container, the drain."""
    began = draft.state.stop is not draft.before.stop
    if not draft.touched and not began:
        return
    exits = draft.exits()
    if exits:
        for index in sorted(draft.before.busy | draft.touched):
            for each in draft.children[index].progress:
                if each.stage == AFTER:
                    actions.advance(draft, index, each)
        if draft.state.stop is None and when_is_met(draft):
            draft.set(ended_by=exits[0])
            stop_unasked(draft)
    for index in sorted(draft.touched):
        if draft.children[index].phase == LINGERING and not listing.is_waited_for(draft, index):
            listing.gone(draft, index)
    stopping = draft.state.stop is not None and draft.state.drain is None and not draft.state.ended
    if stopping and draft.exited() == len(draft.children):
        stop.begin_drain(draft)


def when_is_met(draft: Draft) -> bool:
    """Tell whether the container ends by itself, now that a child has exited."""
    when = draft.plan.when
    if isinstance(when, int):
        return draft.has_exited(when)
    if when == "any":
        return True
    left = [index for index in draft.before.busy | draft.touched if draft.children[index].phase == LINGERING]
    return draft.exited() + sum(draft.has_exited(index) for index in left) == len(draft.children)


def stop_unasked(draft: Draft) -> None:
    """Begin the stop as if a signal had asked for it."""
    stop_signals = draft.plan.stop_signals or {TERM}
    arrival = Arrival(signal=TERM if TERM in stop_signals else min(stop_signals), sender="sigroute")
    stop.begin_stop(draft, arrival, asked=False)
    for index in range(len(draft.children)):
        routing.deliver(draft, index, arrival)


HANDLERS: dict[type[Event], Callable[[Draft, Any], None]] = {
    Begin: on_begin,
    EngineFailed: on_engine_failed,
    Tick: on_tick,
    Signal: routing.on_signal,
    Spawned: lifecycle.on_spawned,
    NotSpawned: lifecycle.on_not_spawned,
    RunStarted: lifecycle.on_run_started,
    RunNotStarted: lifecycle.on_run_not_started,
    Exited: lifecycle.on_exited,
    Stopped: jobs.on_stopped,
    Continued: jobs.on_continued,
    JobInspected: jobs.on_job_inspected,
    Resumed: jobs.on_resumed,
    Childless: lifecycle.on_childless,
    Inspected: routing.on_inspected,
    Listed: listing.on_listed,
    NotSent: lifecycle.on_not_sent,
    NotReaped: lifecycle.on_not_reaped,
}
"""What each kind of event does; a test holds that none is missing."""
