"""Job control: what sigroute does between a shell and a child that use the same terminal.

A terminal belongs to a session, and one process group of that session is in its foreground (credentials(7)). The
signals of typed keys (INT, QUIT, TSTP) go to that whole group. A process of another group that reads from the terminal
is stopped by TTIN, and one that writes may be stopped by TTOU (tty_ioctl(4)). A shell gives each of its jobs a group,
and puts one of them into the foreground. If the job stops, the shell takes the terminal back; ``fg`` gives it to the
job again and sends the job CONT.

sigroute is such a job, or the leader of a container's session, and its child is usually a group of its own. The shell
does not know that group. So sigroute plays the shell's part for its child, and the job's part for the shell:

* **At the start** the rules say which child may use the terminal. That child's group is put into the foreground
  (kernel/terminal.py). If sigroute shares its own group with others (a pipeline, a script), no group is made or moved:
  the child stays in sigroute's group. The terminal then sends its signals to the child directly, so sigroute does not
  route them a second time (``Child.hears``). A signal that was pending before the child was there has reached only
  sigroute, which passes it on once (``Child.missed``).
* **A child is stopped**: by Ctrl-Z (TSTP), by its use of the terminal from the background (TTIN, TTOU), or by itself
  (STOP, as some editors do to return to the shell). The engine has sigroute's job inspected (InspectJob), then decides:

  1. sigroute has no terminal: somebody sent that signal by hand, so nothing is done;
  2. the child asks for the terminal (TTIN, TTOU), may use it, and sigroute has the foreground, or nobody has it: the
     child's group is put into the foreground, and the child is continued;
  3. the signal is STOP, and another process sent it: that one will also send CONT to the child, so nothing is done;
  4. a shell waits for both: sigroute stops by the same signal, so that the shell learns of it. When the shell continues
     sigroute, sigroute continues the child, and gives it the foreground again if it may use the terminal;
  5. the signal is TSTP, and nobody could continue the child (Ctrl-Z in a container): it is continued at once.

* **A stop is under way** (the container's end): a stopped child gets CONT, as it could not act on its signal otherwise
  (delivery.wake_late). Nothing above applies then.
* **At the end** sigroute takes the foreground back, so that the process that has started sigroute can read from the
  terminal again (kernel/job.py).

Each child may use the terminal until it has become its program: an entrypoint may ask questions.
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

#: A child that was stopped by one of these asks for the terminal.
ASKS = frozenset((STANDARD["TTIN"], STANDARD["TTOU"]))


def is_heard_by_itself(draft: Draft, event: Signal) -> bool:
    """Tell whether the terminal has sent a signal to a child, too; pass it on, once, to a child that came too late."""
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
    """Note that a child is stopped; continue it if a stop is under way, else have sigroute's job inspected."""
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
    """Note that a child is no longer stopped."""
    index = draft.child_of(event.pid)
    if index != NOBODY:
        draft.change(index, stopped=False)


def may_have_terminal(draft: Draft, index: int) -> bool:
    """Tell whether a child may use the terminal."""
    return draft.plan.children[index].terminal or draft.children[index].phase == STARTING


def follows(draft: Draft, index: int, signal: int) -> bool:
    """Tell whether sigroute may stop together with a stopped child: it uses the terminal, or all others are stopped."""
    others = (each for number, each in enumerate(draft.children) if draft.is_alive(number))
    return signal in ASKS or may_have_terminal(draft, index) or all(each.stopped for each in others)


def on_job_inspected(draft: Draft, event: JobInspected) -> None:
    """Decide by the rules 1 to 5 above what becomes of a stopped child."""
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
    """Tell whether sigroute may give the foreground away: it has it, or an empty group has it and there is no shell."""
    return job.foreground == OURS or (job.foreground == GONE and not job.shell)


def on_resumed(draft: Draft, event: Resumed) -> None:
    """Continue the child that was stopped together with sigroute.

    A child in sigroute's own process group was continued together with it; a second CONT could undo the next Ctrl-Z.
    """
    if event.shares or not draft.is_alive(event.child):
        return
    if draft.plan.children[event.child].terminal and is_to_give(event.job):
        draft.emit(Lend(child=event.child, pid=draft.children[event.child].pid))
    go_on(draft, event.child)


def go_on(draft: Draft, index: int) -> None:
    """Continue this child and all other stopped children, each with its process group."""
    for number, child in enumerate(draft.children):
        if draft.is_alive(number) and (child.stopped or number == index):
            draft.emit(Kill(child=number, pid=child.pid, signal=CONT, group=True, origin="terminal"))
