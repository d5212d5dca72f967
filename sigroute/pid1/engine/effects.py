"""Everything that sigroute does. The kernel seam performs the effects in order; results return as events."""

from __future__ import annotations

from sigroute.pid1.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sigroute.pid1.engine.events import Process

#: The value of ``child`` for a process that nobody declared.
NOBODY = -1


class Effect(Record):
    """Something to do."""


class Spawn(Effect):
    """Start a child. Answered by Spawned or NotSpawned."""

    child: int


class Run(Effect):
    """Start the command of an action, or a probe. Answered by RunStarted or RunNotStarted."""

    run: int
    child: int
    argv: tuple[bytes, ...]
    file: bytes = b""
    """Without ``argv``: the process runs no program, but looks whether this file is there."""
    probe: bool = False
    """It finds out whether the child is ready, or well: its output is /dev/null, and the log says nothing of it."""
    origin: str = ""
    """The entry of the rule file that asks for it; of a probe it is empty."""


class Decide(Effect):
    """Start a process that looks whether the conditions of a child hold. Answered by RunStarted or NotSpawned.

    The exit code of the process tells: 0, or the number of the first condition that does not hold.
    """

    run: int
    child: int


class Probe(Effect):
    """Look in the kernel's tables whether something listens at an address, or whether connections to it are busy.

    Answered by Probed.
    """

    child: int
    pid: int
    listen: bytes
    progress: int = 0
    """The id of the action that waits until no connection is busy; 0: the child waits until something listens."""
    no_diag: bool = False
    """The kernel refuses sock_diag(7): whatever is established is busy."""


class Look(Effect):
    """Start a process that looks at a path that a child watches. Looked answers it, later."""

    child: int
    which: int
    """Which one of its paths."""
    path: bytes
    generation: int
    """The child's generation."""


class Kill(Effect):
    """Send a signal to a process that has not been reaped, or to its process group."""

    child: int
    pid: int
    signal: int
    group: bool = False
    value: int | None = None
    """The value to queue with a forwarded signal: the one that it came with. None: send it by kill(2); for a group
    always, as sigqueue(3) takes no group."""
    origin: str = ""
    """The entry of the rule file that asks for it."""


class KillOther(Effect):
    """Send a signal to a process of the list, unless its pid belongs to another process by now."""

    child: int
    process: Process
    """The process as it was listed."""
    signal: int
    origin: str = ""
    ours: bool = False
    """sigroute is its parent, and has not reaped it since the listing: the pid is still its own."""

    @property
    def pid(self) -> int:
        """Its pid."""
        return self.process.pid


class Inspect(Effect):
    """Read a child's signal masks, its names, and the processes below it. Answered by Inspected."""

    child: int
    pid: int
    names: bool
    """Whether to read its names: they do not matter once it runs its program."""
    programs: tuple[str, ...] = ()
    """If it runs none of these itself, find the topmost processes below it that do. Empty: do not look below it."""
    left: tuple[int, ...] = ()
    """It has exited: read these processes instead, which it has left behind. A signal that all of them handle counts as
    handled."""


class List(Effect):
    """Read the list of processes. Answered by Listed."""


class InspectJob(Effect):
    """Inspect sigroute's job (the record Job), as a child has stopped. Answered by JobInspected."""

    child: int
    pid: int
    signal: int
    """The signal that has stopped it."""


class Lend(Effect):
    """Put a child's process group into the foreground of the terminal."""

    child: int
    pid: int
    signal: int = 0
    """The signal by which the stopped child has asked for the terminal: the answer is JobInspected. 0: the child has
    not asked, and no answer comes."""


class StopSelf(Effect):
    """Stop sigroute until it is continued. If it stops together with a child, the answer is Resumed."""

    signal: int
    """The signal to stop by; the shell learns of it (waitpid(2))."""
    child: int = NOBODY
    pid: int = 0
    """The pid of ``child``, with which sigroute stops. NOBODY and 0: sigroute stops because an action says so."""


class Say(Effect):
    """Tell observers a decision that no other event or effect shows."""

    what: str
    """A name in ``messages.MESSAGES``."""
    child: int = NOBODY
    signal: int = 0
    origin: str = ""
    """The entry of the rule file that has decided it."""
    number: int = 0
    """The number in the message, of processes for example."""
    wait: int = 0
    """The milliseconds in the message."""
    text: str = ""


class Exit(Effect):
    """End sigroute with this code."""

    code: int
