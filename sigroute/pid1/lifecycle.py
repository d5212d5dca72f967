"""The records of a child's life in the plan: when it is ready, whether it is well and started again; and of tasks."""

from __future__ import annotations

from sigroute.pid1.record import Record


class Ready(Record):
    """When a child counts as ready, which starts those that need it. Exactly one of these, and ``within``."""

    after: int | None = None
    """It has lived for so many milliseconds."""
    listen: bytes = b""
    """Something listens there: ``127.0.0.1:80``, or a socket's path."""
    notify: bool = False
    """It says so by sd_notify(3)."""
    fd: int = 0
    """It has written a newline to this descriptor; 0: there is none."""
    file: bytes = b""
    """This file is there; it is removed before each start. A process of its own looks for it."""
    run: tuple[bytes, ...] = ()
    """A command that exits 0."""
    every: int = 1_000
    """Milliseconds from the end of one such command to the next."""
    timeout: int = 10_000
    """The milliseconds that such a command may take."""
    within: int | None = None
    """Milliseconds after its start: if it is not ready by then, it has failed, and gets its stop action."""

    def is_told(self) -> bool:
        """Tell whether the child says itself when it is ready, so that nobody looks."""
        return self.notify or bool(self.fd)


class Alive(Record):
    """How it is found out, from when a child is ready, whether it is still well."""

    run: tuple[bytes, ...]
    """A command that exits 0 as long as it is."""
    every: int = 30_000
    """Milliseconds from its being ready, and from the end of one such command, to the next."""
    timeout: int = 10_000
    """The milliseconds that such a command may take; and those from the last step of the child's stop action to KILL,
    once the child has failed."""
    failures: int = 3
    """So many failures in a row, and the child has failed: it gets its stop action."""


class Watch(Record):
    """A path, and the signal that a change there stands for."""

    path: bytes
    signal: int


class Restart(Record):
    """Whether a child is started again when it has exited, and when."""

    unless: tuple[int, ...] = (0,)
    """The exit codes after which it is not."""
    waits: tuple[int, ...] = (0, 1_000, 2_000, 5_000, 10_000, 30_000)
    """Milliseconds before each new start in a row; the last one repeats."""
    stable: int = 10_000
    """After so many milliseconds of life the next start counts as the first."""
    attempts: int | None = None
    """The most starts in a row, the first included; None: there is no limit."""


class Task(Record):
    """A child that does something and ends: the container goes on without it."""

    timeout: int | None = None
    """The most milliseconds from its first start, all attempts together; with ``every``, of each run."""
    optional: bool = False
    """If it fails, that is told, and the container goes on."""
    every: int | None = None
    """Milliseconds from its end to its next start; None: it is done once."""
    at_end: bool = False
    """It is started when every other child and task has exited."""
