"""What is known of a path that a child watches (watches.py): a part of the state, as long as the child lives."""

from __future__ import annotations

from sigroute.pid1.record import Record


class Watched(Record):
    """A path that is watched, as long as its child lives."""

    known: int | None = None
    """What is there, as the child has it: a number that another content would not have. None: nobody has looked yet."""
    seen: int = 0
    """What the last look has found, if that differs."""
    since: int | None = None
    """When a look has found the difference; None: there is none."""
    looking: bool = False
    """A look is under way."""
    stirred: bool = False
    """Something has happened meanwhile."""
    due: int | None = None
    """When to look next; while a look is under way: when to tell that it takes long."""
    earliest: int = 0
    """No look before this: paths where something happens all the time must not keep sigroute busy."""
    held: bool = False
    """It has changed; that arrives as soon as the child runs its program."""
