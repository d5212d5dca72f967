"""The model of many children: what a child needs, when it is ready, whether it is started again; and tasks.

Each field that is a key of a rule file is made by ``key``.
"""

# ruff: noqa: RUF009 - key() is attrs.field(), with what docs/rules.md needs to know

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from sigroute.language.read.actions import Table
from sigroute.language.read.fields import key
from sigroute.language.read.world import World
from sigroute.pid1.condition import Condition  # noqa: TC001 - attrs resolves it

if TYPE_CHECKING:
    from sigroute.language.read.path import Path

AT = ("start", "end")
DEFAULT_EVERY = 1_000


@attrs.frozen(eq=False, repr=False, kw_only=True)
class Ready:
    """When a child is ready: exactly one of `listen`, `notify`, `fd`, `file` and `run`."""

    after: int | None = None
    """Milliseconds: the duration in place of a table."""
    listen: str | None = key(
        "listen",
        'When something listens there: `"127.0.0.1:80"`, `"[::1]:80"`, or the path of a unix socket. It is looked up in'
        " the kernel's tables: nobody connects. A listener on a wildcard address counts for every address of its port."
        " Write the path of a socket as the server does: `/run/app.sock` and `/var/run/app.sock` are two names.",
        default=None,
    )
    notify: bool = key(
        "notify",
        "`true`: when it says so by sd_notify(3). `NOTIFY_SOCKET` in its environment names a socket of its own, and a"
        " `READY=1` from one of its processes counts.",
        shown="`false`",
        default=False,
    )
    fd: int = key(
        "descriptor",
        "When it has written a newline to this descriptor, a pipe that it finds open, as under s6; from 3.",
        shown="none",
        default=0,
    )
    file: str | None = key(
        "absolute",
        "When this file is there. The child's user removes it before each start.",
        default=None,
    )
    run: tuple[str, ...] = key(
        "command",
        "When this command exits 0. It runs as the child would, with its standard input and output null; never two at"
        " a time.",
        default=(),
    )
    every: int = key("duration", "From the end of one `run` to the next.", shown='`"1s"`', default=DEFAULT_EVERY)
    timeout: int = key("duration", "The longest that one `run` may take.", shown='`"10s"`', default=10_000)
    within: int | None = key(
        "duration",
        "A child that is not ready by then has failed: it gets its stop action, then KILL, and `restart` decides.",
        shown="no limit",
        default=None,
    )


@attrs.frozen(eq=False, repr=False, kw_only=True)
class Alive:
    """How it is found out whether a child is still well, from when it is ready."""

    run: tuple[str, ...] = key(
        "command",
        "A command that exits 0 as long as it is. It runs as the child would, with its standard input and output null;"
        " never two at a time, and never in a stop.",
        shown="required",
        default=(),
    )
    every: int = key(
        "duration",
        "From when the child is ready, and from the end of one `run`, to the next.",
        shown='`"30s"`',
        default=30_000,
    )
    timeout: int = key(
        "duration",
        "The longest that one `run` may take. A child that has failed gets KILL so long after the last step of its stop"
        " action.",
        shown='`"10s"`',
        default=10_000,
    )
    failures: int = key(
        "failures",
        "After so many failures in a row the child has failed: it gets its stop action, then KILL, and `restart`"
        " decides.",
        default=3,
    )


@attrs.frozen(eq=False, repr=False, kw_only=True)
class Restart:
    """When a child is started again. `"never"`, `"on-failure"` and `"always"` in place of the table are for most."""

    unless: tuple[int, ...] = key(
        "exit-codes", "The exit codes after which it is not started again; `[]`: none.", shown="`[0]`", default=(0,)
    )
    wait: tuple[int, ...] = key(
        "waits",
        "The wait before each new start in a row, from left to right; the last one repeats.",
        shown='`"0s 1s 2s 5s 10s 30s"`',
        default=(0, 1_000, 2_000, 5_000, 10_000, 30_000),
    )
    stable: int = key(
        "duration", "A child that has lived for so long begins a new row of starts.", shown='`"10s"`', default=10_000
    )
    attempts: int | None = key(
        "count", "The most starts in a row, the first one included.", shown="no limit", default=None
    )


#: The words that stand for a table, with what they stand for; ``never`` is none.
RESTARTS = {"never": None, "on-failure": Restart(), "always": Restart(unless=())}


@attrs.frozen(eq=False, repr=False, kw_only=True)
class Restarted(World):
    """A world, and `restart`: what may stand in a child, in a group, and at the top of the file."""

    restart: Restart | str | None = key(
        "restart",
        'Whether a child that has exited is started again: `"never"`, `"on-failure"` (with another code than 0),'
        ' `"always"`, or [a table](#restart). Then it has not exited, and what it has left behind is killed first.'
        " Never in a stop.",
        shown='`"never"`',
        default=None,
    )


@attrs.frozen(eq=False, repr=False, kw_only=True)
class Member(Restarted):
    """What may stand in a child, or in a group for those of its members that do not say it themselves."""

    needs: tuple[str, ...] | None = key(
        "needs",
        "Children, tasks or `@groups`: it is started once these are ready, and tasks are done. `@g` means its members"
        " but oneself; `[]` is nobody. In a stop it is the other way round: those that it needs wait until it has"
        " exited, unless their action has an `after`.",
        shown="nobody",
        default=None,
    )
    ready: Ready | None = key(
        "ready",
        'When those that need it may start: after it has lived for a time, as in `"5s"`, or [a table](#ready).',
        shown="as soon as it runs its `program`",
        default=None,
    )
    only_if: tuple[Condition, ...] | None = key(
        "only-if",
        "A [condition](#conditions), or a list of which all must hold: otherwise it is never started, and keeps nobody"
        " waiting.",
        shown="none",
        name="only-if",
        default=None,
    )
    alive: Alive | None = key(
        "alive",
        "How it is found out whether it is still well: [a table](#alive). One that is not is stopped, and `restart`"
        " decides.",
        shown="nobody looks",
        default=None,
    )
    exited: str | None = key(
        "exited",
        "When it has exited: when its process has, or when all has that descended from it. Its status is the first"
        " process's.",
        shown='`"process"`',
        default=None,
    )
    terminal: str | None = key(
        "terminal",
        "Whose the terminal is, where there is one. The `child`'s: what the terminal sends (Ctrl-C, Ctrl-Z, a resize)"
        " reaches it and not the rules; one child's at most. Or left to `sigroute`: it reaches the rules alone, and the"
        " child can't read the terminal.",
        shown='`"child"`; `"sigroute"` where there are several children',
        default=None,
    )
    starting: Table = key(
        "starting",
        'Its rules until it has become its `program`; only these and the default apply then. They may say `"hold"`.',
        factory=Table,
    )


@attrs.frozen(eq=False, repr=False)
class Task(World):
    """Something that is done and ends, beside the children or before them. It never meets `[exit] when`."""

    name: str
    path: Path = ()
    command: tuple[str, ...] = key("command", "What to run, as for a child.", shown="required", default=())
    needs: tuple[str, ...] | None = key(
        "needs", "It is started once these are ready or done, as for a child.", shown="nobody", default=None
    )
    only_if: tuple[Condition, ...] | None = key(
        "only-if",
        "A condition or a list, as for a child. One that is left out counts as done.",
        shown="none",
        name="only-if",
        default=None,
    )
    groups: tuple[str, ...] = key(
        "groups", "Its groups, for their world, `needs` and `only-if`; not for their rules.", default=()
    )
    timeout: int | None = key(
        "duration",
        "The longest that it may take, all attempts together; then it is killed with its tree, and has failed. With"
        " `every`: each run.",
        shown="no limit",
        default=None,
    )
    optional: bool | None = key(
        "flag",
        "Whether the container goes on when it has failed. Otherwise that is its end, with the task's exit code,"
        " whatever `[exit]` says.",
        shown="`false`; `true` where there is `every`",
        default=None,
    )
    at: str = key(
        "at",
        '`"end"`: it is started when the last child has exited, before the drain; such tasks one by one, in this order.'
        " No signal reaches them, and none is started when `grace` is over.",
        shown='`"start"`',
        default="start",
    )
    every: int | None = key(
        "duration",
        "It is started again when that time has passed since its end, [again and again](#tasks), until a stop begins."
        " Those that need it wait for its first success.",
        shown="once",
        default=None,
    )
    restart: Restart | str | None = key(
        "restart", "Whether it is tried again when it has failed, as for a child.", shown='`"never"`', default=None
    )
    on: Table = key(
        "task-on",
        "What happens when a stop signal arrives; no other signal reaches a task. Without, it gets TERM."
        ' `stop = { hold = "60s", else = "TERM" }` lets it finish.',
        factory=Table,
    )
