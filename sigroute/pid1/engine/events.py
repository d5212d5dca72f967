"""Everything that can happen to the engine. Failures of its own effects are events too."""

from __future__ import annotations

from sigroute.pid1.record import Record

#: No signal can have it: the kernel's numbers end at 64 (signal(7)).
NO_SIGNAL = 0


class Process(Record):
    """A line of the process list; ``start`` tells two owners of one pid apart."""

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
    """The resident is ready: signals are blocked, the plan is there."""

    notes: tuple[str, ...] = ()
    """What there is to say of the start."""


class EngineFailed(Event):
    """The engine has failed by an error of its own. It sees no event after this one: the fallback has taken over."""

    reason: str


class Tick(Event):
    """The time that ``wake`` named has come."""


class Signal(Event):
    """A signal was delivered to sigroute."""

    signal: int
    sender: str
    """One of ``plan.SENDERS``."""
    pid: int = 0
    """The sender's; 0 when it is not of this pid namespace, or the kernel."""
    uid: int = 0
    value: int | None = None
    """What was queued with it (``sival_int``, sigqueue(3)); None: nothing, it was sent by kill(2) or the kernel."""


class Spawned(Event):
    """A child runs its program, or is about to: an exec may take long."""

    child: int
    pid: int
    shares: bool = False
    """It is in sigroute's own process group."""
    hears: frozenset[int] = frozenset()
    """The signals that a terminal sends to it as well as to sigroute, as it is in the same group."""
    missed: frozenset[int] = frozenset()
    """Of these, what was pending with sigroute, and so not with the child (fork(2)), before it was in that group."""


class NotSpawned(Event):
    """A child's program could not be run."""

    child: int
    status: int
    """126 or 127, as in a shell; 0 when trying again may help (EAGAIN, ENOMEM)."""
    reason: str
    pid: int = 0
    """Its process, which was reaped: it had been Spawned; 0: there was none."""


class RunStarted(Event):
    """The command of an action runs, or is about to."""

    run: int
    pid: int


class RunNotStarted(Event):
    """The command of an action could not be run."""

    run: int
    reason: str
    pid: int = 0
    """As in NotSpawned: it was RunStarted."""


class Exited(Event):
    """A process of ours, by birth or adoption, was reaped."""

    pid: int
    status: int
    """Its exit code; 128 + n when signal n ended it."""
    signal: int = NO_SIGNAL
    """The signal that ended it."""


class Stopped(Event):
    """A process of ours was stopped by a signal."""

    pid: int
    signal: int


class Continued(Event):
    """A process of ours was continued."""

    pid: int


#: In ``Job.foreground``: sigroute's own group, the child's, one that nobody is in any more, another.
OURS, CHILDS, GONE, OTHERS = "sigroute", "child", "gone", "other"


class Job(Record):
    """How sigroute stands as a job, seen from a child."""

    terminal: bool = False
    """There is a controlling terminal."""
    foreground: str = OTHERS
    """Whose process group is in its foreground."""
    shell: bool = False
    """Our parent could continue us: our process group is not orphaned (setpgid(2), credentials(7))."""


class JobInspected(Event):
    """How sigroute stands as a job, now that a child has stopped."""

    child: int
    signal: int
    """Which has stopped the child."""
    job: Job
    by_itself: bool = True
    """Where that is STOP: one of the child's own group has sent it."""


class Resumed(Event):
    """sigroute had stopped itself with a child, and has been continued."""

    child: int
    job: Job
    """How it stands now."""
    shares: bool = False
    """The child is in sigroute's own process group: who has continued that has continued it."""


class Childless(Event):
    """Nothing is left that could be waited for: no process descends from sigroute."""


def in_common(masks: list[tuple[int | None, int]]) -> tuple[int | None, int]:
    """Return what all of some processes handle, None where one can't be read, and what any of them ignores."""
    survived, ignored = masks[0]
    for more, less in masks[1:]:
        survived = None if survived is None or more is None else survived & more
        ignored |= less
    return survived, ignored


class Below(Record):
    """A process below a child that is the child's program, and what can be read of it: as of a child."""

    process: Process
    handled: int | None
    ignored: int
    age: int
    """Milliseconds since it was forked."""


class Inspected(Event):
    """What can be read of a child at the moment."""

    child: int
    names: tuple[str, ...] | None
    """What it is known by: executable, argv[0] or title, script. Empty: not asked for, or nothing can be read. None:
    this system has no /proc."""
    handled: int | None
    """Bit n-1 for each signal n that it catches, ignores, blocks or waits for; None when it can't be read."""
    comm: str = ""
    """Its name as the kernel has it, which is cut (proc_pid_comm(5))."""
    ignored: int = 0
    """Those of them that it ignores."""
    below: tuple[Below, ...] = ()
    """The topmost processes below it that are its program, where it is not; empty, too, where that was not asked."""
    late: bool = False
    """Its exec takes long: until that is through it is sigroute's fork, and no name of its own can be read."""
    reason: str = ""
    """Why it could not be read this time, which says nothing of the next; empty: it was."""


class Listed(Event):
    """The processes of the namespace."""

    processes: tuple[Process, ...] | None
    """None: this system has no /proc to read, unless there is a reason."""
    me: int = 1
    """sigroute's own pid."""
    took: int = 0
    """Milliseconds, rounded up."""
    reason: str = ""
    """Why it could not be read this time, which says nothing of the next; empty: it was."""


class NotSent(Event):
    """A signal could not be sent, for another reason than that its target has gone."""

    child: int
    """Its index, or -1 for a process that nobody declared."""
    pid: int
    signal: int
    reason: str


class NotReaped(Event):
    """What has exited can't be reaped: the kernel refuses every way to. Told once."""

    reason: str
