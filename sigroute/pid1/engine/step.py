"""The engine: one function that decides what happens next.

``step(plan, state, event, now) -> (state, effects)`` reads no clock, makes no system call and
raises nothing. Everything that can happen is an Event, and everything that sigroute does is an
Effect. If an effect fails, an event says so. So a test can use a number as its clock, and a run
can be explained before it happens and replayed afterwards.

The theory, in the order of a container's life:

* One table moves a child from phase to phase, from ``waiting`` to ``exited`` (life.py). A move
  follows a start or an exit (children.py), an inspection of the child (recognition.py), or a list of
  its tree (listing.py).
* The table for the child's phase maps a signal to an action (routing.py).
* An action waits for other children (``after``), runs a command (``run``) and sends signals
  (``send``), in that order (action.py). delivery.py finds the processes that get them. A child has
  at most one stop action.
* The first stop signal that some child does not drop begins the stop. When all children have
  exited, sigroute drains the processes that they left behind, and ends (stop.py).

Deadlines are part of the state, and ``wake`` derives the next one. If there is none, the engine
sleeps until an event comes: there are no periodic ticks.
"""

from __future__ import annotations

from sigroute.pid1.engine import action as actions
from sigroute.pid1.engine import children, jobs, listing, many, recognition, routing, stop
from sigroute.pid1.engine.draft import Draft
from sigroute.pid1.engine.events import (
    Begin,
    Childless,
    Continued,
    EngineFailed,
    Exited,
    HelperEnded,
    Inspected,
    JobInspected,
    Listed,
    Looked,
    Notified,
    NotReaped,
    NotSent,
    NotSpawned,
    Probed,
    Resumed,
    RunNotStarted,
    RunStarted,
    Signal,
    Spawned,
    Stirred,
    Stopped,
    Tick,
    Unheard,
)
from sigroute.pid1.engine.life import LINGERING
from sigroute.pid1.engine.state import AFTER, dues_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from sigroute.pid1.engine.effects import Effect
    from sigroute.pid1.engine.events import Event
    from sigroute.pid1.engine.state import State
    from sigroute.pid1.plan import Plan


def step(plan: Plan, state: State, event: Event, now: int) -> tuple[State, list[Effect]]:
    """Return the state after an event, and the effects to perform, in order.

    :param now: milliseconds of a clock that never goes back.
    """
    draft = Draft(plan, state, now)
    if not state.ended:  # nothing changes after the end
        HANDLERS[type(event)](draft, event)
        settle(draft)
    return draft.finish(), draft.effects


def wake(state: State) -> int | None:
    """Return when the next ``Tick`` is due, in the milliseconds of ``now``; None: there is no deadline."""
    dues = [run.due for run in state.runs.values() if run.due is not None and not run.kill_at_list]
    for index in state.busy:
        child = state.children[index]
        dues += [due for due in dues_of(child) if due is not None]
        dues += [each.due for each in child.held if each.due is not None]
        dues += [
            due for each in child.progress if not each.awaits_answer and (due := actions.next_due(each)) is not None
        ]
    if state.stop is None and state.next_untried < len(state.children):
        dues.append(0)
    ends = [part.due for part in (state.stop, state.drain) if part is not None]
    tell_at = None if state.stop is None else state.stop.tell_at
    dues += [due for due in (state.relist_at, tell_at, *ends) if due is not None]
    return min(dues) if dues else None


def on_begin(draft: Draft, event: Begin) -> None:
    """Log the notes about the start, and start the first child; the others follow with the ticks."""
    for text in event.notes:
        draft.say("note", text=text)
    children.spawn_next(draft)


def on_engine_failed(_draft: Draft, _event: EngineFailed) -> None:
    """Do nothing: the fallback acts from here on. The event marks that point in a journal."""


def on_inspected(draft: Draft, event: Inspected) -> None:
    """Recognise the child's program. The static executable loads that module at its first use, as the next one."""
    recognition.on_inspected(draft, event)


def on_listed(draft: Draft, event: Listed) -> None:
    """Use the list of processes."""
    listing.on_listed(draft, event)


def on_tick(draft: Draft, _event: Tick) -> None:
    """Do everything that is due: for the children in their order, then one start; ``grace`` and the drain last."""
    now = draft.now
    for number, run in list(draft.state.runs.items()):
        if run.due is not None and run.due <= now and not run.kill_at_list:
            children.run_over(draft, number)
    for index in sorted(draft.before.busy):
        child_tick(draft, index)
    children.spawn_next(draft)
    if draft.plan.is_accounted():
        many.account.tick(draft)
    if draft.state.relist_at is not None and draft.state.relist_at <= now:
        draft.list_again()
    if draft.state.stop is not None and draft.state.stop.due is not None and draft.state.stop.due <= now:
        stop.grace_over(draft)
    elif draft.state.drain is not None and draft.state.drain.due is not None and draft.state.drain.due <= now:
        draft.set(drain=draft.state.drain.but(killing=True, due=None))
        draft.list_processes()


def child_tick(draft: Draft, index: int) -> None:
    """Do everything that is due for a child."""
    for id_ in [each.id for each in draft.children[index].progress]:
        each = draft.progress(index, id_)  # None: an earlier action has cancelled it
        if each is None or each.awaits_answer:
            continue
        if each.due is not None and each.due <= draft.now:
            actions.send_on(draft, index, each)
        elif each.look_at is not None and each.look_at <= draft.now:
            actions.look(draft, index, each)
    if any(each.due is not None and each.due <= draft.now for each in draft.children[index].held):
        routing.hold_over(draft, index)
    if draft.plan.many:
        many.tasks.tick(draft, index)
        many.readiness.tick(draft, index)
        many.health.tick(draft, index)
        many.watches.tick(draft, index)
    child = draft.children[index]
    if child.poll_at is not None and child.poll_at <= draft.now:
        draft.change(index, poll_at=None)
        if child.back_at is not None:
            many.restart.outlived(draft, index)
        else:
            routing.inspect(draft, index)


def settle(draft: Draft) -> None:
    """Do what follows from exits: continue actions that wait in ``after``, begin the stop, begin the drain."""
    began = draft.state.stop is not draft.before.stop
    if not draft.touched and not began:
        return
    if draft.plan.many:
        many.readiness.settle(draft)
        many.health.settle(draft)
        many.watches.settle(draft)
        stop_unasked(draft, draft.state.failed_task)
        many.order.release(draft)
    if draft.state.requests or any(draft.children[index].asked for index in draft.touched):
        many.requests.settle(draft)
    exits = draft.exits()
    if exits:
        advance_all(draft)
        if draft.plan.is_accounted():
            many.account.exited(draft, exits)
        end_if_due(draft, exits)
    for index in sorted(draft.touched):
        if draft.children[index].phase == LINGERING and not listing.is_waited_for(draft, index):
            listing.gone(draft, index)
    stopping = draft.state.stop is not None and draft.state.drain is None and not draft.state.ended
    if stopping and draft.plan.tasks:
        many.tasks.start_at_end(draft)
    if stopping and draft.exited() == len(draft.children):
        stop.begin_drain(draft)


def advance_all(draft: Draft) -> None:
    """Continue the actions that have waited for these exits."""
    for index in sorted(draft.before.busy | draft.touched):
        for each in draft.children[index].progress:
            if each.stage == AFTER:
                actions.advance(draft, index, each)


def end_if_due(draft: Draft, exits: list[int]) -> None:
    """Begin the stop if one of these exits ends the container, or if nobody is left whose exit could."""
    stop_unasked(draft, who_ends(draft, exits))
    if draft.plan.many and many.conditions.nobody_is_left(draft):
        begin_unasked(draft)


def who_ends(draft: Draft, exits: list[int]) -> int | None:
    """Return the child whose exit ends the container, of those that have just exited; None: it goes on."""
    when = draft.plan.when
    exits = [index for index in exits if not draft.children[index].asked]
    if not exits:
        return None
    mine = [index for index in exits if draft.may_end_all(index)]
    if isinstance(when, tuple):
        return next((index for index in mine if index in when), None)
    if not mine and draft.plan.tasks and many.tasks.are_all_done(draft):
        return exits[0]
    if when == "all":
        if not mine:  # the last one that was waited for may be left out
            able = [index for index, child in enumerate(draft.children) if not child.asked]
            mine = [index for index in able if draft.may_end_all(index)][-1:]
        return mine[0] if mine and have_all_exited(draft) else None
    return mine[0] if mine else None


def have_all_exited(draft: Draft) -> bool:
    """Tell whether every child has exited, whatever the tasks do."""
    left = [index for index in draft.before.busy | draft.touched if draft.children[index].phase == LINGERING]
    done = draft.exited() + sum(draft.has_exited(index) for index in left)
    return done - sum(map(draft.has_exited, draft.plan.tasks)) == len(draft.children) - len(draft.plan.tasks)


def stop_unasked(draft: Draft, by: int | None) -> None:
    """Begin the stop as if a signal had asked for it, unless one is under way.

    :param by: the child whose exit ends the container; None: it goes on.
    """
    if by is not None and draft.state.stop is None:
        draft.set(ended_by=by)
        begin_unasked(draft)


def begin_unasked(draft: Draft) -> None:
    """Begin a stop that no signal has asked for, unless one is under way."""
    if draft.state.stop is not None:
        return
    arrival = stop.unasked(draft)
    stop.begin_stop(draft, arrival, asked=False)
    for index in range(len(draft.children)):
        routing.deliver(draft, index, arrival)


def _of_many(module: str, name: str) -> Callable[[Draft, Any], None]:
    """Return a handler of a module of ``many``, which is loaded when an event is first handled by it."""

    def handle(draft: Draft, event: Event) -> None:
        getattr(getattr(many, module), name)(draft, event)

    return handle


HANDLERS: dict[type[Event], Callable[[Draft, Any], None]] = {
    Begin: on_begin,
    EngineFailed: on_engine_failed,
    Tick: on_tick,
    Signal: routing.on_signal,
    Spawned: children.on_spawned,
    NotSpawned: children.on_not_spawned,
    RunStarted: children.on_run_started,
    RunNotStarted: children.on_run_not_started,
    Probed: _of_many("readiness", "on_probed"),
    Notified: _of_many("notify", "on_notified"),
    Unheard: _of_many("notify", "on_unheard"),
    Stirred: _of_many("watches", "on_stirred"),
    Looked: _of_many("watches", "on_looked"),
    Exited: children.on_exited,
    Stopped: jobs.on_stopped,
    Continued: jobs.on_continued,
    JobInspected: jobs.on_job_inspected,
    Resumed: jobs.on_resumed,
    Childless: children.on_childless,
    HelperEnded: children.on_helper_ended,
    Inspected: on_inspected,
    Listed: on_listed,
    NotSent: children.on_not_sent,
    NotReaped: children.on_not_reaped,
}
"""The handler for each kind of event; a test makes sure that none is missing."""
