"""What the engine remembers between two events. A new state is made for each; none is changed."""

from __future__ import annotations

from sigroute.pid1.engine.life import BACKING_OFF, LINGERING, WAITING
from sigroute.pid1.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sigroute.pid1.engine.events import Process
    from sigroute.pid1.plan import Plan, Step

# The stages of an action that is under way, in the order in which they come.
AFTER = "after"  # waits for other children to exit
COMMAND = "run"  # waits for its command
SENDING = "send"  # sends and waits, until no step is left
STAGES = (AFTER, COMMAND, SENDING)


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
    """The signal that started it."""
    generation: int
    """The child's, in which it was started."""
    is_stop: bool
    """It is the child's stop action: under way until the child has exited."""
    stage: str
    steps: tuple[Step, ...]
    """What is left to do."""
    due: int | None = None
    """When the wait of the first step ends; None: it has not begun to wait."""
    awaits_look: bool = False
    """It can't send on before the processes are listed, or the child is read."""
    list_at: int | None = None
    """When to ask for that list, as long before ``due`` as it takes; None: not before."""
    listed: bool = False
    """The processes were listed for the first step, ahead of ``due``."""
    repeat: bool = False
    """It is to be done once more."""
    cont_pending: bool = False
    """It is a stop action and has sent a signal: should the child turn out to be stopped, it gets CONT."""
    sent_kill: bool = False
    """It is a stop action and has sent KILL: who in the child's tree was forked meanwhile gets it, too."""
    told_program: tuple[Process, ...] = ()
    """It is a stop action, whose last signal went to these processes of the program below the child."""
    last_arrivals: dict[int, int] = {}  # noqa: RUF012 - a default, never changed
    """By signal: when the last one arrived that was no duplicate."""


class RunState(Record):
    """A command that was started for an action."""

    child: int
    progress: int
    """The id of the action that waits for it; it may have been forgotten since."""
    generation: int
    """The child's, in which it was started."""
    due: int
    """When its time is over."""
    pid: int = 0
    """0 until it runs, and again once it was killed."""
    to_kill: bool = False
    """It is to be killed with its tree as soon as the list of processes is there."""


class Owner(Record):
    """Whose process a pid is: a child's own, or a command's."""

    child: int
    generation: int
    """The child's, in which it was started."""
    run: int = 0
    """The number of the command; 0: it is the child's own process."""


class Child(Record):
    """A declared child: its life so far (life.py), and what is under way for it."""

    phase: str = WAITING
    generation: int = 0
    """How many lives it has begun."""
    pid: int = 0
    status: int | None = None
    """Its exit code; None while it lives, and when it was never started."""
    retry_at: int | None = None
    """When it is spawned again, while it backs off."""
    attempts: int = 0
    """How often in a row it was refused."""
    stopped: bool = False
    """A signal has stopped it (state T)."""
    shares: bool = False
    """It is in sigroute's own process group."""
    hears: frozenset[int] = frozenset()
    """The signals that a terminal sends to it as well as to sigroute, as it is in the same group."""
    missed: frozenset[int] = frozenset()
    """Of these, what the terminal may have sent before it was in that group."""
    inbox: tuple[Arrival, ...] = ()
    """Signals that wait for what is being read of it."""
    held: tuple[Held, ...] = ()
    program_below: bool = False
    """It runs its program, but not itself: that is a process below it."""
    look_at: int | None = None
    """When to look again whether it runs its program, and can take what is held."""
    handler_looks: int = 0
    """How often it was looked at while it runs its program, as it had no handler for what is held."""
    read_failures: int = 0
    """How often in a row it could not be read."""
    progress: tuple[Progress, ...] = ()
    members: tuple[Process, ...] = ()
    """What descended from it when last looked at."""
    roots: frozenset[int] = frozenset()
    """Once its process has gone: sigroute's own children, by pid, from whom somebody descends who is waited for. While
    one is left, nobody need look."""
    roots_left: int = 0
    """How many of these have not been reaped."""

    def holds(self, pid: int) -> bool:
        """Tell whether this is one of its roots, and none of them has been reaped since they were listed."""
        return self.phase == LINGERING and self.roots_left == len(self.roots) and pid in self.roots


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
    """All of it. Only here is it said what a state has: a draft (draft.py) has what this has."""

    children: tuple[Child, ...]
    busy: frozenset[int] = frozenset()
    """The children of which ``is_busy`` is true, by index: so nobody need look through all of them."""
    exited: int = 0
    """How many have exited, so that nobody need count them, either."""
    next_untried: int = 0
    """The first child that nobody has tried to start."""
    owners: dict[int, Owner] = {}  # noqa: RUF012 - a default, never changed
    """By pid, until it is reaped."""
    runs: dict[int, RunState] = {}  # noqa: RUF012 - a default, never changed
    last_id: int = 0
    """The last that an action or a command was given."""
    listing: bool = False
    """The list of processes has been asked for."""
    listing_took: int = 0
    """Milliseconds that the last one took."""
    next_listing: int = 0
    """From when on the next is asked for to see whether a tree has ended."""
    relist_at: int | None = None
    """When to do so, or to ask again as it could not be read; None: nobody waits for that."""
    listing_failures: int = 0
    """How often in a row it could not be read."""
    own_pid: int = 1
    """sigroute's, as that list had it."""
    no_proc: bool = False
    """There is no /proc, which has been said."""
    stop: Stop | None = None
    drain: Drain | None = None
    ended_by: int | None = None
    """The child whose exit met ``[exit] when``."""
    ended: bool = False


def is_busy(child: Child) -> bool:
    """Tell whether something of a child is under way, or may be due."""
    under_way = bool(child.progress or child.held) or child.look_at is not None
    return under_way or child.phase in (LINGERING, BACKING_OFF)


def initial(plan: Plan) -> State:
    """Return the state before anything has happened."""
    return State(children=tuple([Child() for _ in plan.children]))
