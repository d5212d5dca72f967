"""An action under way: ``after``, then ``run``, then ``send``, step by step.

Actions that neither wait nor ask are done on the spot and leave nothing behind. A stop action is
kept until its child has exited, so that a repeat finds it.
"""

from __future__ import annotations

from sigroute.pid1 import tree, wrapper
from sigroute.pid1.effects import Halt, Kill, Run, Say
from sigroute.pid1.names import STANDARD
from sigroute.pid1.plan import ANY_SIGNAL, FORWARD
from sigroute.pid1.state import AFTER, LINGERING, RUNNING, SENDING, Progress, RunState

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sigroute.pid1.draft import Draft
    from sigroute.pid1.events import Process
    from sigroute.pid1.plan import Step
    from sigroute.pid1.state import Arrival

#: The same signal within this many milliseconds is a duplicate for ``again``.
DUPLICATE = 200

#: How long before it is needed a list of the processes is asked for: so many times what the last one took, as what is
#: made of it takes its time, too.
AHEAD = 2

KILL, CONT = STANDARD["KILL"], STANDARD["CONT"]

#: These scopes mean no more than the child's own process, or what stands for it.
NARROW = ("process", "program")

#: After these, a stopped child is left stopped: KILL and CONT do what they must (signal(7)).
NO_CONT = frozenset(STANDARD[name] for name in ("KILL", "CONT", "STOP", "TSTP", "TTIN", "TTOU"))


def begin(draft: Draft, index: int, number: int, arrival: Arrival) -> None:
    """Do an action for a child, or consult ``again`` where it is under way."""
    stop = draft.plan.is_stop(arrival)
    for each in draft.children[index].progress:
        if (stop and each.stop) or (not stop and each.action == number and not each.stop):
            repeat(draft, index, each, arrival)
            return
    if not draft.has_exited(index):
        start(draft, index, number, arrival)
    elif stop:
        cancel_all(draft, index)  # what it left behind is the drain's now


def start(draft: Draft, index: int, number: int, arrival: Arrival, counted: dict[int, int] = Progress.counted) -> None:
    """Do an action from its beginning.

    :param counted: what has been counted of it; where that is nothing yet, the arrival is, once it is stored.
    """
    action = draft.action(number)
    stop = draft.plan.is_stop(arrival)
    if stop:
        cancel_all(draft, index)
    stage = AFTER if action.after else RUNNING if action.run else SENDING
    progress = Progress(
        id=draft.serial + 1,  # taken when it is stored: one that is done on the spot leaves nothing behind
        action=number,
        arrival=arrival,
        stop=stop,
        stage=stage,
        steps=action.otherwise if action.do == "hold" else action.steps,
        counted=counted,
    )
    if stage == SENDING:
        send_on(draft, index, progress)
    elif stage == RUNNING:
        run(draft, index, progress)
    else:
        draft.put(index, progress)
        advance(draft, index, progress)


def advance(draft: Draft, index: int, progress: Progress) -> None:
    """Go on with an action that waits for other children, once they have exited."""
    action = draft.action(progress.action)
    if progress.stage != AFTER or not all(draft.has_exited(each) for each in action.after):
        return
    if action.run:
        run(draft, index, progress)
    else:
        send_on(draft, index, progress.but(stage=SENDING))


def run(draft: Draft, index: int, progress: Progress) -> None:
    """Start the command of an action."""
    action = draft.action(progress.action)
    draft.put(index, progress.but(stage=RUNNING))
    number = draft.next_id()
    draft.put_run(number, RunState(child=index, progress=progress.id, due=draft.now + action.timeout))
    draft.emit(Run(run=number, child=index, argv=action.run))


def run_ended(draft: Draft, number: int, *, well: bool) -> None:
    """Go on after a command: with ``send`` when it went well, else with ``else``."""
    run_state = draft.runs[number]
    index = run_state.child
    progress = draft.progress(index, run_state.progress)
    if progress is None or progress.stage != RUNNING:
        return
    action = draft.action(progress.action)
    steps = progress.steps if well else action.otherwise
    draft.say("run-ok" if well else "run-failed", index, progress.arrival.signal, action.origin)
    send_on(draft, index, progress.but(stage=SENDING, steps=steps))


def repeat(draft: Draft, index: int, progress: Progress, arrival: Arrival) -> None:
    """Do what ``again`` says, as the signal arrived while its action is under way."""
    last = progress.counted.get(arrival.signal)
    action = draft.action(progress.action)
    if last is not None and draft.now - last < DUPLICATE:
        draft.say("duplicate", index, arrival.signal, action.origin)
        return
    progress = progress.but(counted={**progress.counted, arrival.signal: draft.now})
    draft.put(index, progress)
    again = action.again
    how = again.get(arrival.signal, again.get(ANY_SIGNAL, "ignore"))
    if isinstance(how, tuple):
        draft.say("replaced", index, arrival.signal, action.origin)
        abandon_run(draft, progress)
        fresh = progress.but(arrival=arrival, stage=SENDING, steps=how, repeat=False)
        send_on(draft, index, fresh.but(due=None, ahead=None, look=False, listed=False))
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
    """Tell whether a KILL is sent at the end of the present wait, first or right after other signals."""
    for number, step in enumerate(steps):
        if number and step.wait:
            return False
        if step.signal == KILL:
            return True
    return False


def send_on(draft: Draft, index: int, progress: Progress) -> None:
    """Send step after step, the present wait being over, until one has to wait or none is left."""
    while progress.steps:
        step = progress.steps[0]
        number = step.signal or progress.arrival.instead or progress.arrival.signal
        if step.wait and progress.due is None:
            progress = progress.but(due=draft.now + step.wait, listed=False)
            draft.put(index, progress.but(ahead=look_ahead(draft, index, progress)))
            draft.emit(Say(what="waits", child=index, signal=number, wait=step.wait))
            return
        if needs_list(draft, index, progress, number) and not is_listed(draft, progress):
            draft.put(index, progress.but(look=True))
            draft.look()
            return
        if is_for_program(draft, index, progress, number) and index not in draft.programs:
            draft.put(index, progress.but(look=True))
            wrapper.inspect(draft, index, names=True)
            return
        send(draft, index, progress, number, progress.arrival.value if step.signal == FORWARD else None)
        owes = progress.stop and number not in NO_CONT and not draft.children[index].stopped
        killed = progress.killed or (progress.stop and number == KILL)
        progress = progress.but(steps=progress.steps[1:], due=None, ahead=None, look=False, owes=owes, killed=killed)
    finish(draft, index, progress)


def next_due(progress: Progress) -> int | None:
    """Return when something is to be done for the wait of an action: the list it needs comes first."""
    return progress.due if progress.ahead is None else progress.ahead


def finish(draft: Draft, index: int, progress: Progress) -> None:
    """No step is left: do it once more, keep it (a stop action) or forget it."""
    if draft.action(progress.action).halts:
        draft.emit(Halt())
    if progress.repeat:
        draft.forget(index, progress.id)
        # Arrivals stay counted from when they came: beginning anew makes no duplicate of the next one.
        start(draft, index, progress.action, progress.arrival, progress.counted)
    elif progress.stop:
        draft.put(index, progress)
    else:
        draft.forget(index, progress.id)


def is_wide(draft: Draft, progress: Progress) -> bool:
    """Tell whether an action means more than the child's own process, and still has steps for it."""
    return draft.action(progress.action).scope not in NARROW and bool(progress.steps)


def is_for_program(draft: Draft, index: int, progress: Progress, signal: int) -> bool:
    """Tell whether a signal is for the child's program, which runs below it."""
    narrow = draft.action(progress.action).scope == "program" and not is_for_all(draft, index, progress, signal)
    return narrow and draft.children[index].below and draft.is_alive(index)


def is_for_all(draft: Draft, index: int, progress: Progress, signal: int) -> bool:
    """Tell whether a signal is for the child's whole tree: by its scope, or as a stop's KILL where all has to end."""
    ends = progress.stop and signal == KILL and draft.plan.children[index].tree
    return ends or draft.action(progress.action).scope == "tree"


def needs_list(draft: Draft, index: int, progress: Progress, signal: int) -> bool:
    """Tell whether it depends on who is in a child's tree who gets a signal, and whether that can be known."""
    lingers = draft.children[index].phase == LINGERING
    return (lingers or is_for_all(draft, index, progress, signal)) and not (draft.blind or draft.unlisted)


def is_listed(draft: Draft, progress: Progress) -> bool:
    """Tell whether it is known."""
    return draft.processes is not None or (progress.listed and not draft.blind)


def look_ahead(draft: Draft, index: int, progress: Progress) -> int | None:
    """Return when to have the processes listed for the step that waits, so that it is sent in time; None: then."""
    if not draft.took or progress.due is None or not needs_list(draft, index, progress, progress.steps[0].signal):
        return None
    return max(draft.now, progress.due - AHEAD * draft.took)


def send(draft: Draft, index: int, progress: Progress, signal: int, value: int | None) -> None:
    """Send a signal to all that it is for, and wake those that a stop would find stopped.

    :param value: what goes with it, to the child's own process and to no other.
    """
    action = draft.action(progress.action)
    child = draft.children[index]
    wake = progress.stop and signal not in NO_CONT
    if is_for_program(draft, index, progress, signal) and draft.programs.get(index):
        for each in draft.programs[index]:
            send_other(draft, index, each.process, signal, action.origin, wake=wake)
        if wake and child.stopped:
            draft.emit(Kill(child=index, pid=child.pid, signal=CONT, origin=action.origin))
        return
    if draft.is_alive(index):
        group = action.scope == "process-group" or (action.scope == "tree" and not is_listed(draft, progress))
        value = None if group else value
        own = Kill(child=index, pid=child.pid, signal=signal, group=group, value=value, origin=action.origin)
        draft.emit(own)
        if wake and child.stopped:
            draft.emit(own.but(signal=CONT, value=None))
    for process in others(draft, index, progress, signal):
        send_other(draft, index, process, signal, action.origin, wake=wake)


def send_other(  # noqa: PLR0913 - what a kill needs
    draft: Draft, index: int, process: Process, signal: int, origin: str, *, wake: bool
) -> None:
    """Send a signal to a process that is not the child's own, and wake it if it is found stopped."""
    draft.kill_other(process, signal, index, origin)
    if wake and process.state in "Tt":
        draft.kill_other(process, CONT, index, origin)


def others(draft: Draft, index: int, progress: Progress, signal: int) -> tuple[Process, ...]:
    """Return who gets a signal beside the child's own process or group.

    Where that process has gone, what it has left to sigroute stands for it: a daemon, what a shell has started.
    """
    child = draft.children[index]
    if not is_listed(draft, progress):
        return ()
    if is_for_all(draft, index, progress, signal):
        return child.members
    if draft.is_alive(index):
        return ()
    heirs = [each for each in child.members if each.parent == draft.me]
    if draft.action(progress.action).scope in NARROW:
        return tuple(heirs)
    groups = {child.pid}
    if draft.plan.children[index].tree:
        groups |= {each.group for each in heirs}
    return tuple([each for each in child.members if each.group in groups])


def wake_late(draft: Draft, index: int) -> bool:
    """Continue a child that has stopped although a stop action has sent it a signal, once for each; tell whether so.

    That a stop is told after a TERM does not mean that it came after it: signal(7) promises no order
    of what is pending together, and the kernel goes by number (next_signal()), TERM (15) before the
    CHLD (17) of the stop and before STOP (19) itself. Once, as a child may stop itself again: one
    that reads from a terminal which it can't have would be continued for ever.
    """
    child = draft.children[index]
    owed = [each for each in child.progress if each.owes]
    for each in owed:
        action = draft.action(each.action)
        group = action.scope == "process-group"
        draft.put(index, each.but(owes=False))
        draft.emit(Kill(child=index, pid=child.pid, signal=CONT, group=group, origin=action.origin))
    return bool(owed)


def cancel_all(draft: Draft, index: int) -> None:
    """Forget a child's actions and kill their commands."""
    for each in draft.children[index].progress:
        draft.forget(index, each.id)
        abandon_run(draft, each)
        if each.steps:
            draft.say("cancelled", index, each.arrival.signal, draft.action(each.action).origin)


def abandon_run(draft: Draft, progress: Progress) -> None:
    """Have the command of an action killed with its tree, once the list of processes is there."""
    for number, each in draft.runs.items():
        if each.progress == progress.id and not each.doomed:
            draft.put_run(number, each.but(doomed=True))
            draft.look()


def kill_doomed(draft: Draft) -> None:
    """Kill the commands that are given up, and all that descended from them."""
    for number, each in draft.runs.items():
        if not each.doomed or not each.pid:
            continue
        below = [] if draft.processes is None else draft.processes.descendants([each.pid])
        draft.emit(Kill(child=each.child, pid=each.pid, signal=KILL, group=True, origin="run"))
        for process in tree.alive(below):
            draft.kill_other(process, KILL, each.child, "run")
        draft.put_run(number, each.but(pid=0))  # once; it stays known until it is reaped
