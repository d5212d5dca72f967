"""Everything that can happen to the engine. Failures of its own effects are events, too."""

from __future__ import annotations

from sigroute.pid1.record import Record

#: No signal can have it: the kernel's numbers end at 64 (signal(7)).
NO_SIGNAL = 0


class Process(Record):
    """A line of the process list; ``start`` tells apart two processes that had the same pid."""

    pid: int
    parent: int
    group: int
    session: int
    state: str
    """As in proc_pid_stat(5): ``R``, ``S``, ``T``, ``Z`` ..."""
    start: int
    """Clock ticks since boot."""


class Event(Record):
    """Something happened."""


class Begin(Event):
    """sigroute begins: signals are blocked, the plan is read."""

    notes: tuple[str, ...] = ()
    """Warnings about the start, for the log."""


class EngineFailed(Event):
    """The engine has raised an exception. The fallback takes over, and the engine gets no event after this one."""

    reason: str
    during: Event | None = None
    """The event at which it did; None: it had none."""


class Tick(Event):
    """The time that ``wake`` named has come."""


class Signal(Event):
    """A signal was delivered to sigroute."""

    signal: int
    sender: str
    """One of ``plan.SENDERS``."""
    pid: int = 0
    """The sender's pid; 0 if the sender is the kernel, or is outside this pid namespace."""
    uid: int = 0
    value: int | None = None
    """The value that was queued with it (``sival_int``, sigqueue(3)); None: there is none, as after kill(2)."""


class Spawned(Event):
    """A child's process was made. Its exec may still be under way."""

    child: int
    pid: int
    shares: bool = False
    """It is in sigroute's own process group."""
    hears: frozenset[int] = frozenset()
    """The signals that a terminal sends to the child as well as to sigroute: both are in one process group."""
    missed: frozenset[int] = frozenset()
    """Those of ``hears`` that were pending for sigroute before the child was in that group. A child does not inherit
    pending signals (fork(2)), so it has missed these."""


class NotSpawned(Event):
    """A child's program could not be run."""

    child: int
    status: int
    """126 or 127, as in a shell; 0 if another try may succeed (EAGAIN, ENOMEM)."""
    reason: str
    pid: int = 0
    """Its process, if its exec failed after Spawned; that process was reaped. 0: there was no process."""


class RunStarted(Event):
    """The process for the command of an action was made. Its exec may still be under way."""

    run: int
    pid: int


class RunNotStarted(Event):
    """The command of an action could not be run."""

    run: int
    reason: str
    pid: int = 0
    """Its process, if its exec failed after RunStarted, as in NotSpawned."""


class Probed(Event):
    """The kernel's tables were looked at, to see whether something listens, or whether connections are busy."""

    child: int
    well: bool
    """Something listens; or no connection is busy."""
    progress: int = 0
    """As in Probe."""
    took: int = 0
    """How long a look at connections took, in milliseconds, rounded up."""
    refused: str = ""
    """Why the kernel refuses sock_diag(7); empty: it does not."""


class Sender(Record):
    """The process that has sent a message, as the kernel tells it (unix(7), SCM_CREDENTIALS)."""

    pid: int
    """0: it is outside this pid namespace."""
    line: tuple[Process, ...] = ()
    """The process, its parent, and so on, up to a child of sigroute. Empty: it has ended, or there is no /proc."""
    kin: bool = False
    """It has ended, and had the user that the child has, or was root."""


class Notified(Event):
    """A child has said how it is: by its descriptor, or by sd_notify(3)."""

    child: int
    pid: int
    """The process of the life that this is about. Its end, and the next start, may have come since."""
    sender: Sender | None = None
    """Who has said it. None: a pipe tells nothing of its writer, and nobody else has it."""
    ready: bool = False
    stopping: bool = False
    extend: int = 0
    """The milliseconds from now that it asks for; 0: it does not."""


class Unheard(Event):
    """A child can't be heard now, or never will be."""

    child: int
    pid: int
    """As in Notified."""
    why: str
    """``closed``: nobody can write to its pipe any more, and no newline has come. ``flood``: it says too much."""
    number: int
    """Its descriptor; or how much it may say in a second."""


class Stirred(Event):
    """Something has happened on the way to one of the paths that a child watches. It is told once until a look."""

    child: int
    which: int


class Looked(Event):
    """A look at a path that a child watches is over. ``again``: look once more; ``reason``: what is wrong."""

    child: int
    which: int
    generation: int
    seen: int | None
    """A number for what is there; 0: nothing is. None: that can't be found out."""
    again: bool = False
    reason: str = ""


class Exited(Event):
    """A process was reaped: sigroute has started or adopted it."""

    pid: int
    status: int
    """Its exit code; 128 + n when signal n ended it."""
    signal: int = NO_SIGNAL
    """The signal that ended it."""


class Stopped(Event):
    """A child process of sigroute was stopped by a signal."""

    pid: int
    signal: int


class Continued(Event):
    """A child process of sigroute was continued."""

    pid: int


#: Values of ``Job.foreground``: sigroute's own process group, the child's, an empty one, any other.
OURS, CHILDS, GONE, OTHERS = "sigroute", "child", "gone", "other"


class Job(Record):
    """What the kernel tells of sigroute as a shell's job, and of its terminal."""

    terminal: bool = False
    """sigroute has a controlling terminal."""
    foreground: str = OTHERS
    """Whose process group is in the foreground of that terminal."""
    shell: bool = False
    """sigroute's parent can continue it: sigroute's process group is not orphaned (setpgid(2), credentials(7))."""


class JobInspected(Event):
    """sigroute's job was inspected, as a child has stopped."""

    child: int
    signal: int
    """The signal that has stopped the child."""
    job: Job
    by_itself: bool = True
    """If ``signal`` is STOP: a process of the child's own group has sent it."""


class Resumed(Event):
    """sigroute had stopped itself together with a child, and was continued."""

    child: int
    job: Job
    """What the kernel tells of it now."""
    shares: bool = False
    """The child is in sigroute's own process group, so it was continued together with sigroute."""


class Childless(Event):
    """sigroute has no child process left, started or adopted."""


class Below(Record):
    """A process below a child that runs the child's program, with its signal masks as in Inspected."""

    process: Process
    handled: int | None
    ignored: int
    age: int
    """Milliseconds since it was forked."""


class Inspected(Event):
    """A child was inspected: its names, its signal masks, and its program below it."""

    child: int
    names: tuple[str, ...] | None
    """Its names: executable, argv[0] or title, script. Empty: they were not asked for, or none can be read. None: this
    system has no /proc."""
    handled: int | None
    """Bit n-1 for each signal n that it catches, ignores, blocks or waits for; None: this can't be read."""
    comm: str = ""
    """Its name in the kernel, cut to 15 bytes (proc_pid_comm(5))."""
    ignored: int = 0
    """Those of ``handled`` that it ignores."""
    below: tuple[Below, ...] = ()
    """If it does not run its program itself: the topmost processes below it that do. Empty, too, if they were not asked
    for."""
    late: bool = False
    """Its exec is still under way: so far it is a fork of sigroute, and has no name of its own."""
    reason: str = ""
    """Why it could not be read this time; the next try may succeed. Empty: it was read."""


class Listed(Event):
    """The processes of the pid namespace were listed."""

    processes: tuple[Process, ...] | None
    """None: they could not be read for ``reason``; if that is empty, this system has no /proc."""
    me: int = 1
    """sigroute's own pid."""
    took: int = 0
    """How long it took, in milliseconds, rounded up."""
    reason: str = ""
    """Why they could not be read this time; the next try may succeed. Empty: they were read."""


class NotSent(Event):
    """A signal could not be sent, although the target is still there."""

    child: int
    """Its index; -1: a process that nobody declared."""
    pid: int
    signal: int
    reason: str


class HelperEnded(Event):
    """A helper, which passes output on, has ended. It is no child of the rules. If needed, the seam starts another."""

    pid: int
    status: int
    """As in Exited; 0 also stands for an exit that the engine need not know, or learns of later (kernel/relays.py)."""


class NotReaped(Event):
    """Zombies can't be reaped: the kernel refuses waitid(2) and every other way. This comes once."""

    reason: str
