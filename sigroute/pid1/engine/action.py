"""An action under way: ``after``, then ``run``, then ``send``, step by step.

An action that need not wait for anything is done within one step and leaves no record. A stop action
stays on record until its child has exited, so that a repeated signal finds it.
"""

from __future__ import annotations

from sigroute.pid1.engine import delivery, many, tree, wrapper
from sigroute.pid1.engine.effects import Kill, Run, Say, StopSelf
from sigroute.pid1.engine.state import AFTER, COMMAND, SENDING, Progress, RunState
from sigroute.pid1.names import STANDARD
from sigroute.pid1.plan import ANY_SIGNAL, FORWARD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sigroute.pid1.engine.draft import Draft
    from sigroute.pid1.engine.state import Arrival
    from sigroute.pid1.plan import Step

#: The same signal within this many milliseconds is a duplicate for ``again``.
DUPLICATE = 200

#: A step that needs the list of processes asks for it ahead of its time, by the duration of the last listing times
#: this: the engine needs some time, too, to work on a long list.
AHEAD = 2

KILL, STOP = STANDARD["KILL"], STANDARD["STOP"]


def begin(draft: Draft, index: int, number: int, arrival: Arrival) -> None:
    """Start an action for a child; if the action is under way already, do what its ``again`` says."""
    stop = draft.plan.is_stop(arrival)
    for each in draft.children[index].progress:
        if (stop and each.is_stop) or (not stop and each.action == number and not each.is_stop):
            repeat(draft, index, each, arrival)
            return
    if not draft.has_exited(index):
        start(draft, index, number, arrival)
    elif stop:
        cancel_all(draft, index)  # the drain will end the processes that the child has left behind


def start(
    draft: Draft, index: int, number: int, arrival: Arrival, last_arrivals: dict[int, int] = Progress.last_arrivals
) -> None:
    """Start an action at its first stage.

    :param last_arrivals: what an action that starts once more remembers; a new action has none, and ``Draft.put`` then
        notes its arrival.
    """
    action = draft.action(number)
    stop = draft.plan.is_stop(arrival)
    if stop:
        cancel_all(draft, index)
    stage = AFTER if action.after else COMMAND if action.run else SENDING
    progress = Progress(
        id=draft.state.last_id + 1,  # the id is used up only when the action is stored (Draft.put)
        action=number,
        arrival=arrival,
        generation=draft.children[index].generation,
        is_stop=stop,
        stage=stage,
        steps=action.otherwise if action.do == "hold" else action.steps,
        last_arrivals=last_arrivals,
    )
    if stage == SENDING:
        send_on(draft, index, progress)
    elif stage == COMMAND:
        run(draft, index, progress)
    else:
        draft.put(index, progress)
        left = waited_for(draft, progress)
        if left:
            names = many.naming.names(draft, left)
            draft.say("waits-for", index, arrival.signal, action.origin, text=names)
        advance(draft, index, progress)


def waited_for(draft: Draft, progress: Progress) -> list[int]:
    """Return the children that an action still waits for: outside of a stop none."""
    after = draft.action(progress.action).after
    return [] if draft.state.stop is None else [each for each in after if not draft.has_exited(each)]


def advance(draft: Draft, index: int, progress: Progress) -> None:
    """Take an action past ``after`` if the children that it waits for have exited, or nobody stops them."""
    if progress.stage != AFTER or waited_for(draft, progress):
        return
    if draft.action(progress.action).run:
        run(draft, index, progress)
    else:
        send_on(draft, index, progress.but(stage=SENDING))


def run(draft: Draft, index: int, progress: Progress) -> None:
    """Start the command of an action."""
    action = draft.action(progress.action)
    draft.put(index, progress.but(stage=COMMAND))
    number = draft.next_id()
    draft.put_run(
        number,
        RunState(child=index, progress=progress.id, generation=progress.generation, due=draft.now + action.timeout),
    )
    draft.emit(Run(run=number, child=index, argv=action.run, origin=action.origin))


def run_ended(draft: Draft, number: int, *, well: bool) -> None:
    """Continue an action after its command: with ``send`` if the command succeeded, with ``else`` if it failed."""
    run_state = draft.state.runs[number]
    index = run_state.child
    progress = draft.progress(index, run_state.progress)
    if progress is None or progress.stage != COMMAND:
        return
    action = draft.action(progress.action)
    steps = progress.steps if well else action.otherwise
    draft.say("run-ok" if well else "run-failed", index, progress.arrival.signal, action.origin)
    send_on(draft, index, progress.but(stage=SENDING, steps=steps))


def repeat(draft: Draft, index: int, progress: Progress, arrival: Arrival) -> None:
    """Do what ``again`` says about a signal that arrives while its action is under way."""
    last = progress.last_arrivals.get(arrival.signal)
    action = draft.action(progress.action)
    if last is not None and draft.now - last < DUPLICATE:
        draft.say("duplicate", index, arrival.signal, action.origin)
        return
    progress = progress.but(last_arrivals={**progress.last_arrivals, arrival.signal: draft.now})
    draft.put(index, progress)
    again = action.again
    how = again.get(arrival.signal, again.get(ANY_SIGNAL, "ignore"))
    if isinstance(how, tuple):
        draft.say("replaced", index, arrival.signal, action.origin)
        abandon_run(draft, progress)
        fresh = progress.but(arrival=arrival, stage=SENDING, steps=how, repeat=False)
        send_on(draft, index, fresh.but(due=None, look_at=None, awaits_answer=False, listed=False))
    elif how == "next" and progress.due is not None and not leads_to_kill(progress.steps):
        draft.say("next", index, arrival.signal, action.origin)
        send_on(draft, index, progress.but(due=draft.now))
    elif how == "repeat":
        draft.say("once-more", index, arrival.signal, action.origin)
        done = progress.stage == SENDING and not progress.steps
        draft.put(index, progress.but(repeat=True))
        if done:
            finish(draft, index, progress.but(repeat=True))
    else:
        draft.say("ignored", index, arrival.signal, action.origin)


def leads_to_kill(steps: tuple[Step, ...]) -> bool:
    """Tell whether KILL is among the signals that are sent at the end of the present wait."""
    for number, step in enumerate(steps):
        if step.idle and (number or step.wait):  # a wait of its own follows
            return False
        if number and step.wait:
            return False
        if step.signal == KILL:
            return True
    return False


def send_on(draft: Draft, index: int, progress: Progress) -> None:
    """Do step after step, from the end of the present wait, until one has to wait or none is left."""
    while progress.steps:
        step = progress.steps[0]
        number = step.signal or progress.arrival.instead or progress.arrival.signal
        if step.wait and progress.due is None:
            progress = progress.but(due=draft.now + step.wait, listed=False)
            draft.put(index, progress.but(look_at=list_ahead(draft, index, progress)))
            origin = draft.action(progress.action).origin
            draft.emit(Say(what="waits", child=index, signal=number, origin=origin, wait=step.wait))
            return
        if step.idle:
            many.idle.go_on(draft, index, progress)
            return
        if delivery.needs_list(draft, index, progress, number) and not delivery.is_listed(draft, progress):
            draft.put(index, progress.but(awaits_answer=True))
            draft.list_processes()
            return
        if delivery.is_for_program(draft, index, progress, number) and index not in draft.programs:
            draft.put(index, progress.but(awaits_answer=True))
            wrapper.inspect(draft, index, names=True)
            return
        delivery.send(draft, index, progress, number, progress.arrival.value if step.signal == FORWARD else None)
        cont = progress.is_stop and number not in delivery.NO_CONT and not draft.children[index].stopped
        killed = progress.sent_kill or (progress.is_stop and number == KILL)
        below = draft.programs.get(index, ()) if delivery.is_for_program(draft, index, progress, number) else ()
        told = tuple([each.process for each in below])
        rest = progress.steps[1:]
        progress = progress.but(
            steps=rest,
            due=None,
            look_at=None,
            awaits_answer=False,
            cont_pending=cont,
            sent_kill=killed,
            told_program=told,
        )
    finish(draft, index, progress)


def next_due(progress: Progress) -> int | None:
    """Return when an action needs the next tick: to look at something, if it has a time for that, else to go on."""
    return progress.due if progress.look_at is None else progress.look_at


def finish(draft: Draft, index: int, progress: Progress) -> None:
    """End an action that has no step left: start it once more, keep it (a stop action) or forget it."""
    if draft.action(progress.action).stops_self:
        draft.emit(StopSelf(signal=STOP))
    if progress.repeat:
        draft.forget(index, progress.id)
        # The new start is no arrival: a signal that comes right after it is no duplicate.
        start(draft, index, progress.action, progress.arrival, progress.last_arrivals)
    elif progress.is_stop:
        draft.put(index, progress)
        if progress.told_program:
            wrapper.poll_program(draft, index)
    else:
        draft.forget(index, progress.id)


def look(draft: Draft, index: int, progress: Progress) -> None:
    """Look at what a wait asks for ahead of its end."""
    if progress.steps[0].idle:
        many.idle.look(draft, index, progress.but(look_at=None))
    else:
        draft.put(index, progress.but(look_at=None, listed=True))
        draft.list_processes()


def list_ahead(draft: Draft, index: int, progress: Progress) -> int | None:
    """Return when to ask for the list that the waiting step needs; None: it needs none, or no listing was timed yet."""
    if progress.steps[0].idle:
        return progress.look_at  # it may end at any time
    if not draft.state.listing_took or progress.due is None:
        return None
    if not delivery.needs_list(draft, index, progress, progress.steps[0].signal):
        return None
    return max(draft.now, progress.due - AHEAD * draft.state.listing_took)


def cancel_all(draft: Draft, index: int) -> None:
    """Forget a child's actions for the sake of the stop, and kill their commands."""
    for each in draft.children[index].progress:
        if each.steps:
            draft.say("cancelled", index, each.arrival.signal, draft.action(each.action).origin)
    end_all(draft, index)


def end_all(draft: Draft, index: int) -> None:
    """Forget a child's actions, and kill their commands: its life has ended, or a stop begins."""
    for each in draft.children[index].progress:
        draft.forget(index, each.id)
        abandon_run(draft, each)


def abandon_run(draft: Draft, progress: Progress) -> None:
    """Mark the command of an action to be killed with its tree as soon as the processes are listed."""
    for number, each in draft.state.runs.items():
        if each.progress == progress.id and not each.kill_at_list:
            draft.put_run(number, each.but(kill_at_list=True))
            draft.list_processes()


def kill_doomed(draft: Draft) -> None:
    """Kill the commands that are marked for it, and all their descendants."""
    for number, each in draft.state.runs.items():
        if not each.kill_at_list or not each.pid:
            continue
        below = [] if draft.processes is None else draft.processes.descendants([each.pid])
        draft.emit(Kill(child=each.child, pid=each.pid, signal=KILL, group=True, origin="run"))
        for process in tree.alive(below):
            draft.kill_other(process, KILL, each.child, "run")
        draft.put_run(number, each.but(pid=0))  # so that it is killed once only; its record stays until it is reaped
