"""From rules to the plan: every name looked up, every default filled in, nothing twice."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from sigroute.language.read.model import DEFAULT_TIMEOUT, Child, Entry, RuleFile
from sigroute.language.resolve.resolver import Resolver, Row, Rows, Settled
from sigroute.pid1.entry.command import UNNAMED, complete
from sigroute.pid1.names import RTMAX, RTMIN, STANDARD
from sigroute.pid1.plan import ANY_SIGNAL, FORWARD, SENDERS, Action, ChildPlan, Plan, Step, Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

TERM = STANDARD["TERM"]

GUARDED = frozenset(
    STANDARD[name]
    for name in ("HUP", "INT", "USR1", "USR2", "PIPE", "ALRM", "TERM", "STKFLT", "VTALRM", "PROF", "IO", "PWR")
) | frozenset(range(RTMIN, RTMAX + 1))
"""What ends a program that has no handler, without a core (signal(7)): the default does not send it such a signal."""

IGNORE: dict[int, str | tuple[Step, ...]] = {ANY_SIGNAL: "ignore"}

Again = dict[int, str | tuple[Step, ...]]

Kind = tuple[bool, bool]
"""What the default depends on: whether the signal is of class stop; whether a child without a handler is spared it."""


def compile_plan(rules: RuleFile, command: Sequence[bytes] = ()) -> Plan:
    """Return the plan that rules and a command line make.

    :param command: the words of the command line; the one child without a ``command`` takes them.
    :raises UsageError: there is no command for a child that needs one, or a command that nobody waits for.
    """
    return complete(outline(rules), command)


def outline(rules: RuleFile) -> Plan:
    """Return the plan that rules make with no command yet: ``complete`` gives it one."""
    return compiler_of(rules).plan()


@lru_cache(maxsize=1)
def compiler_of(rules: RuleFile) -> Compiler:
    """Return the compiler of rules: whoever has them checked goes on to compile them, and asks what else they mean."""
    return Compiler(rules)


class Compiler:
    """One compilation: what was made so far, so that what is equal is made once."""

    def __init__(self, rules: RuleFile) -> None:
        self.rules = rules
        self.resolver = Resolver(rules)
        self.children = rules.children or (Child(name=UNNAMED),)
        self.settled = [self.resolver.settle(child) for child in self.children]
        self.indexes = {child.name: index for index, child in enumerate(self.children)}
        # In a file that a child is like there is nobody else to wait for.
        self._own = {id(rules.source), *(id(entry.source) for entry in rules.overrides.entries)}
        self.kinds = _kinds(self.resolver)
        self._waits: dict[object, tuple[int, ...]] = {}
        members: dict[str, list[int]] = {}
        for index, child in enumerate(self.children):
            for group in child.groups:
                members.setdefault(group, []).append(index)
        self._members = {group: tuple(indexes) for group, indexes in members.items()}
        self._actions: dict[object, int] = {}
        self._made: list[Action] = []
        self._tables: dict[object, int] = {}
        self._made_tables: list[Table] = []
        self._holding: set[int] = set()

    def plan(self) -> Plan:
        """Return the plan."""
        children = tuple(self._child(index, settled) for index, settled in enumerate(self.settled))
        rules, when = self.rules, self.rules.exit.when
        only = rules.signals.only.keys()
        return Plan(
            children=children,
            tables=tuple(self._made_tables),
            actions=tuple(self._made),
            stop=self.resolver.stop,
            grace=rules.grace,
            drain=rules.drain.wait,
            when=self.indexes.get(when, when),
            code=None if rules.exit.code is None else self.indexes[rules.exit.code],
            command=next((index for index, child in enumerate(self.children) if not child.command), None),
            exit_map=rules.exit.map,
            stop_from={signal: tuple(sorted(rules.signals.only[signal])) for signal in self.resolver.stop & only},
        )

    def _child(self, index: int, settled: Settled) -> ChildPlan:
        ready = self._table(index, settled.ready)
        starting = self._table(index, settled.starting) if settled.program else ready
        return ChildPlan(
            name=settled.child.name,
            argv=tuple(word.encode() for word in settled.child.command),
            running=ready,
            starting=starting,
            holds=starting in self._holding,
            program=settled.program,
            tree=settled.exited == "tree",
            terminal=settled.terminal == "child",
        )

    def _table(self, index: int, rows: Rows) -> int:
        waits = {entry: self.waits_for(entry, index) for entry in self.resolver.waiting_of(rows)}
        which = (id(rows), tuple(waits.values()))
        if which not in self._tables:
            made: dict[tuple[int, int], tuple[int, ...]] = {}
            table: Table = {}
            for sender, row in rows.items():
                same = (id(row), id(self.kinds[sender]))
                if same not in made:
                    made[same] = self._row(row, sender, waits)
                table[sender] = made[same]
            self._tables[which] = len(self._made_tables)
            self._made_tables.append(table)
            if any(entry.action.do == "hold" for entry in self.resolver.entries_of(rows)):
                self._holding.add(self._tables[which])
        return self._tables[which]

    def _row(self, row: Row, sender: str, waits: dict[Entry, tuple[int, ...]]) -> tuple[int, ...]:
        """Return the numbers of the actions that do what a row says, for a child with these waits."""
        numbers = []
        for signal, (entry, kind) in enumerate(zip(row, self.kinds[sender], strict=True)):
            stop, _ = kind
            which = kind if entry is None else (entry, stop, waits.get(entry, ()))
            number = self._actions.get(which)
            if number is None:
                number = self._actions[which] = len(self._made)
                after = () if entry is None else waits.get(entry, ())
                self._made.append(self.make(entry, signal, after, stop=stop))
            numbers.append(number)
        return tuple(numbers)

    def make(self, entry: Entry | None, signal: int, after: tuple[int, ...], *, stop: bool) -> Action:
        """Return what is done for a child that has to wait for these when this signal arrives, of class stop or not."""
        if entry is None:
            return self._default(signal, stop=stop)
        action = entry.action
        return Action(
            origin=self.resolver.origin(entry),
            do=action.do,
            stop=stop,
            steps=action.steps,
            after=after if stop else (),
            # What --on brings has surrogates for bytes that are no UTF-8.
            run=tuple(word.encode(errors="surrogateescape") for word in action.run),
            timeout=DEFAULT_TIMEOUT if action.timeout is None else action.timeout,
            otherwise=action.else_steps,
            scope=action.scope or "program",
            again=_again(entry, stop=stop),
            hold=action.hold,
        )

    def _default(self, signal: int, *, stop: bool) -> Action:
        """Return what is done where nothing is written down."""
        lone = len(self.children) == 1
        sent = Step(wait=0, signal=FORWARD if lone or not stop else TERM)
        if not stop:
            return Action(origin="default", steps=(sent,), again=IGNORE, guard=signal in GUARDED)
        # A repeat is sent as well: so a plain init does, and programs that end at the second INT rely on it.
        return Action(
            origin="default", stop=True, steps=(sent,), again={ANY_SIGNAL: (sent,)}, guard=lone and signal != TERM
        )

    def own_entries(self) -> Iterator[Entry]:
        """Yield every entry of the file itself."""
        for child in self.rules.children:
            yield from (*child.on.entries, *child.starting.entries)
        for group in self.rules.groups:
            yield from group.on.entries
        yield from self.rules.on.entries

    def waits_for(self, entry: Entry, index: int) -> tuple[int, ...]:
        """Return the children that an entry has this child wait for."""
        names = self.named_by(entry)
        own = any(name[1:] in self.children[index].groups for name in names if name.startswith("@"))
        which = (names, index if own else None)
        if which not in self._waits:
            found: dict[int, None] = {}
            for name in names:
                if name.startswith("@"):
                    found.update(dict.fromkeys(each for each in self.members(name[1:]) if each != index))
                else:
                    found[self.indexes[name]] = None
            self._waits[which] = tuple(found)
        return self._waits[which]

    def named_by(self, entry: Entry | None) -> tuple[str, ...]:
        """Return the children and groups that an entry has somebody wait for."""
        return entry.action.after if entry is not None and id(entry.source) in self._own else ()

    def members(self, group: str) -> tuple[int, ...]:
        """Return the children that are in a group."""
        return self._members.get(group, ())


def _kinds(resolver: Resolver) -> dict[str, tuple[Kind, ...]]:
    """Return what each signal is, by sender: the same value where it is the same."""
    no_stops = [(False, signal in GUARDED) for signal in range(RTMAX + 1)]
    kinds = {sender: no_stops.copy() for sender in SENDERS}
    for signal, sender in resolver.stops:
        kinds[sender][signal] = (True, signal != TERM)
    same: dict[tuple[Kind, ...], tuple[Kind, ...]] = {}
    return {sender: same.setdefault(tuple(each), tuple(each)) for sender, each in kinds.items()}


def _again(entry: Entry, *, stop: bool) -> Again:
    """Return what each repeat does, the default filled in."""
    action = entry.action
    default = "repeat" if action.run and not stop else "ignore"
    if isinstance(action.again, dict):
        return {ANY_SIGNAL: default, **action.again}
    return {ANY_SIGNAL: default if action.again is None else action.again}
