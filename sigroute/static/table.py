"""The table of the static executable, in the layout of ``struct table`` (runtime/src/table.h).

All offsets are into the texts at its end; there 0 means that there is none.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from sigroute.pid1.entry.command import UNNAMED
from sigroute.pid1.kernel.options import ADOPTS, ADOPTS_NOT
from sigroute.pid1.log.log import LEVELS, Log
from sigroute.pid1.names import mask_of
from sigroute.pid1.watch.answers import ASK
from sigroute.pid1.watch.texts import CHILD, NAME, PROGRAM, STATUS, Hole, group_of, has_holes, named, text_of
from sigroute.static.asked import ARRIVING, SIGNALS, answers, begun, ends, first_signals

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sigroute.pid1.engine.state import State
    from sigroute.pid1.plan import Launch, Plan
    from sigroute.pid1.watch.answers import Answer, Step

FORMAT = 2

HEAD = struct.Struct(f"<IIQqII4B10I{SIGNALS + 1}I256s{SIGNALS + 1}sB2x")
ENTRY = struct.Struct("<BBBxiI")

#: In place of ``grace``: there is none.
NO_GRACE = -1

#: An entry for each signal from each sender: ASK.
NO_ENTRIES = ENTRY.pack(ASK, 0, 0, 0, 0) * len(ARRIVING) * (SIGNALS + 1)

#: Of all but the texts.
SIZE = HEAD.size + 2 * len(NO_ENTRIES)


def table_of(launch: Launch) -> bytes:
    """Return the table for these rules.

    :param launch: its plan is complete but for the command line.
    """
    try:
        return _table(launch, plain=is_plain(launch.plan) and not launch.notes)  # the watch has no lines for notes
    except ValueError:  # a name has thousands of characters, and the watch has no room for such lines
        return _table(launch, plain=False)


def _table(launch: Launch, *, plain: bool) -> bytes:
    plan, texts = named_later(launch.plan), Texts()
    form = Log(launch.log_format, "debug")  # it forms lines of all levels, and writes none
    head = [
        FORMAT, SIZE, mask_of(plan.stop_signals), NO_GRACE if plan.grace is None else plan.grace * 1_000_000,
        LEVELS.index(launch.log_level), form.stamp_at,
    ]  # fmt: skip
    child = launch.plan.children[0] if plain else None
    takes = launch.plan.command is not None
    words = () if takes or child is None else child.argv
    name = 0 if child is None or child.name == UNNAMED else texts.add(child.name.encode())
    head += [plain, 0, child is not None and child.terminal, takes, len(words), texts.add(b"\0".join(words)), name]
    lost = [texts.add(part) for part in form.lost]
    if child is None:
        return HEAD.pack(*head, *[0] * 5, *lost, *[0] * (SIGNALS + 1), b"", b"", 1) + NO_ENTRIES * 2 + texts.data
    return _plain(plan, form, head, lost, texts)


def control_of(plan: Plan) -> dict[str, bytes]:
    """Return what a payload has beside the table: the control socket's path, as a part; nothing if there is none."""
    return {"control": plan.control} if plan.control else {}


def table_of_role() -> bytes:
    """Return the table for a stand-in: the engine does everything."""
    head = HEAD.pack(FORMAT, SIZE, 0, NO_GRACE, LEVELS.index("quiet"), *[0] * (15 + SIGNALS + 1), b"", b"", 0)
    return head + NO_ENTRIES * 2 + b"\0"


def _plain(plan: Plan, form: Log, head: list[int], lost: list[int], texts: Texts) -> bytes:
    """Return the table where the watch can start the only child."""
    start = begun(plan)

    def told(state: State, steps: Iterable[Step]) -> int:
        return texts.add(text_of(plan, state, steps, form))

    def entry(found: Answer) -> bytes:
        return ENTRY.pack(found.kind, found.signal, found.group, 0, told(start.state, found.steps))

    known = b"".join(entry(each) for each in answers(plan, start.state))
    first = b"".join(entry(each) for each in first_signals(plan))
    notes = [told(start.state, begun(plan, note).noted) for note in (ADOPTS, ADOPTS_NOT)]
    reaped = texts.add(group_of([("debug", "reaped", {"pid": Hole(CHILD), "status": Hole(STATUS)})], form))
    lines = [*notes, told(start.state, start.spawned), reaped]
    last = ends(plan, start.state)
    exits = {told(start.state, each.steps) for each in last[0]} if last else set()
    if last is None or len(exits) > 1:
        return HEAD.pack(*head, *lines, 0, *lost, *[0] * (SIGNALS + 1), b"", b"", 1) + known + first + texts.data
    exited, killed = last
    head[7] = 1
    return (
        HEAD.pack(
            *head, *lines, *exits, *lost, *[told(start.state, each.steps) for each in killed],
            bytes([each.code for each in exited]), bytes([each.code for each in killed]), 1,
        )
        + known + first + texts.data
    )  # fmt: skip


def is_plain(plan: Plan) -> bool:
    """Tell whether the watch can start the first child.

    It can if that is the only one, waits for no variables and finds all as the watch has it, if no text has a
    character of holes, and if no journal is to have every step.
    """
    is_alone = len(plan.children) == 1 and not plan.many and not plan.journal
    return is_alone and not plan.templates and not plan.has_worlds() and not has_holes(repr(plan))


def named_later(plan: Plan) -> Plan:
    """Return the plan with holes for what only the command line tells: the child's name, its command."""
    child, *others = plan.children
    name = named(NAME) if child.name == UNNAMED else child.name
    return plan.but(children=(child.but(name=name, argv=(named(PROGRAM).encode(),)), *others))


class Texts:
    """The texts at the end of the table, each once."""

    def __init__(self) -> None:
        self.data = b"\0"
        self.known: dict[bytes, int] = {b"": 0}

    def add(self, text: bytes) -> int:
        """Return the offset of a text."""
        if text not in self.known:
            self.known[text] = len(self.data)
            self.data += text + b"\0"
        return self.known[text]
