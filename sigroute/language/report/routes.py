"""Which signals share an action: the rows of a table or a block, as people read them."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import attrs

from sigroute.language.read.signals import UNRECEIVABLE
from sigroute.language.report.cells import GUARDED, cell
from sigroute.pid1.names import FAULTS, RTMAX, RTMIN, STANDARD, name_of
from sigroute.pid1.plan import SENDERS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sigroute.pid1.plan import Plan

#: The senders that people think of: sigroute itself is left out.
SHOWN_SENDERS = SENDERS[:3]

#: All signals but KILL, STOP, CHLD and those that the C library reserves (signal(7)).
RECEIVED = frozenset(range(1, RTMAX + 1)) - UNRECEIVABLE.keys()

#: Signals that leave a core by default (signal(7)).
DUMP_CORE = FAULTS | {STANDARD[name] for name in ("QUIT", "XCPU", "XFSZ")}

REAL_TIME = {name_of(number): number for number in range(RTMIN, RTMAX + 1)}

#: The cell of a child that is never in this phase.
NEVER = "-"

NEVER_TABLE: dict[str, tuple[None, ...]] = dict.fromkeys(SHOWN_SENDERS, (None,) * (RTMAX + 1))


@attrs.frozen
class Routes:
    """What children do about signals."""

    rows: tuple[tuple[str, tuple[str, ...]], ...]
    """The labels of signals, and by child what it does about them, with where that is written."""
    others: frozenset[int]
    """The signals that no rule is for, and that stop nothing."""


class Router:
    """Makes routes of a plan. It makes the text of each action once, as there may be thousands of children."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        #: Those that signals reach: all but the tasks of the end.
        self.children = [child for child in plan.children if child.task is None or not child.task.at_end]
        self.texts: dict[int | None, str] = {number: cell(plan, action) for number, action in enumerate(plan.actions)}
        self.texts[None] = NEVER
        self._stops = plan.stop_signals
        self._received = sorted(RECEIVED, key=lambda signal: (signal not in plan.stop_signals, signal))
        self._written = {number for number, action in enumerate(plan.actions) if action.origin != "default"}

    def routes(self, indexes: Sequence[int | None]) -> Routes:
        """Return the routes of children.

        :param indexes: by child, the table of the plan that applies; None: the child is never in this phase.
        """
        tables = [NEVER_TABLE if index is None else self.plan.tables[index] for index in indexes]
        # By signal, for each sender the numbers of all children's actions. Most signals have the same ones.
        columns = list(
            zip(*(zip(*(table[sender] for table in tables), strict=True) for sender in SHOWN_SENDERS), strict=True)
        )
        cells = {column: [tuple(map(self.texts.__getitem__, numbers)) for numbers in column] for column in set(columns)}
        written = {column for column in cells if not self._written.isdisjoint(chain.from_iterable(column))}
        named = [signal for signal in self._received if signal in self._stops or columns[signal] in written]
        found: dict[tuple[str, ...], dict[str, None]] = {}
        for signal in named:
            name, by_sender = name_of(signal), cells[columns[signal]]
            same = all(each == by_sender[0] for each in by_sender)
            for sender, each in zip(SHOWN_SENDERS, by_sender, strict=True):
                found.setdefault(each, {})[name if same else f"{name}@{sender}"] = None
        rows = tuple((", ".join(shortened(tuple(labels))), each) for each, labels in found.items())
        return Routes(rows, RECEIVED.difference(named))


def defaults(others: frozenset[int]) -> Iterator[tuple[str, str]]:
    """Yield what children do about the signals that no rule is for."""
    if others & DUMP_CORE:
        yield "others that dump core", "forward [default]"
    if others - DUMP_CORE:
        yield "all others", f"{GUARDED} [default]"


def shortened(labels: Sequence[str]) -> Iterator[str]:
    """Yield the labels, with each run of real-time signals shortened to ``RTMIN+4 to RTMAX``."""
    row: list[str] = []
    for label in labels:
        if row and REAL_TIME.get(label) != REAL_TIME.get(row[-1], RTMAX) + 1:
            yield from spelled(row)
            row = []
        row.append(label)
    yield from spelled(row)


def spelled(row: Sequence[str]) -> Iterator[str]:
    """Yield the labels of a run, or its two ends if it is longer."""
    yield from row if len(row) < 3 else [f"{row[0]} to {row[-1]}"]  # noqa: PLR2004 - the ends
