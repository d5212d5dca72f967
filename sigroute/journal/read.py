"""Reads a journal: heads, and the steps of the engine after each of them.

Each line's seal is checked, so a changed line is found, and one that was left out or added between two others. Lines
that are missing at an end are not. A line that was cut before a head, or at the end, is no damage but a gap: PID 1 was
killed as it wrote it, or the disk was full.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import TYPE_CHECKING

import attrs

from sigroute.journal.decode import decoded
from sigroute.pid1.engine.effects import Effect
from sigroute.pid1.engine.events import Begin, Event
from sigroute.pid1.engine.state import State
from sigroute.pid1.journal.observer import VERSION
from sigroute.pid1.journal.seal import NONE, seal_of, sealed
from sigroute.pid1.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any


#: What ends a line, before its seal.
SEAL = b', "seal": "'

#: How a head begins; what every whole line has at its end, and a line that was cut has not.
HEAD, SEALED = b'{"journal": ', re.compile(rb', "seal": "[0-9a-f]{16}"\}')

#: No clock has more milliseconds.
LATEST = 1 << 53


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
    run: int
    """The same in all parts of a run, and another one in those of other runs."""
    plan: Plan
    state: State
    gap: bool
    """Steps before it were lost."""
    steps: list[Step] = attrs.field(factory=list)

    def begins(self) -> bool:
        """Tell whether it begins with the start of sigroute."""
        return any(isinstance(step.event, Begin) for step in self.steps[:1])


def parts(name: str, lines: Iterable[bytes]) -> list[Part]:
    """Return the parts of a journal.

    :raises JournalError: it is damaged, or is none.
    """
    reader = _Reader(name)
    line = b""
    for number, line in enumerate(lines, 1):
        reader.take(number, line)
    if reader.cut is not None and line.endswith(b"\n"):
        raise reader.cut
    if not reader.parts:
        raise JournalError(name, 1, "this is no journal")
    return reader.parts


class _Reader:
    """Takes one line after the other."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.parts: list[Part] = []
        self.seal = NONE
        #: The last line was cut: only a head may follow.
        self.cut: JournalError | None = None

    def take(self, number: int, line: bytes) -> None:
        """Take a line.

        :raises JournalError: it is damaged, or the one before it is.
        """
        if not line.strip():
            return
        is_head = line.startswith(HEAD)
        if not (self.parts or is_head):
            raise JournalError(self.name, number, "this is no journal")
        if self.cut is not None and not is_head:
            raise self.cut
        lost, self.cut = self.cut is not None, None
        data, _, _ = line.rpartition(SEAL)
        self.seal = seal_of(data, NONE if is_head else self.seal)
        if sealed(data, self.seal) not in (line, line + b"\n"):
            damage = JournalError(self.name, number, "this line is damaged, or one before it is missing")
            if SEALED.search(line) or line.endswith(b'"}\n'):
                raise damage
            # If a head follows, or nothing, it is no damage: PID 1 was killed as it wrote it, or a disk was full.
            self.cut = damage
            return
        try:
            self.understand(number, json.loads(data + b"}"), lost=lost)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise JournalError(self.name, number, f"this line can't be read: {error}") from None

    def understand(self, number: int, made: dict[str, Any], *, lost: bool) -> None:
        """Take what a line says.

        :raises ValueError: it is of another version.
        """
        if "journal" in made:
            part = head(self.name, number, made, lost=lost)
            if lost and made["gap"] is not True and self.parts and self.parts[-1].run == part.run:
                message = "the line before it is damaged"
                raise ValueError(message)
            self.parts.append(part)
            return
        at, event, did = made["at"], decoded(made["event"]), decoded(made["effects"])
        if type(at) is not int or not 0 <= at < LATEST or not isinstance(event, Event) or type(event) is Event:
            message = "it is no step"
            raise ValueError(message)
        if not all(isinstance(each, Effect) for each in did):
            message = "it has effects that are none"
            raise ValueError(message)
        self.parts[-1].steps.append(Step(f"{self.name}:{number}", at, event, did))


def head(name: str, number: int, made: dict[str, Any], *, lost: bool) -> Part:
    """Return the part that begins with this head.

    :param lost: the line before it was cut.
    :raises ValueError: it is of another version.
    """
    if made["journal"] != VERSION:
        message = f"a journal of version {made['journal']}, and this sigroute reads {VERSION}"
        raise ValueError(message)
    plan, state = decoded(made["plan"]), decoded(made["state"])
    if not isinstance(plan, Plan) or not isinstance(state, State) or len(state.children) != len(plan.children):
        message = "it is no head"
        raise ValueError(message)
    datetime.fromisoformat(made["time"])
    return Part(f"{name}:{number}", made["time"], int(made["run"]), plan, state, lost or made["gap"] is True)
