"""What the engine remembers between two events. A new state is made for each; none is changed."""

from __future__ import annotations

from sigroute.pid1.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sigroute.pid1.engine.events import Process
    from sigroute.pid1.plan import Plan, Step

# The phases of a child, in the order in which they come.
UNSTARTED = "unstarted"
STARTING = "starting"  # it runs, but has not become its program
READY = "ready"
LINGERING = "lingering"  # its process has exited; what descended from it is still waited for
EXITED = "exited"
PHASES = (UNSTARTED, STARTING, READY, LINGERING, EXITED)

# The stages of an action that is under way, in the order in which they come.
AFTER = "after"  # waits for other children to exit
RUNNING = "run"  # waits for its command
SENDING = "send"  # sends and waits, until no step is left
STAGES = (AFTER, RUNNING, SENDING)


class Arrival(Record):
    """A signal for one child, on its way to an action."""

    signal: int
    sender: str
    value: int | None = None
    """What was queued with it."""
    instead: int = 0
    """What is sent where it is to be forwarded; 0: itself."""


class Held(Record):
    """A signal that is kept until the child is ready."""

    arrival: Arrival
    action: int
    due: int | None
    """When the hold ends; None: when the child is ready."""


class Progress(Record):
    """An action that is under way for a child."""

    id: int
    action: int
    arrival: Arrival
    """The one that started it."""
    stop: bool
    """It is the child's stop action: under way until the child has exited."""
    stage: str
    steps: tuple[Step, ...]
    """What is left to do."""
    due: int | None = None
    """When the wait of the first step ends; None: it has not begun to wait."""
    look: bool = False
    """It needs the list of processes before it can send on."""
    ahead: int | None = None
    """When to ask for that list, as long before ``due`` as it takes; None: not before."""
    listed: bool = False
    """The processes were listed for the first step, ahead of ``due``."""
    repeat: bool = False
    """It is to be done once more."""
    owes: bool = False
    """It is a stop action and has sent a signal: should the child turn out to be stopped, it gets CONT."""
    killed: bool = False
    """It is a stop action and has sent KILL: who in the child's tree was forked meanwhile gets it, too."""
    told: tuple[Process, ...] = ()
    """It is a stop action, whose last signal went to these processes of the program below the child."""
    counted: dict[int, int] = {}  # noqa: RUF012 - a default, never changed
    """By signal: when the last one arrived that was no duplicate."""


class RunState(Record):
    """A command that was started for an action."""

    child: int
    progress: int
    """The id of the action that waits for it; it may have been forgotten since."""
    due: int
    """When its time is over."""
    pid: int = 0
    """0 until it runs."""
    doomed: bool = False
    """To be killed with its tree as soon as the list of processes is there."""


class Child(Record):
    """A declared child."""

    phase: str = UNSTARTED
    pid: int = 0
    status: int | None = None
    """Its exit code; None while it lives, and when it was never started."""
    due: int | None = 0
    """When to start it; None: it is being started."""
    attempts: int = 0
    stopped: bool = False
    """A signal has stopped it (state T)."""
    inbox: tuple[Arrival, ...] = ()
    """Signals that wait for what is being read of it."""
    held: tuple[Held, ...] = ()
    below: bool = False
    """It is ready, but not itself: its program runs below it."""
    poll: int | None = None
    """When to look again whether it is ready, and can take what is held."""
    looks: int = 0
    """How often it was looked at since it is ready, as it had no handler for what is held."""
    unread: int = 0
    """How often in a row it could not be read."""
    progress: tuple[Progress, ...] = ()
    members: tuple[Process, ...] = ()
    """What descended from it when last looked at."""
    tops: frozenset[int] = frozenset()
    """Of those, once its process has gone, the pids of sigroute's own children from whom somebody descends who is
    waited for: while one is left, nobody need look."""
    left: int = 0
    """How many of these have not been reaped."""

    def holds(self, pid: int) -> bool:
        """Tell whether this is one of these, and none of them has been reaped since they were listed."""
        return self.phase == LINGERING and self.left == len(self.tops) and pid in self.tops


class Stop(Record):
    """The stop is under way."""

    arrival: Arrival
    asked: bool
    """A signal asked for it; else ``[exit] when`` was met."""
    due: int | None
    """When ``grace`` is over, and then, when to end though something resists; None: never."""
    over: bool = False
    """``grace`` is over: all that is left is being killed."""


class Drain(Record):
    """Every child has exited; descendants that nobody declared are being ended."""

    killing: bool = False
    due: int | None = None
    """When to kill, and to look again; None: the list of processes is awaited."""
    rounds: int = 0


class State(Record):
    """All of it."""

    children: tuple[Child, ...]
    busy: frozenset[int] = frozenset()
    """The children of which ``is_busy`` is true, by index: so nobody need look through all of them."""
    untried: int = 0
    """The first child that was not even tried to be started: it is the next, unless one is due again, or a stop is."""
    gone: int = 0
    """How many are exited, which nobody need count, either."""
    owners: dict[int, tuple[str, int]] = {}  # noqa: RUF012 - a default, never changed
    """By pid: ("child", index) or ("run", id), until it is reaped."""
    runs: dict[int, RunState] = {}  # noqa: RUF012 - a default, never changed
    serial: int = 0
    """The last id that was given."""
    listing: bool = False
    """The list of processes has been asked for."""
    took: int = 0
    """Milliseconds that the last one took."""
    rested: int = 0
    """From when on the next is asked for to see whether a tree has ended."""
    relook: int | None = None
    """When to do so, or to ask again as it could not be read; None: nobody waits for that."""
    me: int = 1
    """sigroute's own pid, as that list had it."""
    unread: int = 0
    """How often in a row it could not be read."""
    stop: Stop | None = None
    drain: Drain | None = None
    culprit: int | None = None
    """The child whose exit met ``[exit] when``."""
    blind: bool = False
    """It has been said that there is no /proc."""
    ended: bool = False


def is_busy(child: Child) -> bool:
    """Tell whether something of a child is under way, or may be due."""
    again = child.phase == UNSTARTED and child.attempts > 0
    return bool(child.progress or child.held) or child.poll is not None or child.phase == LINGERING or again


def initial(plan: Plan) -> State:
    """Return the state before anything has happened."""
    return State(children=tuple([Child() for _ in plan.children]))
