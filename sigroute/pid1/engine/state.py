"""What the engine remembers between two events. Each event makes a new state; no state is ever changed."""

from __future__ import annotations

from sigroute.pid1.engine.life import BACKING_OFF, LINGERING, WAITING
from sigroute.pid1.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sigroute.pid1.engine.events import Process
    from sigroute.pid1.engine.pending import Pending
    from sigroute.pid1.engine.watched import Watched
    from sigroute.pid1.plan import Plan, Step

# The stages of an action that is under way, in their order.
AFTER = "after"  # it waits for other children to exit
COMMAND = "run"  # it waits for its command
SENDING = "send"  # it sends and waits, until no step is left

#: In place of the id of an action (RunState.progress): the command is a probe.
PROBE = 0
#: The process looks whether the conditions of a child hold (conditions.py).
CONDITION = -1


class Arrival(Record):
    """A signal for one child, on its way to an action."""

    signal: int
    sender: str
    value: int | None = None
    """The value that was queued with it (sigqueue(3)); None: none."""
    instead: int = 0
    """The signal that a ``forward`` sends in place of this one; 0: this one."""


class Held(Record):
    """A signal that is kept until the child runs its program."""

    arrival: Arrival
    action: int
    due: int | None
    """When the hold ends even so; None: it has no time limit."""


class Progress(Record):
    """An action that is under way for a child."""

    id: int
    action: int
    arrival: Arrival
    """The signal that started it."""
    generation: int
    """The child's generation when it was started."""
    is_stop: bool
    """It is the child's stop action: under way until the child has exited."""
    stage: str
    steps: tuple[Step, ...]
    """The steps that are left."""
    due: int | None = None
    """When the wait of the first step ends; None: it has not begun to wait."""
    awaits_answer: bool = False
    """It cannot send before the processes are listed, or the child is inspected."""
    look_at: int | None = None
    """When to look at something ahead of ``due``: at the list of processes, or, in an idle wait, at connections; None:
    not ahead of it."""
    listed: bool = False
    """The list of processes was asked for ahead of ``due``, for the first step."""
    repeat: bool = False
    """It is started once more when it is done."""
    cont_pending: bool = False
    """It is a stop action and has sent a signal: if the child turns out to be stopped, it gets CONT."""
    sent_kill: bool = False
    """It is a stop action and has sent KILL: processes that the tree has forked meanwhile get KILL, too."""
    told_program: tuple[Process, ...] = ()
    """It is a stop action: its last signal went to these processes of the program below the child."""
    last_arrivals: dict[int, int] = {}  # noqa: RUF012 - a default, never changed
    """By signal: when it last arrived without being a duplicate."""


class RunState(Record):
    """A command that was started for an action."""

    child: int
    progress: int
    """The id of the action that started it; that action may be forgotten by now. 0 or less: see probes.py."""
    generation: int
    """The child's generation when it was started."""
    due: int | None
    """When its ``timeout`` is over; None: it has none."""
    pid: int = 0
    """0 before it runs, and again after it was killed."""
    kill_at_list: bool = False
    """It must be killed with its tree as soon as the processes are listed."""


class Owner(Record):
    """Whose process a pid is: a child's own process, or that of a command."""

    child: int
    generation: int
    """The child's generation when the process was started."""
    run: int = 0
    """The number of the command; 0: it is the child's own process."""


class Child(Record):
    """A declared child: its phase and generation (life.py), its process, and the actions under way for it."""

    phase: str = WAITING
    generation: int = 0
    """How many lives it has begun."""
    since: int = 0
    """When its present phase began."""
    pid: int = 0
    status: int | None = None
    """Its exit code; None while it lives, and if it was never started."""
    retry_at: int | None = None
    """When to spawn it again, while it is backing off."""
    refusals: int = 0
    """How often in a row the kernel has refused to start it."""
    starts: int = 0
    """How often in a row it was started, if its rules may restart it."""
    waited: int = 0
    """How often in a row it has backed off, or does so now."""
    started_at: int | None = None
    """When its process was made; None: its rules do not ask for it."""
    lived: bool = False
    """It has had a process, if it is one of many children (``Plan.many``)."""
    back_at: int | None = None
    """It has ended and is to be started again, not before this; first, what is left of its tree must end."""
    doomed: bool = False
    """It is to be killed with its tree as soon as the processes are listed."""
    failed: bool = False
    """sigroute ends this life of it, as it was not ready in time, is not well, or is a task that is out of time."""
    ready: bool = False
    """It is ready: those that need it may start. Nobody looks at it where nobody needs it."""
    included: bool | None = None
    """Its conditions hold; False: they do not, so it is left out. None: that is not decided, or it has none."""
    asked: str = ""
    """What the control socket has asked for: ``stop``: it stays down until it is asked to start; ``restart``: it is to
    be started again once it has ended."""
    done: bool = False
    """It is a task, and has done what others need of it."""
    ready_at: int | None = None
    """When it becomes ready, or is asked next whether it is."""
    probe_at: int | None = None
    """When to look next whether it is still well."""
    failures: int = 0
    """How often in a row it was not."""
    told: frozenset[str] = frozenset()
    """What the log has said of this life, and says once (``Draft.say_once``)."""
    late_at: int | None = None
    """When it has failed if it is not ready."""
    timeout_at: int | None = None
    """It is a task: when it has failed if it is not done."""
    kill_at: int | None = None
    """When it gets KILL, as it has outlived the stop action that it got for a failure."""
    stopped: bool = False
    """A signal has stopped it (state T)."""
    shares: bool = False
    """It is in sigroute's own process group."""
    hears: frozenset[int] = frozenset()
    """The signals that a terminal sends to the child as well as to sigroute: both are in one process group."""
    missed: frozenset[int] = frozenset()
    """Those of ``hears`` that the terminal may have sent before the child was in that group."""
    inbox: tuple[Arrival, ...] = ()
    """Signals that wait until the child is inspected."""
    held: tuple[Held, ...] = ()
    program_below: bool = False
    """The child stays a wrapper: its program is a process below it."""
    poll_at: int | None = None
    """When to inspect it again: does it run its program, and has it handlers for the held signals?"""
    polls: int = 0
    """How many polls have found it running its program without a handler for a held signal."""
    read_failures: int = 0
    """How often in a row it could not be inspected."""
    watched: tuple[Watched, ...] = ()
    """The paths that it watches, in the order of the plan; none, if nobody is to be told of changes now."""
    progress: tuple[Progress, ...] = ()
    members: tuple[Process, ...] = ()
    """Its tree without itself, as last listed."""
    roots: frozenset[int] = frozenset()
    """While it lingers: the pids of the topmost processes of its tree. Each process that is waited for is one of these,
    or descends from one. They are sigroute's children, so no new list is needed before the last of them is reaped."""
    roots_left: int = 0
    """How many of ``roots`` have not been reaped."""

    def is_root(self, pid: int) -> bool:
        """Tell whether a pid is one of ``roots``, and none of these has been reaped since they were listed."""
        return self.phase == LINGERING and self.roots_left == len(self.roots) and pid in self.roots


class Stop(Record):
    """The stop is under way."""

    arrival: Arrival
    asked: bool
    """A signal has asked for it; false: ``[exit] when`` was met."""
    due: int | None
    """When ``grace`` is over; once it is over, when to give up on processes that KILL does not end; None: never."""
    over: bool = False
    """``grace`` is over: all remaining processes are being killed."""
    began: int = 0
    """When it began."""
    tell_at: int | None = None
    """When the log is to say next what is still there; None: it does not."""
    exits: dict[int, int] = {}  # noqa: RUF012 - a default, never changed
    """By child: when it has exited in this stop."""
    longest: tuple[int, int] = (0, 0)
    """The most milliseconds that a child took to exit, without those in which it waited for others; and that child."""


class Drain(Record):
    """The drain is under way: every child has exited, and the remaining descendants are being ended."""

    killing: bool = False
    """The wait for them is over: they get KILL."""
    due: int | None = None
    """When to list the processes for the next KILL; None: that list has been asked for."""
    rounds: int = 0
    """How many times KILL was sent to all of them."""


class State(Record):
    """The whole state. Its fields are declared here and nowhere else."""

    children: tuple[Child, ...]
    busy: frozenset[int] = frozenset()
    """The indices of the children for which ``is_busy`` is true, so that a tick need not go through all children."""
    exited: int = 0
    """How many children are in the phase ``exited``, so that nothing need count them."""
    next_untried: int = 0
    """The first child whose turn to start has not come."""
    blocked: frozenset[int] = frozenset()
    """The indices of the children that wait for what they need."""
    owners: dict[int, tuple[int, int, int]] = {}  # noqa: RUF012 - a default, never changed
    """By pid, until it is reaped: the fields of an Owner, in their order. A thousand records would take 200 kB."""
    runs: dict[int, RunState] = {}  # noqa: RUF012 - a default, never changed
    """By the number of the command."""
    last_id: int = 0
    """The number that was last given to an action or a command."""
    listing: bool = False
    """The list of processes has been asked for."""
    listing_took: int = 0
    """The milliseconds that the last listing took."""
    next_listing: int = 0
    """The earliest time of the next listing that only finds out whether a tree has ended."""
    relist_at: int | None = None
    """When to list again, to see whether a tree has ended or after a failure; None: no listing is planned."""
    listing_failures: int = 0
    """How often in a row the list could not be read."""
    own_pid: int = 1
    """The pid of sigroute, as the last list had it."""
    no_proc: bool = False
    """There is no /proc, and the log has said so."""
    no_diag: bool = False
    """The kernel refuses sock_diag(7), and the log has said so."""
    stop: Stop | None = None
    drain: Drain | None = None
    ended_by: int | None = None
    """The child whose exit met ``[exit] when``, or the task that has failed."""
    unwatched: frozenset[tuple[str, str]] = frozenset()
    """The paths that can't be watched, each with the reason that the log has told."""
    failed_task: int | None = None
    """The task whose failure ends the container."""
    requests: tuple[Pending, ...] = ()
    """What the control socket has asked for, and waits for."""
    ended: bool = False

    def owner(self, pid: int) -> Owner | None:
        """Return the owner of a process that sigroute has started; None for any other."""
        if pid not in self.owners:
            return None
        child, generation, run = self.owners[pid]
        return Owner(child=child, generation=generation, run=run)


def dues_of(child: Child) -> tuple[int | None, ...]:
    """Return the times of a child itself at which something is due; its actions and holds have their own."""
    looks = child.poll_at, child.ready_at, child.probe_at
    watched = [each.due for each in child.watched]
    return (*looks, child.retry_at, child.late_at, child.timeout_at, child.kill_at, *watched)


def is_busy(child: Child) -> bool:
    """Tell whether something is under way for a child, or has a deadline."""
    under_way = bool(child.progress or child.held) or any(due is not None for due in dues_of(child))
    return under_way or child.phase in (LINGERING, BACKING_OFF)


def initial(plan: Plan) -> State:
    """Return the state before anything has happened."""
    return State(children=tuple([Child() for _ in plan.children]))
