"""Which entry applies: a child's tables are asked in order for a signal and its sender."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import attrs

from sigroute.language.read.actions import Entry, Table
from sigroute.language.read.model import Child, RuleFile
from sigroute.language.read.signals import STOP_CLASS
from sigroute.pid1.names import RTMAX, STANDARD
from sigroute.pid1.plan import SENDERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

TERM = STANDARD["TERM"]

Row = tuple[Entry | None, ...]
"""By signal number, 0 to 64: the entry that applies, None for the default."""

Rows = dict[str, Row]
"""By sender."""


@attrs.frozen(eq=False, repr=False)
class Layer:
    """A table to ask, and where it comes from."""

    table: Table
    like: str = ""
    """The name of the rules that the child is like and that have this table; empty: the file itself has it."""
    override: bool = False
    """It is the table of ``--on``."""

    def origin(self, entry: Entry) -> str:
        """Return where an entry is written, for people."""
        if self.override:
            return f"--on {entry.origin}"
        return f"like {self.like}: {entry.origin}" if self.like else entry.origin


class Lookup:
    """Finds the entry that applies. Children with the same tables share the result."""

    def __init__(self, rules: RuleFile) -> None:
        self.rules = rules
        self.stop_signals = rules.signals.classes[STOP_CLASS]
        """The signals of class stop; ``is_stop`` also asks for the sender."""
        self.stops = tuple(
            (signal, sender)
            for signal in sorted(self.stop_signals)
            for sender in SENDERS
            if rules.signals.has(STOP_CLASS, signal, sender)
        )
        """Each signal of class stop, in order, with each of its senders."""
        self._stops = frozenset(self.stops)
        only = rules.signals.only.items()
        self._only = {sender: frozenset(signal for signal, senders in only if sender in senders) for sender in SENDERS}
        self._groups: dict[int, dict[str, Table]] = {}
        self._rows: dict[tuple[int, ...], Rows] = {}
        # Their keys are the ids of rows, which live as long as this object.
        self._entries: dict[int, tuple[Entry, ...]] = {}
        self._waiting: dict[int, tuple[Entry, ...]] = {}
        self._ranked: dict[int, list[Entry]] = {}
        self._by_signal: dict[int, dict[int, list[Entry]]] = {}
        self._layers: dict[int, Layer] = {}

    def layers_of(self, child: Child) -> list[Layer]:
        """Return the tables that are asked once a child runs its program, in this order."""
        if child.task is not None:
            return [Layer(child.on)]
        return [Layer(self.rules.overrides, override=True), *self._layers_of(child, self.rules, "")]

    def _layers_of(self, child: Child, rules: RuleFile, like: str) -> list[Layer]:
        layers = [Layer(child.on, like)]
        if child.liked is not None and child.like is not None:
            layers += self._layers_of(only_child(child.liked, child.like), child.liked, child.like)
        if id(rules) not in self._groups:
            self._groups[id(rules)] = {group.name: group.on for group in rules.groups}
        groups = self._groups[id(rules)]
        layers += [Layer(groups[name], like) for name in child.groups if name in groups]
        return [*layers, Layer(rules.on, like)]

    def rows_of(self, layers: Sequence[Layer]) -> Rows:
        """Return what applies where these tables are asked, in this order."""
        layers = [layer for layer in layers if layer.table.entries]
        which = tuple(id(layer.table) for layer in layers)
        if which not in self._rows:
            for layer in layers:
                for entry in layer.table.entries:
                    self._layers.setdefault(id(entry), layer)
            ranked = _weakest_first(layers)
            self._rows[which] = self._by_sender(ranked)
            self._ranked[id(self._rows[which])] = ranked
        return self._rows[which]

    def _by_sender(self, entries: list[Entry]) -> Rows:
        """Return what applies of these entries; the last one wins. Senders that no entry tells apart share a row."""
        named = {entry.key.sender for entry in entries}
        rows: dict[object, Row] = {}
        found = {}
        for sender in SENDERS:
            which = (self._only[sender], sender if sender in named else None)
            if which not in rows:
                rows[which] = self._row(entries, sender)
            found[sender] = rows[which]
        return found

    def _row(self, entries: list[Entry], sender: str) -> Row:
        row: list[Entry | None] = [None] * (RTMAX + 1)
        for entry in entries:
            for signal in self.signals_of(entry):
                if self._is_for(entry, signal, sender):
                    row[signal] = entry
        return tuple(row)

    def _is_for(self, entry: Entry, signal: int, sender: str) -> bool:
        """Tell whether an entry for this signal is also for this sender."""
        if entry.key.sender not in {None, sender}:
            return False
        return not entry.key.is_class or sender in self.rules.signals.only.get(signal, SENDERS)

    def instead_of(self, entry: Entry, rows: Rows, signal: int, sender: str) -> Entry | None:
        """Return what would apply in these rows if an entry were not there."""
        if id(rows) not in self._by_signal:
            by_signal: dict[int, list[Entry]] = {}
            for each in reversed(self._ranked[id(rows)]):
                for number in self.signals_of(each):
                    by_signal.setdefault(number, []).append(each)
            self._by_signal[id(rows)] = by_signal
        others = self._by_signal[id(rows)].get(signal, [])
        return next((each for each in others if each is not entry and self._is_for(each, signal, sender)), None)

    def entries_of(self, rows: Rows) -> tuple[Entry, ...]:
        """Return the entries that apply to any signal, each once."""
        if id(rows) not in self._entries:
            found = dict.fromkeys(chain.from_iterable(_distinct(rows)))
            self._entries[id(rows)] = tuple(entry for entry in found if entry is not None)
        return self._entries[id(rows)]

    def waiting_of(self, rows: Rows) -> tuple[Entry, ...]:
        """Return the entries that apply and wait for other children."""
        if id(rows) not in self._waiting:
            self._waiting[id(rows)] = tuple(entry for entry in self.entries_of(rows) if entry.action.after)
        return self._waiting[id(rows)]

    def origin(self, entry: Entry | None) -> str:
        """Return where an entry is written, for people; ``default`` for None."""
        return "default" if entry is None else self._layers[id(entry)].origin(entry)

    def is_stop(self, signal: int, sender: str) -> bool:
        """Tell whether a signal from this sender is of class stop."""
        return (signal, sender) in self._stops

    def can_arrive(self, signal: int, sender: str) -> bool:
        """Tell whether this sender can send a signal. sigroute itself sends one only, when ``[exit] when`` is met."""
        return sender != "sigroute" or signal == (
            TERM if TERM in self.stop_signals else min(self.stop_signals, default=TERM)
        )

    def signals_of(self, entry: Entry) -> frozenset[int]:
        """Return the signals of an entry. A class has those of the entry's own file, but ``stop`` has this file's."""
        return self.stop_signals if entry.key.word == STOP_CLASS else entry.key.signals


def _weakest_first(layers: Sequence[Layer]) -> list[Entry]:
    """Return the entries of layers, the strongest one last: a signal beats a class, and a sender beats none."""
    return [entry for layer in reversed(layers) for entry in sorted(layer.table.entries, key=_strength)]


def _strength(entry: Entry) -> tuple[bool, bool]:
    return not entry.key.is_class, entry.key.sender is not None


def _distinct(rows: Rows) -> Iterable[Row]:
    """Return each row once, though senders share them."""
    return {id(row): row for row in rows.values()}.values()


@attrs.frozen(eq=False, repr=False)
class Liked:
    """A child that another is like."""

    name: str
    """What ``like`` says; empty: the child itself."""
    child: Child


def likes_of(child: Child) -> list[Liked]:
    """Return a child, the child that it is like, the next one, and so on."""
    found = [Liked("", child)]
    while child.liked is not None and child.like is not None:
        name, child = child.like, only_child(child.liked, child.like)
        found.append(Liked(name, child))
    return found


def only_child(rules: RuleFile, name: str) -> Child:
    """Return the only child of a file, or an empty one."""
    return rules.children[0] if rules.children else Child(name=name)
