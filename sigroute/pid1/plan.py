"""The plan: everything that PID 1 knows of a rule file, and how it is read from bytes.

The compiler upstairs makes the plan, and the engine reads it. Everything is resolved: the engine
looks up no names and inherits nothing, and every child has an action for every signal from every
sender.
"""

from __future__ import annotations

from sigroute.pid1.decode import decode
from sigroute.pid1.names import STANDARD
from sigroute.pid1.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    from sigroute.pid1.condition import Condition
    from sigroute.pid1.lifecycle import Alive, Ready, Restart, Task, Watch
    from sigroute.pid1.template import Template

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
#: The senders of a signal. ``sigroute``: none has arrived, but ``[exit] when`` was met, which acts as TERM does.
SENDERS = ("tty", "outside", "inside", "sigroute")


class Step(Record):
    """One link of a send chain: wait, then send."""

    wait: int
    """Milliseconds to wait first; 0 does not wait."""
    signal: int
    """The number to send, or FORWARD."""
    idle: int = 0
    """Then the most milliseconds to wait until no connection to the child's ``ready.listen`` is busy."""


class Action(Record):
    """What is done when a signal arrives: one entry of a rule file."""

    origin: str
    """The place of the entry in the rule file, for people: ``child.nginx.on.stop``, or ``default``."""
    do: str = "send"
    """``send`` (all parts below), ``drop`` or ``hold``."""
    is_stop: bool = False
    """The signals of its key are of class ``stop``."""
    steps: tuple[Step, ...] = ()
    """``send``, or the string that is the whole entry: its steps from left to right."""
    after: tuple[int, ...] = ()
    """The children, by index, that must have exited first."""
    run: tuple[bytes, ...] = ()
    """The command to run before ``steps``; empty: none."""
    timeout: int = 10_000
    """The milliseconds that ``run`` may take."""
    otherwise: tuple[Step, ...] = ()
    """``else``: the steps to do instead of ``steps`` if ``run`` fails, or when the time of a hold is over."""
    scope: str = "program"
    """``process``, ``process-group``, ``tree`` or ``program``: the child's process, or its program if that is below."""
    again: dict[int, str | tuple[Step, ...]] = {ANY_SIGNAL: "ignore"}  # noqa: RUF012 - a default, never changed
    """What a repeat does, by its signal: ``ignore``, ``next``, ``repeat``, or the steps that replace the rest."""
    hold: int | None = None
    """The most milliseconds of a hold; None: it lasts until the child runs its program."""
    guard: bool = False
    """The default's protection: a signal is dropped if it would kill the child for want of a handler. A stop signal is
    not dropped, but TERM is sent in its place if the child handles only that."""
    stops_self: bool = False
    """When it is done, sigroute stops itself, as a shell's job does on TSTP."""


Table = dict[str, tuple[int, ...]]
"""By sender, then by signal number (0 to 64): the index of an action in the plan."""


class World(Record):
    """What a process finds when it starts. By default, and where nothing is said, all is as sigroute has it itself."""

    user: bytes = b""
    """Its user, by name or number."""
    group: bytes = b""
    """Its group, by name or number; empty: the user's own, and with it all groups that /etc/group gives the user."""
    extra_groups: tuple[bytes, ...] = ()
    """Groups that it has as well."""
    cwd: bytes = b""
    umask: int | None = None
    env: dict[bytes, bytes | bool] = {}  # noqa: RUF012 - a default, never changed
    """By name: the value; true: as inherited; false: removed. A name that ends in ``*`` is a prefix."""
    env_files: tuple[bytes, ...] = ()
    """Files with lines NAME=VALUE, read at each start, before ``env`` is applied."""
    limits: dict[int, tuple[int, int]] = {}  # noqa: RUF012 - as above
    """By resource (setrlimit(2)): the soft and the hard limit; -1: unlimited."""
    nice: int | None = None
    output: bytes = b"inherit"
    """Where standard output and error go: ``inherit``, ``tag``, ``null``, or the path of a file to append to."""


#: All is as sigroute has it.
SAME = World()


class ChildPlan(Record):
    """One declared child or task."""

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
    """``exited = "tree"``: it has exited when its process and all descendants have."""
    terminal: bool = False
    """It uses the terminal, if there is one: its process group is put into the foreground."""
    needs: tuple[int, ...] = ()
    """The children that must be ready, and the tasks that must be done, before it is started."""
    needed: bool = False
    """Others need it."""
    ready: Ready | None = None
    """None: it is ready as soon as it runs its program."""
    alive: Alive | None = None
    """None: its health is not looked at."""
    restart: Restart | None = None
    """None: it is never started again."""
    task: Task | None = None
    """It is a task; None: it is a child."""
    world: World = SAME
    """What its process finds when it starts; a command of its actions finds the same, but for ``output``."""
    only_if: tuple[Condition, ...] = ()
    """It is started only if all of these hold."""
    watch: tuple[Watch, ...] = ()
    """What it watches: a change there is for it as if the signal had arrived, from nobody."""

    def is_relayed(self) -> bool:
        """Tell whether its output goes through a process of its own: the log has its last lines if it fails."""
        ends_all = self.task is not None and not (self.task.optional or self.task.at_end)
        return ends_all and self.world.output in (b"inherit", b"tag")

    def is_tagged(self) -> bool:
        """Tell whether its output goes through the helper for tags."""
        return self.world.output == b"tag" and not self.is_relayed()


class DrainPlan(Record):
    """How the processes are ended that are left when every child has exited."""

    signal: int = STANDARD["TERM"]
    """The signal that they get first."""
    wait: int | None = 5_000
    """Milliseconds until the remaining ones get KILL; 0: they get only KILL; None: sigroute does not wait for them."""
    scope: str = "tree"
    """Which processes: all descendants of sigroute (``tree``), or the members of a child's ``process-group``."""


class Plan(Record):
    """A whole rule file, compiled."""

    children: tuple[ChildPlan, ...]
    tables: tuple[Table, ...]
    """The tables, each once: children may share one."""
    actions: tuple[Action, ...]
    stop_signals: frozenset[int]
    """The signals of class ``stop``."""
    grace: int | None = None
    """Milliseconds from the first stop signal until all remaining processes are killed; None: there is no limit."""
    drain: DrainPlan | None = DrainPlan()
    """How the processes are ended that are left when every child has exited; None: sigroute leaves them alone."""
    instead: Plan | None = None
    """What runs instead if there is a command line, and no child waits for it: that command, with the default rules."""
    many: bool = False
    """A child needs another, has ``ready alive restart only-if watch``, or is a task; if not, PID 1 loads less."""
    tasks: tuple[int, ...] = ()
    """Those of ``children`` that are tasks."""
    when: str | tuple[int, ...] = "any"
    """The container ends when ``any`` child has exited, when ``all`` have, or when one of these has."""
    code: int | None = None
    """The child whose status is the exit code."""
    command: int | None = None
    """The child that took the command line."""
    exit_map: dict[int, int] = {}  # noqa: RUF012 - a default, never changed
    """Exit codes to replace at any end; the key ANY_CODE stands for all others."""
    stop_exit_map: dict[int, int] = {}  # noqa: RUF012 - as above
    """Exit codes to replace in a stop that was asked for, before ``exit_map`` applies; ANY_CODE likewise."""
    stop_senders: dict[int, tuple[str, ...]] = {}  # noqa: RUF012 - a default, never changed
    """The stop signals that are of class ``stop`` from some senders only, with these senders."""
    templates: tuple[Template, ...] = ()
    """The values that are to be made, in the order of the plan."""
    journal: bytes = b""
    """The file to write the journal to; empty: there is none."""
    control: bytes = b""
    """The control socket's path; empty: there is none."""
    groups: dict[str, tuple[int, ...]] = {}  # noqa: RUF012 - as above
    """The members of each group."""

    def has_worlds(self) -> bool:
        """Tell whether a child finds anything else at its start than sigroute has."""
        return any(child.world != SAME or (child.ready and child.ready.file) for child in self.children)

    def is_accounted(self) -> bool:
        """Tell whether the log says of a stop what is still there, and what took the longest."""
        return self.many or len(self.children) > 1

    def has_conditions(self) -> bool:
        """Tell whether a child is started only if something holds."""
        return any(child.only_if for child in self.children)

    def has_channels(self) -> bool:
        """Tell whether a child says itself when it is ready."""
        return any(child.ready is not None and child.ready.is_told() for child in self.children)

    def has_idle(self) -> bool:
        """Tell whether a step waits until no connection is busy."""
        chains = [chain for action in self.actions for chain in (action.steps, action.otherwise)]
        chains += [each for action in self.actions for each in action.again.values() if isinstance(each, tuple)]
        return any(step.idle for chain in chains for step in chain)

    def has_watches(self) -> bool:
        """Tell whether a child watches something."""
        return any(child.watch for child in self.children)

    def has_helpers(self) -> bool:
        """Tell whether an output goes through a process of sigroute's own."""
        return any(child.is_relayed() or child.is_tagged() for child in self.children)

    def exit_code(self, code: int, *, asked: bool) -> int:
        """Return sigroute's exit code for a child's.

        :param asked: a signal has asked for the stop.
        """
        if asked:
            code = self.stop_exit_map.get(code, self.stop_exit_map.get(ANY_CODE, code))
        return self.exit_map.get(code, self.exit_map.get(ANY_CODE, code))

    def is_stop(self, arrival: Arrived) -> bool:
        """Tell whether a signal from its sender is of class ``stop``."""
        return arrival.signal in self.stop_signals and arrival.sender in self.stop_senders.get(arrival.signal, SENDERS)


class Launch(Record):
    """The plan, and the options of this run that are not in the rules."""

    plan: Plan
    log_format: str = "text"
    """``text`` or ``json``."""
    log_level: str = "info"
    """The lowest level to log: one of ``log.LEVELS``."""
    notes: tuple[str, ...] = ()
    """Warnings to log once at the start."""


First = tuple[tuple[bytes, ...], bool, int | None]
"""What the first start needs: the first child's command, whether it gets the terminal, ``Plan.command``. In its place
None: the first start waits for the plan, which says more of it."""


def from_wire(first: First | None, rest: bytes) -> Launch:
    """Return the Launch that was given to ``handover.to_wire``.

    :raises ValueError: these bytes are damaged, or of another version.
    """
    if first is None:  # the decoder knows the records that are loaded
        from sigroute.pid1 import condition, lifecycle, template  # noqa: F401, PLC0415 - where they are needed only
    launch = decode(rest, "the plan")
    assert isinstance(launch, Launch)  # noqa: S101 - for the type checker
    if first is None:
        return launch
    argv, terminal, command = first
    children = [child.but(argv=argv, terminal=terminal) for child in launch.plan.children[:1]]
    return launch.but(plan=launch.plan.but(children=(*children, *launch.plan.children[1:]), command=command))
