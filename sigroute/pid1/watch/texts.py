"""Log lines as texts with holes, for the watch to fill (runtime/src/lines.h has the marks)."""

from __future__ import annotations

from sigroute.pid1.log import narrate
from sigroute.pid1.log.log import LEVELS, Log

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from sigroute.pid1.engine.state import State
    from sigroute.pid1.log.narrate import Line
    from sigroute.pid1.plan import Plan
    from sigroute.pid1.watch.answers import Step

#: What a hole stands for: the sender's pid and uid, a process, its status, our exit code, the child's name, the first
#: word of its command, the number of repetitions.
SENDER, UID, CHILD, STATUS, CODE, NAME, PROGRAM, NUMBER = range(1, 9)

AGAIN, GROUP, LEVEL = b"\x0e", b"\x0f", 0x10

#: In place of holes while the lines are formed: noncharacters of Unicode (U+FDD0 to U+FDDF).
BASE = 0xFDD0

#: The most bytes that all texts of a group may have. The watch has room for twice as many, with the holes filled.
MOST = 4000


class Hole(int):
    """A number that is not known yet. It has a value, for the engine, but it reads as a hole."""

    hole: int

    def __new__(cls, hole: int, value: int = 0) -> Hole:  # noqa: PYI034 - Self is in typing, which PID 1 does without
        """Return a number with this value that reads as this hole."""
        made = super().__new__(cls, value)
        made.hole = hole
        return made

    def __str__(self) -> str:
        return named(self.hole)

    __repr__ = __str__

    def __format__(self, _spec: str, /) -> str:
        return named(self.hole)


def named(hole: int) -> str:
    """Return what stands in a text for a hole."""
    return chr(BASE + hole)


def has_holes(text: str) -> bool:
    """Tell whether a text has a character that stands for a hole."""
    return any(BASE <= ord(each) < BASE + LEVEL for each in text)


def text_of(plan: Plan, state: State, steps: Iterable[Step], log: Log) -> bytes:
    """Return the text for some steps of the engine, each a group; ``state`` is that before them.

    :raises ValueError: it is too long.
    """
    groups = []
    for event, effects in steps:
        told = [narrate.of_event(plan, state, event), *[narrate.of_effect(plan, effect) for effect in effects]]
        group = group_of([line for line in told if line is not None], log)
        if group:
            groups.append(group)
    text = GROUP.join(groups)
    if len(text) > MOST:
        message = f"{len(text)} bytes of log lines"
        raise ValueError(message)
    return text


def group_of(lines: list[Line], log: Log) -> bytes:
    """Return the text of one group. Its lines have an "again" only if all are of one level: it has that level."""
    made = b""
    repeats = len({level for level, _, _ in lines}) == 1
    for line in lines:
        made += bytes([LEVEL + LEVELS.index(line[0])]) + holed(log.form(*line))
        if repeats:
            before, after = log.again([line])
            made += AGAIN + holed(before) + bytes([NUMBER]) + holed(after)
    return made


def holed(line: bytes) -> bytes:
    """Return a line with the marks of holes in place of the characters that stand for them."""
    return line.decode().translate({BASE + hole: hole for hole in range(1, NUMBER + 1)}).encode()
