"""The life of a child: what phase it is in, what can happen to it there, and what phase comes of that.

A child is what a rule file declares. It is started, it may become its program only after a while (an entrypoint script
that ends in ``exec nginx``), it ends, and what it has started may outlive it. A signal means something else in each of
these phases, so everything that the engine decides about a child begins with its phase.

The phases
----------

``waiting``      Nobody has tried to start it yet. Children are started one at a time, in the file's order.
``spawning``     The kernel has been asked for its process, and has not answered.
``backing off``  There was no memory or no pid for it. It is tried again when ``retry_at`` has come.
``starting``     Its process is there, but has not become its program: the table for ``starting`` applies.
``running``      It runs its program: the ordinary table applies. A child without ``program`` runs it at once.
``lingering``    Its process was reaped, but something that descends from it is still waited for: its tree where
                 ``exited = "tree"`` says so, or those whom an action under way is still to signal.
``exited``       Nothing of it is left that anybody waits for.

What can happen to a child
--------------------------

``spawn``        Its turn has come: Begin or Tick, as long as no stop is under way.
``spawned``      Its process was made (Spawned).
``refused``      The kernel could not start it for now (NotSpawned without a status). After a slow exec this may come
                 long after ``spawned``.
``failed``       It cannot be run at all (NotSpawned with a status), or could not for now and a stop is under way.
``cancelled``    A stop begins before it has a process. It will never get one, unless it is spawning: then the kernel's
                 answer decides.
``recognised``   It has become its program (Inspected), or has none to become.
``reaped``       Its process has ended (Exited), and something that descends from it is still waited for.
``ended``        Nothing of it is left that is waited for (Exited, Listed, Childless).

The diagram
-----------

    waiting --spawn--> spawning --spawned--> starting --recognised--> running --reaped--> lingering --ended--> exited

    spawning --refused--> backing off --spawn--> spawning        the kernel has no memory or pid for it now
    starting --refused--> backing off                            nor for its exec, as is known only later
    running --refused--> backing off

    waiting --cancelled--> exited                                the stop comes before it was started
    backing off --cancelled--> exited
    spawning --cancelled--> spawning                             its process may be there: it gets the stop's signal

    spawning --failed--> exited                                  no such program, no permission
    starting --failed--> exited
    running --failed--> exited

    starting --reaped--> lingering                               it ends before it has become its program
    starting --ended--> exited
    running --ended--> exited

The same as a table; a dot means that this cannot happen:

                 spawn     spawned   refused      failed  cancelled    recognised  reaped     ended
    waiting      spawning  .         .            .       exited       .           .          .
    spawning     .         starting  backing off  exited  spawning     .           .          .
    backing off  spawning  .         .            .       exited       .           .          .
    starting     .         .         backing off  exited  .            running     lingering  exited
    running      .         .         backing off  exited  .            .           lingering  exited
    lingering    .         .         .            .       .            .           .          exited
    exited       .         .         .            .       .            .           .          .

Lives
-----

A child may live more than once: one whose exec has failed for now is spawned again. Each ``spawn`` begins a new life,
and its number is the child's ``generation``. What belongs to a life carries that number: the owner of a pid, an action
under way, a command that was started for one. So what comes late from an earlier life (a command that ends, a process
that is reaped) is known for what it is, and changes nothing about the present one. A generation never goes back.

A restart is a row to add here (``exited --spawn--> spawning``) and a reason to take it; nothing else begins a life.

What holds
----------

* Only ``move`` changes a phase, and only along this table. What the table does not have cannot happen; should it all
  the same, the child stays as it is, as PID 1 must not end because of an error of its own.
* What a child forgets when something happens to it is in FORGETS, by what happens, and nowhere else.
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
CANCELLED = "cancelled"
RECOGNISED = "recognised"
REAPED = "reaped"
ENDED = "ended"

TRANSITIONS: dict[str, dict[str, str]] = {
    WAITING: {SPAWN: SPAWNING, CANCELLED: EXITED},
    SPAWNING: {SPAWNED: STARTING, REFUSED: BACKING_OFF, FAILED: EXITED, CANCELLED: SPAWNING},
    BACKING_OFF: {SPAWN: SPAWNING, CANCELLED: EXITED},
    STARTING: {REFUSED: BACKING_OFF, FAILED: EXITED, RECOGNISED: RUNNING, REAPED: LINGERING, ENDED: EXITED},
    RUNNING: {REFUSED: BACKING_OFF, FAILED: EXITED, REAPED: LINGERING, ENDED: EXITED},
    LINGERING: {ENDED: EXITED},
    EXITED: {},
}
"""By phase, then by what happens: the next phase."""

#: It has no process yet.
UNSTARTED = (WAITING, SPAWNING, BACKING_OFF)
#: Its process lives: it was started, and has not been reaped.
ALIVE = (STARTING, RUNNING)
#: Something of it is there to get a signal.
PRESENT = (STARTING, RUNNING, LINGERING)

#: What belongs to its process: signals for it, looks at it.
_PROCESS: dict[str, object] = {"inbox": (), "held": (), "look_at": None, "stopped": False}

#: And what belongs to its tree.
_TREE: dict[str, object] = {**_PROCESS, "progress": (), "members": (), "roots": frozenset()}

#: And all else that came of its start.
_START: dict[str, object] = {
    **_TREE,
    "pid": 0,
    "shares": False,
    "hears": frozenset(),
    "missed": frozenset(),
    "program_below": False,
    "handler_looks": 0,
    "read_failures": 0,
    "roots_left": 0,
}

FORGETS: dict[str, dict[str, object]] = {
    SPAWN: {"retry_at": None},
    # It has never run: whoever took it for started was wrong, and nothing of that is left.
    REFUSED: _START,
    FAILED: _START,
    REAPED: _PROCESS,
    ENDED: _TREE,
}
"""By what happens: the fields that are cleared by that."""


def move(child: Child, happened: str) -> Child:
    """Return a child as it is after something has happened to it; unchanged, where that cannot happen in its phase."""
    phase = TRANSITIONS[child.phase].get(happened)
    if phase is None or phase == child.phase:
        return child
    generation = child.generation + (happened == SPAWN)
    return child.but(phase=phase, generation=generation, **FORGETS.get(happened, {}))
