"""The stop, from its first signal to sigroute's end: ``grace``, the drain, the exit code."""

from __future__ import annotations

from sigroute.pid1.engine import tree
from sigroute.pid1.engine.effects import NOBODY, Exit, Kill, Say
from sigroute.pid1.engine.life import CANCELLED, EXITED, LINGERING, UNSTARTED
from sigroute.pid1.engine.state import Drain, Stop
from sigroute.pid1.names import STANDARD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sigroute.pid1.engine.draft import Draft
    from sigroute.pid1.engine.events import Process
    from sigroute.pid1.engine.state import Arrival

KILL, CONT = STANDARD["KILL"], STANDARD["CONT"]

#: After a KILL, look again each so many milliseconds, so many times: a process that forked
#: meanwhile is found, and one in an uninterruptible sleep (state D) is not waited for for ever.
KILL_ROUND, KILL_ROUNDS = 100, 20


def begin_stop(draft: Draft, arrival: Arrival, *, asked: bool) -> None:
    """Begin the stop, unless it is under way: what has not started never will."""
    if draft.state.stop is not None:
        return
    grace = draft.plan.grace
    due = None if grace is None else draft.now + grace
    draft.set(stop=Stop(arrival=arrival, asked=asked, due=due))
    if asked:
        draft.say("stop", signal=arrival.signal)
    elif len(draft.children) > 1:  # with the only one nothing goes that is worth a line
        draft.say("stop-unasked", NOBODY if draft.state.ended_by is None else draft.state.ended_by)
    for index, child in enumerate(draft.children):
        if child.phase in UNSTARTED and draft.move(index, CANCELLED).phase == EXITED:
            draft.say("never-started", index)


def notice(draft: Draft, index: int, arrival: Arrival) -> None:
    """Begin the stop for a signal that this child does not drop, though it may have to wait itself."""
    if draft.plan.is_stop(arrival) and draft.action(draft.lookup(index, arrival)).do != "drop":
        ask(draft, index, arrival)


def ask(draft: Draft, index: int, arrival: Arrival) -> None:
    """Begin the stop, if this is a signal that asks for it, and a child that has not exited does not drop it."""
    if draft.plan.is_stop(arrival) and not draft.has_exited(index):
        begin_stop(draft, arrival, asked=True)


def grace_over(draft: Draft) -> None:
    """Kill all that is left: the children at once, the rest as soon as the list of processes is there."""
    under_way = draft.state.stop
    assert under_way is not None  # noqa: S101 - it is the stop whose grace is over
    if under_way.over:
        give_up(draft)
        return
    draft.set(stop=under_way.but(due=draft.now + KILL_ROUND * KILL_ROUNDS, over=True))
    draft.say("grace-over")
    for index, child in enumerate(draft.children):
        if draft.is_alive(index):
            draft.emit(Kill(child=index, pid=child.pid, signal=KILL, origin="grace"))
        draft.change(index, held=(), inbox=(), look_at=None, progress=())
    for number, run in draft.state.runs.items():  # known by their pids, whatever /proc shows
        draft.put_run(number, run.but(to_kill=True))
    if draft.state.drain is not None:
        draft.set(drain=Drain(killing=True))
    draft.look()


def give_up(draft: Draft) -> None:
    """End though a KILL did not end everything: it was not permitted, or something sleeps in state D."""
    living = [index for index in range(len(draft.children)) if draft.is_alive(index)]
    draft.say("undying", number=len(living))
    for index in living:
        draft.change(index, status=128 + KILL)
    end(draft)


def rest_of(draft: Draft) -> list[Process]:
    """Return the descendants that are left in the process list; none where there is no list.

    Who of a tree that is waited for was adopted by another than sigroute is meant, too.
    """
    if draft.processes is None:
        return []
    members = [each for child in draft.children if child.phase == LINGERING for each in child.members]
    rest = {each.pid: each for each in (*draft.processes.descendants([draft.state.own_pid]), *members)}
    return tree.alive(rest.values())


def kill_rest(draft: Draft, rest: list[Process]) -> None:
    """Kill these, but for declared children: they have had their KILL."""
    for process in rest:
        if draft.child_of(process.pid) == NOBODY:
            draft.kill_other(process, KILL, NOBODY, "drain")


def begin_drain(draft: Draft) -> None:
    """Have the processes looked at that are left, unless they are nobody's business: then this is the end."""
    if draft.plan.drain is None:
        end(draft)
        return
    draft.set(drain=Drain())
    draft.look()


def drain_listed(draft: Draft) -> None:
    """Go on with the drain, now that the processes are known."""
    drain, plan = draft.state.drain, draft.plan.drain
    assert drain is not None  # noqa: S101 - asked for by the drain
    assert plan is not None  # noqa: S101 - as above
    rest = rest_of(draft)
    over = draft.state.stop is not None and draft.state.stop.over
    if plan.wait is None and not over:
        for process in left_in_groups(draft) if plan.scope == "process-group" else rest:
            draft.kill_other(process, plan.signal, NOBODY, "drain")
        rest = []
    if not rest:
        end(draft)
        return
    if drain.killing or over or not plan.wait:
        kill_round(draft, drain, rest)
        return
    draft.emit(Say(what="drain", number=len(rest), wait=plan.wait))
    if draft.state.stop is not None and draft.state.stop.asked:
        tell_left(draft, rest)
    for process in rest:
        draft.kill_other(process, plan.signal, NOBODY, "drain")
        draft.kill_other(process, CONT, NOBODY, "drain")
    draft.set(drain=Drain(due=draft.now + plan.wait))


def left_in_groups(draft: Draft) -> list[Process]:
    """Return who is left in the children's process groups, whoever has adopted them."""
    if draft.processes is None:
        return []
    return [process for child in draft.children for process in draft.processes.group(child.pid)]


def kill_round(draft: Draft, drain: Drain, rest: list[Process]) -> None:
    """Kill who is left and look again, so many times: then the end comes although something resists."""
    if drain.rounds >= KILL_ROUNDS:
        draft.say("undying", number=len(rest))
        end(draft)
        return
    if not drain.rounds:
        draft.say("drain-kill", number=len(rest))
    kill_rest(draft, rest)
    draft.set(drain=Drain(killing=True, due=draft.now + KILL_ROUND, rounds=drain.rounds + 1))


def tell_left(draft: Draft, rest: list[Process]) -> None:
    """Tell whose children were left alone by a leader that did not pass the stop on, as shells do."""
    for index, child in enumerate(draft.children):
        number = sum(process.group == child.pid for process in rest)
        if number:
            draft.say("left", index, number=number)


def end(draft: Draft) -> None:
    """End sigroute."""
    draft.set(drain=None, ended=True)
    draft.emit(Exit(code=exit_code(draft)))


def exit_code(draft: Draft) -> int:
    """Return the code that the rules give to this end."""
    plan, stop = draft.plan, draft.state.stop
    assert stop is not None  # noqa: S101 - there is no end without a stop
    if plan.code is not None:
        index = plan.code
    elif isinstance(plan.when, int):
        index = plan.when
    elif plan.command is not None:
        index = plan.command
    elif stop.asked or draft.state.ended_by is None:
        index = 0
    else:
        index = draft.state.ended_by
    status = draft.children[index].status if draft.children else None
    code = 128 + stop.arrival.signal if status is None else status
    return plan.exit_code(code, asked=stop.asked)
