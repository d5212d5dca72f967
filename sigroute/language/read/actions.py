"""The model of an action: what a rule file says about one signal.

Each field that is a key of a rule file is made by ``key``.
"""

# ruff: noqa: RUF009 - key() is attrs.field(), with what docs/rules.md needs to know

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from sigroute.language.read.fields import key
from sigroute.language.read.path import format_path

if TYPE_CHECKING:
    from sigroute.language.read.path import Path
    from sigroute.language.read.signals import Key
    from sigroute.language.read.source import Source
    from sigroute.pid1.plan import Step

SCOPES = ("process", "process-group", "tree", "program")
AGAIN = ("ignore", "next", "repeat")

DEFAULT_TIMEOUT = 10_000


@attrs.frozen(eq=False, repr=False)
class Action:
    """What is done when a signal arrives; as a table, done in the order `after`, `run`, `send`."""

    send: tuple[Step, ...] | str | None = key(
        "send",
        'An action as a string: what is sent, left to right. With `run`, `"drop"` or nothing written sends nothing.',
        shown="required without `run` or `hold`",
        default=None,
    )
    after: tuple[str, ...] | None = key(
        "after",
        "Children or `@groups` that must have exited first. `@g` means its members but oneself; a child that never"
        ' started counts as exited. `"all"`: every other child and task but those that wait for this one. `[]`: nobody.'
        " Only in stop actions, and only in a stop.",
        shown="those that [need](#the-order) it",
        default=None,
    )
    run: tuple[str, ...] = key(
        "command",
        "A command as argv: no shell, only [variables](#variables) are expanded. It is looked up in the child's PATH"
        " and run as the user the child was started as, stdin null, in a process group of its own. `send` is done when"
        " it exits 0.",
        default=(),
    )
    timeout: int | None = key(
        "duration",
        "The longest that `run` may take; then its tree is killed and it has failed.",
        shown='`"10s"`',
        default=None,
    )
    otherwise: tuple[Step, ...] | str | None = key(
        "else",
        "Done instead of `send` when `run` fails, times out or can't start; or when the time of a `hold` is over."
        " Without it, a stop action with `run` does what `send` says. A `hold` with a time must have one.",
        shown="nothing is sent",
        name="else",
        default=None,
    )
    scope: str | None = key(
        "scope",
        "Who gets the signals. `program`: the topmost processes of the child's tree that are its `program`, where the"
        " child itself is not. `tree`: what descended from the child when last looked at, and orphans of its session or"
        " group. Orphans beyond that meet the drain.",
        shown='`"program"` where it runs below the child, else `"process"`',
        default=None,
    )
    again: str | tuple[Step, ...] | dict[int, str | tuple[Step, ...]] | None = key(
        "again",
        "What a repeat does while the action is under way: `ignore` it; `next`: skip the present wait of `send`, never"
        " into KILL; `repeat`: once more when done; or a string, which replaces all that is left. Or a table by signal:"
        ' `{ INT = "KILL", TERM = "next" }`. The same signal within 200 ms is a duplicate.',
        shown='`"ignore"`; `"repeat"` where there is `run`, stop actions apart',
        default=None,
    )
    hold: int | None = key(
        "hold",
        "Only in `[child.NAME.starting]`: keep the signal, once, for at most so long, and act on it when the child"
        ' runs its program. `"hold"` as a string keeps it until then.',
        default=None,
    )

    @property
    def do(self) -> str:
        """``drop``, ``hold`` or ``send``."""
        if self.hold is not None or self.send == "hold":
            return "hold"
        return "drop" if self.send == "drop" and not self.run else "send"

    @property
    def steps(self) -> tuple[Step, ...]:
        """What ``send`` sends."""
        return self.send if isinstance(self.send, tuple) else ()

    @property
    def else_steps(self) -> tuple[Step, ...]:
        """What ``else`` sends."""
        return self.otherwise if isinstance(self.otherwise, tuple) else ()

    @property
    def has_idle(self) -> bool:
        """A step of it waits until no connection is busy."""
        again = self.again.values() if isinstance(self.again, dict) else (self.again,)
        chains = [each for each in (self.send, self.otherwise, *again) if isinstance(each, tuple)]
        return any(step.idle for chain in chains for step in chain)


@attrs.frozen(eq=False, repr=False)
class Entry:
    """One line of a table: a key and its action. Two entries are never equal, as their places differ."""

    key: Key
    action: Action
    source: Source
    """The file it stands in."""
    path: Path
    """Where in it."""

    @property
    def origin(self) -> str:
        """Where it is written, for people: ``child.nginx.on.stop``."""
        return format_path(self.path)


@attrs.frozen(eq=False, repr=False)
class Table:
    """A table of signals."""

    entries: tuple[Entry, ...] = ()
