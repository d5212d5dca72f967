"""The stop, from its first signal to sigroute's end: ``grace``, the drain, the exit code.

A stop begins with the first stop signal that some child does not drop, or when an exit meets ``[exit] when``. Children
that have not started never will; the others get their stop actions (action.py). Two things can follow, and the second
also ends the first:

* **Every child has exited.** The drain begins: the processes are listed, the remaining ones get TERM and CONT, and
  after ``[drain] wait`` KILL, in rounds (KILL_ROUND). When none is left, sigroute ends.
* **``grace`` is over** (the log: ``grace-over``), in this order:

  1. What is due in this very millisecond is done first: steps of actions, and ``else`` of a command out of time.
  2. Each living child gets KILL, its own process alone (origin ``grace``). All actions under way, held signals and
     inboxes are forgotten without a line; neither ``send`` nor ``else`` of a command under way is done any more.
  3. The processes are listed. Each command under way gets KILL, with its process group and all its descendants (origin
     ``run``).
  4. All other descendants of sigroute get KILL (origin ``drain``), and the drain goes on in rounds of KILL.
  5. KILL_ROUND times KILL_ROUNDS milliseconds after ``grace`` sigroute ends although something has outlived KILL.

The exit code is that of one child (``exit_code`` below). A child that KILL has ended has 137, 128 + 9.
"""

from __future__ import annotations

from sigroute.pid1.engine import many, tree
from sigroute.pid1.engine.effects import NOBODY, Exit, Kill, Say
from sigroute.pid1.engine.life import CANCELLED, EXITED, LINGERING, UNSTARTED
from sigroute.pid1.engine.state import Arrival, Drain, Stop
from sigroute.pid1.exit_codes import BAD_RULES, BY_SIGNAL, FAILURE, SUCCESS
from sigroute.pid1.names import STANDARD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sigroute.pid1.engine.draft import Draft
    from sigroute.pid1.engine.events import Process

KILL, TERM, CONT = STANDARD["KILL"], STANDARD["TERM"], STANDARD["CONT"]

#: Milliseconds between two rounds of KILL, and the number of rounds. A later round finds processes that were forked
#: during the one before. The number is limited, as a process in an uninterruptible sleep (state D) may never end.
KILL_ROUND, KILL_ROUNDS = 100, 20


def begin_stop(draft: Draft, arrival: Arrival, *, asked: bool) -> None:
    """Begin the stop, unless it is under way; children that have not started never will."""
    if draft.state.stop is not None:
        return
    grace = draft.plan.grace
    due = None if grace is None else draft.now + grace
    begun = Stop(arrival=arrival, asked=asked, due=due)
    if draft.plan.is_accounted():
        begun = begun.but(began=draft.now, tell_at=draft.now + many.account.PAUSE)
    draft.set(stop=begun)
    if asked:
        draft.say("stop", signal=arrival.signal)
    elif draft.state.ended_by is None:
        draft.say("nobody-left")
    elif len(draft.children) > 1 and draft.state.failed_task is None:
        # The exit of an only child, or of a task that has failed, has its own line.
        draft.say("stop-unasked", draft.state.ended_by)
    draft.set(blocked=frozenset())
    for index in range(len(draft.children)):
        start_no_more(draft, index)


def start_no_more(draft: Draft, index: int) -> None:
    """Give up the next start of a child, now that a stop begins, and its probe."""
    child = draft.children[index]
    if child.back_at is not None:
        draft.change(index, back_at=None, poll_at=None)
    if child.ready_at is not None or child.late_at is not None:
        draft.change(index, ready_at=None, late_at=None)
    if draft.plan.many:
        many.probes.abandon(draft, index)
        if child.watched:
            draft.change(index, watched=())
    if child.phase not in UNSTARTED or draft.is_end_task(index):
        return
    if draft.move(index, CANCELLED).phase == EXITED:
        if child.generation and child.status is not None:
            draft.say("not-again", index)
        else:
            draft.say("never-started", index, text="the stop has begun")


def unasked(draft: Draft) -> Arrival:
    """Return the arrival of a stop that no signal has asked for: as if TERM had arrived."""
    stop_signals = draft.plan.stop_signals or {TERM}
    return Arrival(signal=TERM if TERM in stop_signals else min(stop_signals), sender="sigroute")


def notice(draft: Draft, index: int, arrival: Arrival) -> None:
    """Begin the stop for a stop signal that waits in this child's inbox, unless the child will drop it."""
    if draft.plan.is_stop(arrival) and draft.action(draft.lookup(index, arrival)).do != "drop":
        ask(draft, index, arrival)


def ask(draft: Draft, index: int, arrival: Arrival) -> None:
    """Begin the stop if this is a stop signal, the child does not drop it, and has not exited.

    What sigroute itself asks of a child is not asked of the container.
    """
    if arrival.sender != "sigroute" and draft.plan.is_stop(arrival) and not draft.has_exited(index):
        begin_stop(draft, arrival, asked=True)


def grace_over(draft: Draft) -> None:
    """Kill all remaining processes: the children at once, the others as soon as the processes are listed."""
    under_way = draft.state.stop
    assert under_way is not None  # noqa: S101 - only a stop has a grace that can be over
    if under_way.over:
        give_up(draft)
        return
    draft.set(stop=under_way.but(due=draft.now + KILL_ROUND * KILL_ROUNDS, over=True))
    draft.say("grace-over")
    for index, child in enumerate(draft.children):
        if draft.is_alive(index):
            draft.emit(Kill(child=index, pid=child.pid, signal=KILL, origin="grace"))
        draft.change(index, held=(), inbox=(), poll_at=None, progress=())
    for number, run in draft.state.runs.items():  # the engine knows their pids, even if /proc can't be read
        draft.put_run(number, run.but(kill_at_list=True))
    if draft.state.drain is not None:
        draft.set(drain=Drain(killing=True))
    draft.list_processes()


def give_up(draft: Draft) -> None:
    """End sigroute although a process outlives KILL: it is in state D, or the kernel does not permit the signal."""
    living = [index for index in range(len(draft.children)) if draft.is_alive(index)]
    draft.say("undying", number=len(living))
    for index in living:
        draft.change(index, status=BY_SIGNAL + KILL)
    end(draft)


def rest_of(draft: Draft) -> list[Process]:
    """Return sigroute's living descendants by the process list; none if there is no list.

    They include the trees of lingering children, even where another process than sigroute has adopted a member.
    """
    if draft.processes is None:
        return []
    members = [each for child in draft.children if child.phase == LINGERING for each in child.members]
    rest = {each.pid: each for each in (*draft.processes.descendants([draft.state.own_pid]), *members)}
    return tree.alive(rest.values())


def kill_rest(draft: Draft, rest: list[Process]) -> None:
    """Kill these processes, except declared children: those have been sent KILL already."""
    for process in rest:
        if draft.child_of(process.pid) == NOBODY:
            draft.kill_other(process, KILL, NOBODY, "drain")


def begin_drain(draft: Draft) -> None:
    """Ask for the list of the remaining processes; if the plan has no drain, end at once."""
    if draft.plan.drain is None:
        end(draft)
        return
    draft.set(drain=Drain())
    draft.list_processes()


def drain_listed(draft: Draft) -> None:
    """Continue the drain now that the processes are listed."""
    drain, plan = draft.state.drain, draft.plan.drain
    assert drain is not None  # noqa: S101 - the drain has asked for this list
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
    """Return the processes that are left in the children's process groups, whichever process has adopted them."""
    if draft.processes is None:
        return []
    return [process for child in draft.children for process in draft.processes.group(child.pid)]


def kill_round(draft: Draft, drain: Drain, rest: list[Process]) -> None:
    """Kill the remaining processes and list again, KILL_ROUNDS times at most; then end even if some are left."""
    if drain.rounds >= KILL_ROUNDS:
        draft.say("undying", number=len(rest))
        end(draft)
        return
    if not drain.rounds:
        draft.say("drain-kill", number=len(rest))
    kill_rest(draft, rest)
    draft.set(drain=Drain(killing=True, due=draft.now + KILL_ROUND, rounds=drain.rounds + 1))


def tell_left(draft: Draft, rest: list[Process]) -> None:
    """Warn of children that left processes behind in their group: shells do not pass a stop signal on."""
    for index, child in enumerate(draft.children):
        number = sum(process.group == child.pid for process in rest)
        if number:
            draft.say("left", index, number=number)


def end(draft: Draft) -> None:
    """End sigroute."""
    draft.set(drain=None, ended=True)
    if draft.plan.is_accounted():
        many.account.end(draft)
    draft.emit(Exit(code=exit_code(draft)))


def exit_code(draft: Draft) -> int:
    """Return sigroute's exit code by the rules."""
    plan, stop = draft.plan, draft.state.stop
    assert stop is not None  # noqa: S101 - there is no end without a stop
    if draft.state.failed_task is not None:
        return draft.children[draft.state.failed_task].status or FAILURE
    if plan.children and len(plan.tasks) == len(plan.children):
        return SUCCESS
    if not stop.asked and draft.state.ended_by is None:
        return BAD_RULES
    if plan.code is not None and not draft.is_left_out(plan.code):
        index = plan.code
    elif isinstance(plan.when, tuple):
        index = named_by_when(draft, plan.when)
    elif plan.command is not None and not draft.is_left_out(plan.command):
        index = plan.command
    elif stop.asked or draft.state.ended_by is None:
        index = first_started(draft)
    else:
        index = draft.state.ended_by
    status = draft.children[index].status if draft.children else None
    code = BY_SIGNAL + stop.arrival.signal if status is None else status
    return plan.exit_code(code, asked=stop.asked)


def first_started(draft: Draft) -> int:
    """Return the first child that was started; if none was, the first that might have been."""
    mine = [index for index in range(len(draft.children)) if draft.may_end_all(index)]
    return next((index for index in mine if draft.children[index].status is not None), mine[0] if mine else 0)


def named_by_when(draft: Draft, when: tuple[int, ...]) -> int:
    """Return the child of ``when`` whose status counts: the one that met it, else the first that was started."""
    stop = draft.state.stop
    if stop is not None and not stop.asked and draft.state.ended_by is not None:
        return draft.state.ended_by
    return next((index for index in when if draft.children[index].status is not None), when[0])
