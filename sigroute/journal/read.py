"""Reads a journal: heads, and the steps of the engine after each of them.

Each line's seal is checked, so a line that was changed, left out or added is found. Two things are no damage: a last
line without an end, where PID 1 was killed, and a line that was cut before a gap, which the next head tells of.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import attrs

from sigroute.journal.decode import decoded
from sigroute.pid1.journal.observer import VERSION
from sigroute.pid1.journal.seal import NONE, seal_of, sealed

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from sigroute.pid1.engine.effects import Effect
    from sigroute.pid1.engine.events import Event
    from sigroute.pid1.engine.state import State
    from sigroute.pid1.plan import Plan

#: What ends a line, before its seal.
SEAL = b', "seal": "'

#: How a head begins; what is in it after a gap, among its first characters.
HEAD, GAP, LONGEST = b'{"journal": ', b'"gap": true, ', 80


class JournalError(Exception):
    """The journal is damaged, or is none."""

    def __init__(self, name: str, number: int, trouble: str) -> None:
        super().__init__(f"{name}:{number}: {trouble}")


@attrs.frozen
class Step:
    """One step of the engine."""

    place: str
    """The file and its line."""
    at: int
    event: Event
    effects: tuple[Effect, ...]


@attrs.define
class Part:
    """What follows a head: it can be done again by itself."""

    place: str
    time: str
    """When it began, in UTC."""
    plan: Plan
    state: State
    gap: bool
    """Steps before it were lost."""
    steps: list[Step] = attrs.field(factory=list)


def parts(name: str, lines: Iterable[bytes]) -> list[Part]:
    """Return the parts of a journal.

    :raises JournalError: it is damaged, or is none.
    """
    reader = _Reader(name)
    for number, line in enumerate(lines, 1):
        reader.take(number, line)
    if reader.broken is not None and reader.ended:
        raise reader.broken
    if not reader.parts:
        raise JournalError(name, 1, "this is no journal")
    return reader.parts


class _Reader:
    """Takes one line after the other."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.parts: list[Part] = []
        self.seal = NONE
        #: What is wrong with the last line, unless the next one says that there is a gap.
        self.broken: JournalError | None = None
        #: The last line has its end.
        self.ended = True

    def take(self, number: int, line: bytes) -> None:
        """Take a line.

        :raises JournalError: it is damaged, or the one before it is.
        """
        is_head = line.startswith(HEAD)
        if self.broken is not None and not (is_head and GAP in line[: len(HEAD) + LONGEST]):
            raise self.broken
        self.broken, self.ended = None, line.endswith(b"\n")
        if not line.strip():
            return
        data, found, _ = line.rpartition(SEAL)
        self.seal = seal_of(data, NONE if is_head else self.seal)
        if not found or sealed(data, self.seal) != line:
            self.broken = JournalError(self.name, number, "this line is damaged, or one before it is missing")
            return
        try:
            self.understand(number, json.loads(data + b"}"))
        except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
            raise JournalError(self.name, number, f"this line can't be read: {error}") from None

    def understand(self, number: int, made: dict[str, Any]) -> None:
        """Take what a line says.

        :raises ValueError: it is of another version.
        """
        if "journal" in made:
            self.parts.append(head(self.name, number, made))
            return
        step = Step(f"{self.name}:{number}", made["at"], decoded(made["event"]), decoded(made["effects"]))
        self.parts[-1].steps.append(step)


def head(name: str, number: int, made: dict[str, Any]) -> Part:
    """Return the part that begins with this head.

    :raises ValueError: it is of another version.
    """
    if made["journal"] != VERSION:
        message = f"a journal of version {made['journal']}, and this sigroute reads {VERSION}"
        raise ValueError(message)
    plan, state = decoded(made["plan"]), decoded(made["state"])
    return Part(f"{name}:{number}", str(made["time"]), plan, state, bool(made["gap"]))
