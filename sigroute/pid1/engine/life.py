"""The life of a child: its phases, what can happen in each of them, and which phase follows.

A rule file declares the children. A child is started. It may become its program only after a while: an entrypoint
script ends in ``exec nginx``. It ends, and processes that it has started may outlive it. A signal means something else
in each of these phases, so every decision of the engine about a child begins with its phase.

The phases
----------

``waiting``      Nobody has tried to start it yet. Children are started one at a time, in the file's order, each as
                 soon as what it needs is ready (order.py).
``spawning``     The kernel was asked for its process, and has not answered yet.
``backing off``  It has no process and will have one: the kernel had no memory or no pid for it, or it has ended and is
                 to be started again (restart.py). The next try comes at ``retry_at``.
``starting``     Its process is there, but has not become its program: the table for ``starting`` applies.
``running``      It runs its program: the ordinary table applies. A child without ``program`` runs it at once.
``lingering``    Its process was reaped, but sigroute still waits for descendants: for the whole tree with
                 ``exited = "tree"``, or for processes that an action under way has yet to signal.
``exited``       sigroute waits for nothing of it any more.

What can happen to a child
--------------------------

``spawn``        It is its turn to start (Begin or Tick, while no stop is under way).
``spawned``      Its process was made (Spawned).
``refused``      The kernel could not start it for now (NotSpawned without a status). After a slow exec this may come
                 long after ``spawned``.
``failed``       The kernel cannot run it at all (NotSpawned with a status), or not now while a stop is under way. Or
                 something that it needs has exited for good.
``omitted``      Its conditions do not hold, so it is left out (conditions.py).
``cancelled``    A stop begins before it has a process. It will never get one, unless it is spawning: then the kernel's
                 answer decides.
``recognised``   It has become its program (Inspected), or its rules name no ``program``.
``reaped``       Its process has ended (Exited), so it counts as exited, and sigroute still waits for descendants.
``left``         Its process has ended (Exited), and its tree goes on as the child: ``exited = "tree"``.
``ended``        sigroute waits for nothing of it any more (Exited, Listed, Childless).
``returns``      The same, or it could not be run, but it is to be started again.
``asked``        Somebody asks to start it, at the control socket (requests.py).

The diagram
-----------

    waiting --spawn--> spawning --spawned--> starting --recognised--> running --reaped--> lingering --ended--> exited

    spawning --refused--> backing off --spawn--> spawning        the kernel has no memory or pid for it now
    starting --refused--> backing off                            a slow exec has failed for want of memory
    running --refused--> backing off

    waiting --failed--> exited                                   what it needs will never be ready
    waiting --omitted--> exited                                  it is left out
    backing off --omitted--> exited                              a start has failed before that was found out
    waiting --cancelled--> exited                                the stop begins before it was started
    backing off --cancelled--> exited
    backing off --failed--> exited                               a task that is out of time
    spawning --cancelled--> spawning                             if it gets a process, that gets the stop's signal

    spawning --failed--> exited                                  no such program, no permission
    starting --failed--> exited
    running --failed--> exited

    starting --reaped--> lingering                               it ends before it has become its program
    starting --left--> lingering
    running --left--> lingering
    starting --ended--> exited
    running --ended--> exited

    spawning --returns--> backing off                            it is to be started again
    starting --returns--> backing off
    running --returns--> backing off
    lingering --returns--> backing off

    exited --asked--> backing off                                at the control socket

The same as a table; a dot means that this cannot happen:

                waiting   spawning     backing off  starting     running      lingering    exited
    spawn       spawning  .            spawning     .            .            .            .
    spawned     .         starting     .            .            .            .            .
    refused     .         backing off  .            backing off  backing off  .            .
    failed      exited    exited       exited       exited       exited       .            .
    omitted     exited    .            exited       .            .            .            .
    cancelled   exited    spawning     exited       .            .            .            .
    recognised  .         .            .            running      .            .            .
    reaped      .         .            .            lingering    lingering    .            .
    left        .         .            .            lingering    lingering    .            .
    ended       .         .            .            exited       exited       exited       .
    returns     .         backing off  .            backing off  backing off  backing off  .
    asked       .         .            .            .            .            .            backing off

Lives
-----

A child may live more than once: if its exec fails for want of memory, or its rules restart it. Each ``spawn`` begins a
new life. The child's ``generation`` is the number of its lives so far. Everything that belongs to one life carries that
number: the owner of a pid, an action under way, the command of an action. So the engine knows when a command ends, or a
process is reaped, that belongs to an earlier life; this changes nothing in the present life. The number never goes
back.

What holds
----------

* Only ``move`` changes a phase, and only along this table. A move that is not in the table should never be asked for;
  if it is, the child stays as it is, as PID 1 must not end because of an error of its own.
* FORGETS is the only list of the fields that such a move clears.
* The law over random histories: a step moves a child along the table, and never to an older generation.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol, Self, TypeVar

    class Living(Protocol):
        """What has a life: a child (state.py)."""

        @property
        def phase(self) -> str:
            """One of the above."""

        @property
        def generation(self) -> int:
            """How many lives it has begun."""

        def but(self, **changes: object) -> Self:
            """Return a copy in which these fields differ."""

    Child = TypeVar("Child", bound=Living)

# The phases.
WAITING = "waiting"
SPAWNING = "spawning"
BACKING_OFF = "backing off"
STARTING = "starting"
RUNNING = "running"
LINGERING = "lingering"
EXITED = "exited"

# What can happen.
SPAWN = "spawn"
SPAWNED = "spawned"
REFUSED = "refused"
FAILED = "failed"
OMITTED = "omitted"
CANCELLED = "cancelled"
RECOGNISED = "recognised"
REAPED = "reaped"
LEFT = "left"
ENDED = "ended"
RETURNS = "returns"
ASKED = "asked"

TRANSITIONS: dict[str, dict[str, str]] = {
    WAITING: {SPAWN: SPAWNING, FAILED: EXITED, OMITTED: EXITED, CANCELLED: EXITED},
    SPAWNING: {
        SPAWNED: STARTING,
        REFUSED: BACKING_OFF,
        FAILED: EXITED,
        CANCELLED: SPAWNING,
        RETURNS: BACKING_OFF,
    },
    BACKING_OFF: {SPAWN: SPAWNING, FAILED: EXITED, OMITTED: EXITED, CANCELLED: EXITED},
    STARTING: {
        REFUSED: BACKING_OFF,
        FAILED: EXITED,
        RECOGNISED: RUNNING,
        REAPED: LINGERING,
        LEFT: LINGERING,
        ENDED: EXITED,
        RETURNS: BACKING_OFF,
    },
    RUNNING: {
        REFUSED: BACKING_OFF,
        FAILED: EXITED,
        REAPED: LINGERING,
        LEFT: LINGERING,
        ENDED: EXITED,
        RETURNS: BACKING_OFF,
    },
    LINGERING: {ENDED: EXITED, RETURNS: BACKING_OFF},
    EXITED: {ASKED: BACKING_OFF},
}
"""By phase, then by what happens: the next phase."""

#: It has no process yet.
UNSTARTED = (WAITING, SPAWNING, BACKING_OFF)
#: Its process lives: it was started, and has not been reaped.
ALIVE = (STARTING, RUNNING)
#: It can get a signal: its process, or descendants of that, are there.
PRESENT = (STARTING, RUNNING, LINGERING)

#: The fields about its process: signals for it, inspections of it.
_PROCESS: dict[str, object] = {"inbox": (), "held": (), "poll_at": None, "stopped": False}

#: The fields about the child while it has not exited: is it ready, is it well, is it to be killed?
_UNTIL_EXIT: dict[str, object] = {
    "ready": False,
    "ready_at": None,
    "probe_at": None,
    "failures": 0,
    "told": frozenset(),
    "late_at": None,
    "kill_at": None,
    "doomed": False,
    "watched": (),
}

#: The fields about its process or its tree.
_TREE: dict[str, object] = {**_PROCESS, **_UNTIL_EXIT, "progress": (), "members": (), "roots": frozenset()}

#: The fields about its process, its tree and its start.
_START: dict[str, object] = {
    **_TREE,
    "pid": 0,
    "shares": False,
    "hears": frozenset(),
    "missed": frozenset(),
    "program_below": False,
    "polls": 0,
    "read_failures": 0,
    "roots_left": 0,
    "back_at": None,
    "failed": False,
}

FORGETS: dict[str, dict[str, object]] = {
    SPAWN: {"retry_at": None},
    OMITTED: {"retry_at": None, "timeout_at": None},
    CANCELLED: {"retry_at": None, "timeout_at": None},
    # Its program has never run, even if the engine had counted it as started: everything about that start is cleared.
    REFUSED: _START,
    FAILED: {**_START, "retry_at": None, "timeout_at": None},
    REAPED: {**_PROCESS, **_UNTIL_EXIT},
    LEFT: _PROCESS,
    ENDED: {**_TREE, "timeout_at": None},
    RETURNS: _START,
}
"""By what happens: the fields that it clears."""


def move(child: Child, happened: str) -> Child:
    """Return a child after something has happened to it; the same child if that cannot happen in its phase."""
    phase = TRANSITIONS[child.phase].get(happened)
    if phase is None or phase == child.phase:
        return child
    generation = child.generation + (happened == SPAWN)
    # Only what differs: a field that has its default takes no memory, and there may be a thousand children.
    cleared = {name: value for name, value in FORGETS.get(happened, {}).items() if getattr(child, name) != value}
    return child.but(phase=phase, generation=generation, **cleared)
