"""The plan: all that the resident knows of a rule file, and how it gets there.

The compiler upstairs makes it, the engine reads it. Everything is resolved: no names are looked
up, nothing is inherited, and every child has an action for every signal from every sender.
"""

from __future__ import annotations

from sigroute.pid1.decode import decode
from sigroute.pid1.names import STANDARD
from sigroute.pid1.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    class Arrived(Protocol):
        """A signal that arrived."""

        @property
        def signal(self) -> int:
            """Its number."""

        @property
        def sender(self) -> str:
            """One of SENDERS."""


#: In a step: the signal that arrived, whichever it was.
FORWARD = 0
#: In an exit map: every code that is not named.
ANY_CODE = -1
#: In ``again``: every signal that is not named.
ANY_SIGNAL = 0
#: Who a signal may come from. ``sigroute``: it acts as if TERM had arrived (``[exit] when`` was met).
SENDERS = ("tty", "outside", "inside", "sigroute")


class Step(Record):
    """One link of a send chain: wait, then send."""

    wait: int
    """Milliseconds to wait first; 0 does not wait."""
    signal: int
    """The number to send, or FORWARD."""


class Action(Record):
    """What is done when a signal arrives: one entry of a rule file."""

    origin: str
    """Where it is written, for people: ``child.nginx.on.stop``, or ``default``."""
    do: str = "send"
    """``send`` (all parts below), ``drop`` or ``hold``."""
    is_stop: bool = False
    """Whether the signals of its key are of class stop."""
    steps: tuple[Step, ...] = ()
    """``send``, left to right; what a string says."""
    after: tuple[int, ...] = ()
    """The children, by index, that must have exited first."""
    run: tuple[bytes, ...] = ()
    """The command to run before ``steps``; empty for none."""
    timeout: int = 10_000
    """Milliseconds ``run`` may take."""
    otherwise: tuple[Step, ...] = ()
    """``else``: done instead of ``steps`` when ``run`` fails, or when a hold's time is over."""
    scope: str = "program"
    """``process``, ``process-group``, ``tree`` or ``program``: its process, or its program where that is below it."""
    again: dict[int, str | tuple[Step, ...]] = {ANY_SIGNAL: "ignore"}  # noqa: RUF012 - a default, never changed
    """What a repeat does, by its signal: ``ignore``, ``next``, ``repeat``, or the steps that replace what is left."""
    hold: int | None = None
    """Milliseconds a hold lasts at most; None: until the child is ready."""
    guard: bool = False
    """The default's protection: not sent to a child that it would kill for want of a handler. A stop is, but as TERM
    where the child has a handler for that."""
    stops_self: bool = False
    """Once it is done sigroute stops itself, as a job does that was told to."""


Table = dict[str, tuple[int, ...]]
"""By sender, then by signal number (0 to 64): the index of an action in the plan."""


class ChildPlan(Record):
    """One declared child."""

    name: str
    argv: tuple[bytes, ...]
    running: int
    """The table, by index in the plan, that applies once it runs its program."""
    starting: int
    """The table that applies while it has a program and has not become it."""
    holds: bool = False
    """That table holds a signal. Then the program is never looked for below the child: what runs there is a helper."""
    program: tuple[str, ...] = ()
    """The names that its program goes by; one that ends in ``*`` is a prefix. Empty: it runs its program at once."""
    tree: bool = False
    """``exited = "tree"``: it has exited when all that descended from it has."""
    terminal: bool = False
    """Where there is a terminal, it is this child's: its process group is made the foreground one."""


class DrainPlan(Record):
    """What becomes of the processes that are left when every child has exited."""

    signal: int = STANDARD["TERM"]
    """What they get first."""
    wait: int | None = 5_000
    """Milliseconds until those that are still there get KILL; 0: at once; None: nobody waits for them."""
    scope: str = "tree"
    """Who: all that descends from sigroute (``tree``), or who is left in a child's ``process-group``."""


class Plan(Record):
    """A whole rule file, compiled."""

    children: tuple[ChildPlan, ...]
    tables: tuple[Table, ...]
    """Shared by the children that have the same one."""
    actions: tuple[Action, ...]
    stop_signals: frozenset[int]
    """The signals of class stop."""
    grace: int | None = None
    """Milliseconds from the first stop signal until all that is left is killed."""
    drain: DrainPlan | None = DrainPlan()
    """What becomes of who is left when every child has exited; None: they are left alone."""
    when: str | int = "any"
    """The container ends when ``any`` child has exited, ``all`` have, or the one of this index has."""
    code: int | None = None
    """The child whose status is the exit code."""
    command: int | None = None
    """The child that took the command line."""
    exit_map: dict[int, int] = {}  # noqa: RUF012 - a default, never changed
    """Exit codes to change at any end; ANY_CODE for the rest."""
    stop_exit_map: dict[int, int] = {}  # noqa: RUF012 - as above
    """Exit codes to change before that in a stop that was asked for; likewise."""
    stop_senders: dict[int, tuple[str, ...]] = {}  # noqa: RUF012 - a default, never changed
    """Those of class stop that are of it from these senders only."""

    def exit_code(self, code: int, *, asked: bool) -> int:
        """Return the code that sigroute ends with for one of a child.

        :param asked: whether a stop was asked for.
        """
        if asked:
            code = self.stop_exit_map.get(code, self.stop_exit_map.get(ANY_CODE, code))
        return self.exit_map.get(code, self.exit_map.get(ANY_CODE, code))

    def is_stop(self, arrival: Arrived) -> bool:
        """Tell whether what arrived is of class stop."""
        return arrival.signal in self.stop_signals and arrival.sender in self.stop_senders.get(arrival.signal, SENDERS)


class Launch(Record):
    """What is not in the rules: how this run was asked for."""

    plan: Plan
    log_format: str = "text"
    """``text`` or ``json``."""
    log_level: str = "info"
    """The least that is said: a level of ``log.LEVELS``."""
    notes: tuple[str, ...] = ()
    """Warnings to say once at the start."""


First = tuple[tuple[bytes, ...], bool, int | None]
"""What the first start needs: the first child's command, whether it gets the terminal, ``Plan.command``."""


def from_wire(first: First, rest: bytes) -> Launch:
    """Return what ``handover.to_wire`` was given.

    :raises ValueError: these bytes are damaged, or of another version.
    """
    launch = decode(rest, "the plan")
    assert isinstance(launch, Launch)  # noqa: S101 - for the type checker
    argv, terminal, command = first
    plan = launch.plan
    children = tuple([child.but(argv=argv, terminal=terminal) for child in plan.children[:1]]) + plan.children[1:]
    # Most rows are the same for every sender, and for many a child: 570 bytes each.
    rows: dict[tuple[int, ...], tuple[int, ...]] = {}
    tables = tuple([{sender: rows.setdefault(row, row) for sender, row in table.items()} for table in plan.tables])
    return launch.but(plan=plan.but(children=children, tables=tables, command=command))
