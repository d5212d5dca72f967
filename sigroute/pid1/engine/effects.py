"""Everything that sigroute does. The kernel seam performs them in order; results return as events."""

from __future__ import annotations

from sigroute.pid1.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sigroute.pid1.engine.events import Process

#: In ``child``: a process that nobody declared.
NOBODY = -1


class Effect(Record):
    """Something to do."""


class Spawn(Effect):
    """Start a child. Answered by Spawned or NotSpawned."""

    child: int


class Run(Effect):
    """Start the command of an action. Answered by RunStarted or RunNotStarted."""

    run: int
    child: int
    argv: tuple[bytes, ...]


class Kill(Effect):
    """Send a signal to a process that has not been reaped, or to its process group."""

    child: int
    pid: int
    signal: int
    group: bool = False
    value: int | None = None
    """What goes with a signal that is forwarded: what came with it. None, too, for a group (sigqueue(3) knows none)."""
    origin: str = ""
    """The entry of the rule file that says so."""


class KillOther(Effect):
    """Send a signal to a process that may have been reaped by another: checked to be the same."""

    child: int
    process: Process
    """As it was listed."""
    signal: int
    origin: str = ""
    ours: bool = False
    """sigroute is its parent, and has not reaped it since it was listed: its pid can be nobody else's."""

    @property
    def pid(self) -> int:
        """Its pid."""
        return self.process.pid


class Inspect(Effect):
    """Read which signals a child handles, what it is, and what is below it. Answered by Inspected."""

    child: int
    pid: int
    names: bool
    """Whether what it is matters: of a child that is ready it is known."""
    programs: tuple[str, ...] = ()
    """If it is none of these, the topmost processes below it that are, are looked for."""
    left: tuple[int, ...] = ()
    """What it has left behind, which is read in its place, as it has exited: what all of it handles is handled."""


class List(Effect):
    """Read the list of processes. Answered by Listed."""


class InspectJob(Effect):
    """Read how sigroute stands as a job, as a child has stopped. Answered by JobInspected."""

    child: int
    pid: int
    signal: int
    """Which has stopped it."""


class Lend(Effect):
    """Put a child's process group into the foreground of the terminal."""

    child: int
    pid: int
    signal: int = 0
    """By which the child has asked for that. It waits for the answer, which is JobInspected; 0: nobody has asked."""


class StopSelf(Effect):
    """Stop sigroute, until it is continued. Answered by Resumed where it stops with a child."""

    signal: int
    """By which: the shell is told."""
    child: int = NOBODY
    pid: int = 0
    """The child's, with which it stops; NOBODY and 0: it stops because an action says so."""


class Say(Effect):
    """Tell a decision that no other event or effect shows."""

    what: str
    """A name in ``narrate.MESSAGES``."""
    child: int = NOBODY
    signal: int = 0
    origin: str = ""
    """The entry of the rule file that says so."""
    number: int = 0
    """How many it is about."""
    wait: int = 0
    """Milliseconds."""
    text: str = ""


class Exit(Effect):
    """End sigroute with this code."""

    code: int
