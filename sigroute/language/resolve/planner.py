"""From resolved rules to the plan: every default is filled in, and equal parts are made once."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import attrs

from sigroute.language.read.actions import DEFAULT_TIMEOUT
from sigroute.language.read.model import RuleFile
from sigroute.language.read.source import NO_FILE, Source
from sigroute.language.resolve.lifecycles import Lifecycle
from sigroute.language.resolve.lookup import TERM
from sigroute.language.resolve.resolved import GUARDED, Resolved
from sigroute.language.resolve.templates import Templates, encoded
from sigroute.language.resolve.worlds import WorldMaker
from sigroute.pid1.entry.command import complete
from sigroute.pid1.plan import ANY_SIGNAL, FORWARD, SENDERS, Action, ChildPlan, DrainPlan, Plan, Step, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sigroute.language.read.actions import Action as ActionKeys
    from sigroute.language.read.actions import Entry
    from sigroute.language.resolve.lookup import Row, Rows
    from sigroute.language.resolve.resolved_child import ResolvedChild

IGNORE: dict[int, str | tuple[Step, ...]] = {ANY_SIGNAL: "ignore"}

Again = dict[int, str | tuple[Step, ...]]


def compile_plan(resolved: Resolved, command: Sequence[bytes] = ()) -> Plan:
    """Return the plan of rules and a command line.

    :param command: the words of the command line; the one child without a ``command`` takes them.
    :raises UsageError: a child needs a command, and there is none.
    """
    plan = outline(resolved)
    return complete(with_instead(plan) if command else plan, command)


def outline(resolved: Resolved) -> Plan:
    """Return the plan without a command line; ``complete`` adds one."""
    return _Planner(resolved).plan()


def with_instead(plan: Plan) -> Plan:
    """Return a plan that also says what runs for a command line that no child waits for."""
    if plan.command is not None:
        return plan
    return plan.but(instead=outline(Resolved(RuleFile(Source(NO_FILE, "")))))


class _Planner:
    """One compilation. It numbers tables and actions as it makes them, and makes equal ones once."""

    def __init__(self, resolved: Resolved) -> None:
        self.resolved = resolved
        self.lookup = resolved.lookup
        self._actions: dict[object, int] = {}
        self._made: list[Action] = []
        self._tables: dict[object, int] = {}
        self._made_tables: list[Table] = []
        self._holding: set[int] = set()
        self._dropped = _dropped_by_all(resolved)
        self._templates = Templates()

    def plan(self) -> Plan:
        """Return the plan."""
        resolved, rules = self.resolved, self.resolved.rules
        children = tuple(self._child(index, each) for index, each in enumerate(resolved.children))
        self._templates.durations(rules.grace, ("grace",), rules.source, ("grace",))
        self._templates.durations(rules.drain.wait, ("drain", "wait"), rules.source, ("drain", "wait"))
        only = rules.signals.only
        return Plan(
            children=children,
            tables=tuple(self._made_tables),
            actions=tuple(self._made),
            stop_signals=self.lookup.stop_signals,
            grace=rules.grace,
            drain=DrainPlan(wait=rules.drain.wait),
            when=self._when(),
            many=bool(resolved.order.needed)
            or any(
                each.ready or each.alive or each.restart or each.task or each.only_if or each.watch for each in children
            ),
            tasks=tuple(index for index, each in enumerate(children) if each.task is not None),
            code=None if rules.exit.code is None else resolved.indexes[rules.exit.code],
            command=next((index for index, child in enumerate(children) if not child.argv), None),
            stop_exit_map=rules.exit.map,
            journal=os.fsencode(rules.journal.path or ""),
            control=os.fsencode(rules.control.path or ""),
            groups=resolved.groups,
            templates=tuple(self._templates.made),
            stop_senders={signal: tuple(sorted(only[signal])) for signal in self.lookup.stop_signals & only.keys()},
        )

    def _when(self) -> str | tuple[int, ...]:
        """Return when the container ends; members of groups that are tasks don't count."""
        resolved, when = self.resolved, self.resolved.rules.exit.when
        if isinstance(when, str):
            return when
        found: dict[int, None] = {}
        for name in when:
            members = resolved.members(name[1:]) if name.startswith("@") else (resolved.indexes[name],)
            found.update(dict.fromkeys(each for each in members if resolved.children[each].child.task is None))
        return tuple(found)

    def _child(self, index: int, each: ResolvedChild) -> ChildPlan:
        running = self._table(index, each.running)
        starting = self._table(index, each.starting) if each.program else running
        source = self.resolved.rules.source
        if each.child.instances is not None:
            path = (*each.child.path, "instances")
            self._templates.note(each.child.instances, ("children", index, "instances"), source, path, "count")
        lifecycle = Lifecycle(index, self.resolved, self._templates)
        layers, has_terminal = self.resolved.layering.of(each.child), each.terminal == "child"
        return ChildPlan(
            name=each.child.name,
            argv=self._templates.command(
                each.child.command, ("children", index, "argv"), source, (*each.child.path, "command")
            ),
            running=running,
            starting=starting,
            holds=starting in self._holding,
            program=each.program,
            tree=each.exited == "tree",
            terminal=has_terminal,
            world=WorldMaker(index, layers, source, self._templates, has_terminal).world(),
            needs=self.resolved.order.needs[index],
            needed=index in self.resolved.order.needed,
            ready=lifecycle.ready(),
            alive=lifecycle.alive(),
            restart=lifecycle.restart(),
            task=lifecycle.task(),
            only_if=lifecycle.only_if(),
            watch=lifecycle.watch(),
        )

    def _table(self, index: int, rows: Rows) -> int:
        waits = {entry: self.resolved.waits_for(entry, index) for entry in self.lookup.waiting_of(rows)}
        implied, task = self.resolved.order.implied[index], self.resolved.children[index].child.task is not None
        which = (id(rows), tuple(waits.values()), implied, task)
        if which not in self._tables:
            made: dict[object, tuple[int, ...]] = {}
            table: Table = {}
            for sender, row in rows.items():
                same = (id(row), id(self.resolved.defaults[sender]), self._dropped[sender] if task else None)
                if same not in made:
                    made[same] = self._row(row, sender, Waits(waits, implied), task=task)
                table[sender] = made[same]
            self._tables[which] = len(self._made_tables)
            self._made_tables.append(table)
            if any(entry.action.do == "hold" for entry in self.lookup.entries_of(rows)):
                self._holding.add(self._tables[which])
        return self._tables[which]

    def _row(self, row: Row, sender: str, waits: Waits, *, task: bool) -> tuple[int, ...]:
        """Return the numbers of a row's actions, for a child or task with these waits."""
        numbers = []
        for signal, (entry, default) in enumerate(zip(row, self.resolved.defaults[sender], strict=True)):
            stop, _ = default
            if task and entry is None and signal in self._dropped[sender]:
                stop = False
            after = waits.of(entry) if stop else ()
            which = (entry or default, stop, after, task)
            number = self._actions.get(which)
            if number is None:
                number = self._actions[which] = len(self._made)
                action = make_action(self.resolved, entry, signal, after, stop=stop, task=task)
                if entry is not None and action.run:
                    path = (*entry.path, "run")
                    run = self._templates.command(entry.action.run, ("actions", number, "run"), entry.source, path)
                    action = action.but(run=run)
                if entry is not None:
                    self._templates.durations(action, ("actions", number), entry.source, entry.path)
                self._made.append(action)
            numbers.append(number)
        return tuple(numbers)


def _dropped_by_all(resolved: Resolved) -> dict[str, frozenset[int]]:
    """Return by sender the stop signals that every child drops: they stop nothing, so a task drops them as well.

    What sigroute itself sends is in a stop that goes on.
    """
    children = [each.running for each in resolved.children if each.child.task is None]
    found: dict[str, set[int]] = {sender: set() for sender in SENDERS}
    for signal, sender in resolved.lookup.stops if resolved.rules.tasks else ():
        entries = [rows[sender][signal] for rows in children]
        if sender != "sigroute" and all(entry is not None and entry.action.do == "drop" for entry in entries):
            found[sender].add(signal)
    return {sender: frozenset(signals) for sender, signals in found.items()}


@attrs.frozen(eq=False, repr=False)
class Waits:
    """Whom a child waits for in a stop."""

    written: dict[Entry, tuple[int, ...]]
    implied: tuple[int, ...]

    def of(self, entry: Entry | None) -> tuple[int, ...]:
        """Return those that it waits for by an entry; None: by the default."""
        if entry is None or entry.action.after is None:
            return self.implied
        return self.written.get(entry, ())


def make_action(  # noqa: PLR0913 - an entry, and for whom it is
    resolved: Resolved, entry: Entry | None, signal: int, after: tuple[int, ...], *, stop: bool, task: bool = False
) -> Action:
    """Return the action for a signal.

    :param entry: the entry that applies; None: the default.
    :param after: the children to wait for.
    :param stop: whether the signal is of class stop.
    :param task: whether it is for a task: no signal reaches it but a stop.
    """
    if entry is None and task and not stop:
        return Action(origin="default", do="drop")
    if entry is None:
        return _default(signal, stop=stop, lone=resolved.is_lone and not task).but(after=after)
    action = _held(entry.action) if task else entry.action
    return Action(
        origin=resolved.lookup.origin(entry),
        do=action.do,
        is_stop=stop,
        steps=action.steps,
        after=after,
        run=tuple(map(encoded, action.run)),
        timeout=DEFAULT_TIMEOUT if action.timeout is None else action.timeout,
        otherwise=action.else_steps or (action.steps if stop and action.run else ()),
        scope=action.scope or "program",
        again=_again(entry, stop=stop),
        hold=action.hold,
    )


def _held(action: ActionKeys) -> ActionKeys:
    """Return what a task does that is held: it goes on for so long at most, and then gets what ``else`` says.

    A hold without a time lasts until it ends: its stop sends nothing.
    """
    if action.do != "hold":
        return action
    first, *rest = action.else_steps or (None,)
    steps = () if first is None else (first.but(wait=first.wait + (action.hold or 0)), *rest)
    return attrs.evolve(action, hold=None, send=steps, otherwise=None)


def _default(signal: int, *, stop: bool, lone: bool) -> Action:
    """Return the action for a signal that no entry is for."""
    sent = Step(wait=0, signal=FORWARD if lone or not stop else TERM)
    if not stop:
        return Action(origin="default", steps=(sent,), again=IGNORE, guard=signal in GUARDED)
    # Repeats are sent as well, as by a plain init: some programs end at the second INT.
    return Action(
        origin="default", is_stop=True, steps=(sent,), again={ANY_SIGNAL: (sent,)}, guard=lone and signal != TERM
    )


def _again(entry: Entry, *, stop: bool) -> Again:
    """Return what each repeat does, with the default for those that nobody names."""
    action = entry.action
    default = "repeat" if action.run and not stop else "ignore"
    if isinstance(action.again, dict):
        return {ANY_SIGNAL: default, **action.again}
    return {ANY_SIGNAL: default if action.again is None else action.again}
