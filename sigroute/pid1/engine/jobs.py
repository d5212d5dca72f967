"""Job control: what sigroute does between a shell and a child that both have to do with one terminal.

A terminal belongs to a session, and one process group of that session is in its foreground (credentials(7)). What is
typed (INT, QUIT, TSTP) reaches that whole group, and whoever reads from another group is stopped by TTIN (TTOU for
writing, tty_ioctl(4)). A shell gives each of its jobs a group, and puts one of them into the foreground. If the job
stops, the shell takes the terminal back; ``fg`` gives it to the job again and sends the job CONT.

sigroute is such a job, or the leader of a container's session, and its child is usually a group of its own. The shell
does not know that group. So sigroute plays the shell's part for its child, and the job's part for the shell:

* **At the start** the child whose terminal it is gets the foreground (kernel/terminal.py). If others are in sigroute's
  own group (a pipeline, a script), nobody's place is changed: the child stays in that group. It then hears what is
  typed by itself, so sigroute does not route it a second time (``Child.hears``). What was pending before the child was
  there has reached sigroute alone; that is passed on, once (``Child.missed``).
* **A child stops.** It may have typed Ctrl-Z (TSTP), or read from the background (TTIN, TTOU), or stopped itself (STOP,
  as an editor does that leaves for the shell). The kernel tells how sigroute stands as a job (JobInspected), then:

  1. no terminal: nothing, somebody sent that signal by hand;
  2. it asks for the terminal (TTIN, TTOU), may have it, and the foreground is sigroute's or nobody's: it is lent;
  3. STOP from somebody else, who will send CONT to it and not to us: nothing;
  4. a shell waits for both: sigroute stops by the same signal, so that the shell hears of it. When the shell has
     continued sigroute, the child goes on, and gets the foreground again if it is the terminal's child;
  5. TSTP without anybody who could continue it (a container's Ctrl-Z): it goes on at once.

* **A stop is under way**: a child that stops is woken, as it has to hear its signal (delivery.wake_late). Nothing above
  applies then.
* **At the end** sigroute takes the foreground back, so that whoever has started it can read on (kernel/job.py).

A starting child may use the terminal until it has become its program, whoever's it is: an entrypoint may ask questions.
"""

from __future__ import annotations

from sigroute.pid1.engine import delivery
from sigroute.pid1.engine.effects import NOBODY, InspectJob, Kill, Lend, StopSelf
from sigroute.pid1.engine.events import CHILDS, GONE, OURS
from sigroute.pid1.engine.life import STARTING
from sigroute.pid1.names import STANDARD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sigroute.pid1.engine.draft import Draft
    from sigroute.pid1.engine.events import Continued, Job, JobInspected, Resumed, Signal, Stopped

CONT, STOP, TSTP = STANDARD["CONT"], STANDARD["STOP"], STANDARD["TSTP"]

#: Who stops by one of these has asked for the terminal.
ASKS = frozenset((STANDARD["TTIN"], STANDARD["TTOU"]))


def is_heard_by_itself(draft: Draft, event: Signal) -> bool:
    """Tell whether the terminal has sent a signal to the child as well; pass on what it sent before that was there."""
    heard = False
    for index, child in enumerate(draft.children):
        typed = event.sender == "tty" and event.signal in child.hears
        if event.signal in child.missed:
            draft.change(index, missed=child.missed - {event.signal})
            if typed and draft.is_alive(index):
                draft.emit(Kill(child=index, pid=child.pid, signal=event.signal, origin="terminal"))
        heard = heard or typed
    return heard


def on_stopped(draft: Draft, event: Stopped) -> None:
    """Remember that a child is stopped; wake it in a stop, else see whether sigroute has to do with that."""
    index = draft.child_of(event.pid)
    if index == NOBODY:
        return
    draft.change(index, stopped=True)
    if delivery.wake_late(draft, index) or (draft.state.stop is not None and draft.state.stop.over):
        return
    if event.signal in ASKS and not may_have_terminal(draft, index):
        draft.say("not-lent", index)
    if follows(draft, index, event.signal) or event.signal == TSTP:
        draft.emit(InspectJob(child=index, pid=event.pid, signal=event.signal))


def on_continued(draft: Draft, event: Continued) -> None:
    """Remember that a child is not stopped."""
    index = draft.child_of(event.pid)
    if index != NOBODY:
        draft.change(index, stopped=False)


def may_have_terminal(draft: Draft, index: int) -> bool:
    """Tell whether a child may use the terminal."""
    return draft.plan.children[index].terminal or draft.children[index].phase == STARTING


def follows(draft: Draft, index: int, signal: int) -> bool:
    """Tell whether a child that has stopped is one that sigroute stops with: the terminal's, or the last that ran."""
    others = (each for number, each in enumerate(draft.children) if draft.is_alive(number))
    return signal in ASKS or may_have_terminal(draft, index) or all(each.stopped for each in others)


def on_job_inspected(draft: Draft, event: JobInspected) -> None:
    """Decide, by rule 1 to 5 above, what becomes of a child that has stopped."""
    index, signal, job = event.child, event.signal, event.job
    if not job.terminal or not draft.is_alive(index):
        return
    pid = draft.children[index].pid
    if signal in ASKS and may_have_terminal(draft, index):
        if job.foreground == CHILDS:
            go_on(draft, index)
            return
        if is_to_give(job):
            draft.emit(Lend(child=index, pid=pid, signal=signal))
            return
    if signal == STOP and not event.by_itself:
        return
    shared = any(child.shares for child in draft.children)
    if follows(draft, index, signal) and (job.shell or (shared and signal != STOP)):
        draft.emit(StopSelf(child=index, pid=pid, signal=signal))
    elif signal == TSTP and not (job.shell or shared):
        go_on(draft, index)


def is_to_give(job: Job) -> bool:
    """Tell whether the foreground is sigroute's to give: it has it, or who had it has gone and no shell takes it."""
    return job.foreground == OURS or (job.foreground == GONE and not job.shell)


def on_resumed(draft: Draft, event: Resumed) -> None:
    """Have the child go on that sigroute has stopped with; one in sigroute's own group has been continued with it.

    A CONT more might undo the next Ctrl-Z.
    """
    if event.shares or not draft.is_alive(event.child):
        return
    if draft.plan.children[event.child].terminal and is_to_give(event.job):
        draft.emit(Lend(child=event.child, pid=draft.children[event.child].pid))
    go_on(draft, event.child)


def go_on(draft: Draft, index: int) -> None:
    """Continue a child, and the others that have stopped: each with its group."""
    for number, child in enumerate(draft.children):
        if draft.is_alive(number) and (child.stopped or number == index):
            draft.emit(Kill(child=number, pid=child.pid, signal=CONT, group=True, origin="terminal"))
