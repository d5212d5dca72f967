"""The model of a rule file: the classes that a file is read into.

Each field that is a key of a rule file is made by ``key``.
"""

# ruff: noqa: RUF009 - key() is attrs.field(), with what docs/rules.md needs to know

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from sigroute.language.read.actions import Table
from sigroute.language.read.fields import key
from sigroute.language.read.lifecycle import Member, Restarted, Task
from sigroute.language.read.signals import STOP_CLASS, STOP_SIGNALS
from sigroute.pid1.plan import SENDERS

if TYPE_CHECKING:
    from sigroute.language.read.path import Path
    from sigroute.language.read.source import Source

EXITED = ("process", "tree")
#: The first one replaces a wrong value, as it never causes an error of its own.
TERMINAL = ("sigroute", "child")

DEFAULT_DRAIN = 5_000


@attrs.frozen(eq=False, repr=False)
class Child(Member):
    """A program that sigroute starts. NAME is for you to choose: letters, digits and `_ - . +`, not `any` or `all`."""

    name: str
    path: Path = ()
    command: tuple[str, ...] = key(
        "command",
        "What to run, as argv: no shell, only [variables](#variables) are expanded. The one child without it takes"
        " the command line.",
        shown="the command line",
        default=(),
    )
    program: tuple[str, ...] = key(
        "programs",
        "The program that it is to become, or several names for it. Until it has, the child is *starting*. Compared"
        " with the name of the executable, with `argv[0]`, with `comm`, with the first word of a title"
        ' ("gunicorn: master"), and for an interpreter with the script it runs; a name that ends in `*` is a prefix.',
        shown="it is never starting",
        default=(),
    )
    like: str | None = key(
        "like",
        "Bundled rules, by name, or another rule file, by its path from this file, with at most one child: its rules"
        " come after the child's own. They bring `on`, `groups`, `starting`, `program`, `exited` and `terminal` where"
        " the child has none, its classes and what it adds to or removes from `stop`; not `grace`, `[exit]`, `[drain]`,"
        " `command`, nor anything of [the world](#the-world).",
        default=None,
    )
    groups: tuple[str, ...] = key(
        "groups",
        "The group it is in, or a list: the first whose rules name a signal wins.",
        default=(),
    )
    instances: str | None = key(
        "instances",
        "How many of it there are, called NAME.1, NAME.2 and so on; NAME means all of them, in `code` the first."
        " `${INSTANCE}` is its number, in `command`, `env`, `cwd`, `output`, `ready`, `alive`. 0 leaves it out.",
        shown="it is the only one",
        default=None,
    )
    watch: dict[str, int] = key(
        "watch",
        'Paths, each with a signal: `{ "/etc/nginx" = "HUP" }`. Something in that directory (not below it), or that'
        " file, has changed and has been quiet for 1 s: for this child that is as if the signal had arrived, from"
        " nobody. More in [Watch](#watch).",
        factory=dict,
    )
    on: Table = key("on", "Its rules: what happens when a signal arrives.", factory=Table)
    task: Task | None = None
    """It stands for a task."""
    liked: RuleFile | None = None
    """The rules that ``like`` names."""


@attrs.frozen(eq=False, repr=False)
class Group(Member):
    """What several children have in common. A child is in it by its `groups`."""

    name: str
    on: Table = key("on", "Rules for each member, after its own and after those it is like.", factory=Table)


@attrs.frozen(eq=False, repr=False)
class Exit:
    """When the container ends, and with which code."""

    when: str | tuple[str, ...] = key(
        "when",
        "The container ends when `any` child has exited, when `all` have, or when one of these has: a child, a `@group`"
        " or a list. Then everything happens as if TERM had arrived.",
        shown='`"any"`',
        default="any",
    )
    code: str | None = key(
        "child",
        "The child whose status is the exit code.",
        shown="the child that `when` names, of several the one whose exit met it, in a stop that was asked for the"
        " first that was started; else the one that took the command line; else, in a stop that was asked"
        " for, the first declared, otherwise the one whose exit met `when`",
        default=None,
    )
    map: dict[int, int] = key(
        "codes",
        "Exit codes to change, in a stop that was asked for: `{ 143 = 0 }`. `any` matches every code not named.",
        factory=dict,
    )


@attrs.frozen(eq=False, repr=False)
class Drain:
    """What becomes of processes that nobody declared, before sigroute ends."""

    wait: int = key(
        "duration",
        "How long they have between TERM and KILL; there is no wait when nothing is left.",
        shown='`"5s"`',
        default=DEFAULT_DRAIN,
    )


@attrs.frozen(eq=False, repr=False)
class Journal:
    """A file with all that sigroute was told, and all that it decided."""

    path: str | None = key(
        "journal-path",
        "The file, from the root. It is made, or appended to; at 4 MiB it is renamed to NAME.1, and a new one begins."
        " More in [Journal](timeline.md#the-journal).",
        shown="required",
        default=None,
    )


@attrs.frozen(eq=False, repr=False)
class Control:
    """A socket at which a running sigroute answers ``sigroute status`` and the like, and is told what to do."""

    path: str | None = key(
        "control-path",
        "The socket, from the root, in at most 107 bytes. Only the user that sigroute runs as and root may use it."
        " More in [A running sigroute](control.md).",
        shown="required",
        default=None,
    )


Edit = tuple[bool, int, str | None]
"""Whether a class gains or loses a signal, its number, and its sender; None: every sender."""


@attrs.frozen(eq=False, repr=False)
class Signals:
    """Classes of signals. A signal is in one at most."""

    classes: dict[str, frozenset[int]] = attrs.field(factory=lambda: {STOP_CLASS: frozenset(STOP_SIGNALS)})
    only: dict[int, frozenset[str]] = attrs.field(factory=dict)
    """For signals that are of their class from some senders only: these senders."""
    stop_edits: tuple[Edit, ...] = ()
    """The edits of ``stop = ["+WINCH@outside", "-QUIT"]``, of this file and of those that its children are like."""
    own: tuple[str, ...] = ()
    """The names of the classes that this file itself writes."""
    own_stop_edits: tuple[Edit, ...] = ()
    """The ``edits`` that this file itself writes."""

    def has(self, name: str, signal: int, sender: str) -> bool:
        """Tell whether a signal from this sender is of a class."""
        return signal in self.classes[name] and sender in self.only.get(signal, SENDERS)


@attrs.frozen(eq=False, repr=False)
class RuleFile(Restarted):
    """A whole rule file."""

    source: Source
    grace: int | None = key(
        "duration",
        "The longest a stop may take, from its first signal to sigroute's end, drain included; then all that is left is"
        " killed. Without it there is no hidden timer: the platform has one.",
        shown="no limit",
        default=None,
    )
    signals: Signals = key(
        "signals",
        'Classes, by name: a list of signals. `stop = ["+USR1", "-QUIT"]` edits what is built in, a list without signs'
        ' replaces it. `"+WINCH@outside"` is of the class from that sender only. Any other name in lower case'
        " makes a new class.",
        shown="`stop`: TERM INT QUIT PWR RTMIN+3",
        factory=Signals,
    )
    children: tuple[Child, ...] = key(
        "children",
        "The children, started in this order. Without any there is one, named after the command.",
        name="child",
        default=(),
    )
    tasks: tuple[Task, ...] = key(
        "tasks", "What is done once or again and again, beside the children or before them.", name="task", default=()
    )
    groups: tuple[Group, ...] = key("group-tables", "What several children have in common.", name="group", default=())
    on: Table = key("on", "Rules for every child, unless something above says otherwise.", factory=Table)
    exit: Exit = key("exit", "When the container ends, and with which code.", factory=Exit)
    drain: Drain = key("drain", "What becomes of processes that nobody declared.", factory=Drain)
    journal: Journal = key("journal", "What sigroute was told and what it decided, in a file.", factory=Journal)
    control: Control = key("control", "A socket for `sigroute status` and the like.", factory=Control)
    overrides: Table = attrs.field(factory=Table)
    """``--on``: for every child that runs its program, before all other tables."""
