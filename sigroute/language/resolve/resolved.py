"""The rules of a file, resolved: every name is looked up, and it is known which entry applies to whom.

``load`` makes one ``Resolved`` of a file. The plan, the warnings and the reports are made from it.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from sigroute.language.read.model import Child, RuleFile
from sigroute.language.read.values import ALL
from sigroute.language.read.world import World
from sigroute.language.resolve.layering import Layering, first_said
from sigroute.language.resolve.lookup import TERM, Layer, Lookup, likes_of
from sigroute.language.resolve.order import Order
from sigroute.language.resolve.resolved_child import ResolvedChild
from sigroute.pid1.entry.command import UNNAMED
from sigroute.pid1.names import RTMAX, RTMIN, STANDARD
from sigroute.pid1.plan import SENDERS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sigroute.language.read.actions import Entry
    from sigroute.language.read.lifecycle import Task

GUARDED = frozenset(
    STANDARD[name]
    for name in ("HUP", "INT", "USR1", "USR2", "PIPE", "ALRM", "TERM", "STKFLT", "VTALRM", "PROF", "IO", "PWR")
) | frozenset(range(RTMIN, RTMAX + 1))
"""Signals that end a program without a handler, and leave no core (signal(7)). The default spares such a program."""

T = TypeVar("T")

Default = tuple[bool, bool]
"""What the default action depends on: whether the signal is of class stop, and whether programs without a handler are
spared it."""


class Resolved:
    """What the rules of a file say. It does not change."""

    def __init__(self, rules: RuleFile) -> None:
        self.rules = rules
        self.lookup = Lookup(rules)
        self.layering = Layering(rules)
        tasks = [_as_child(task) for task in rules.tasks]
        # The child of the command line comes last, so that a start without a command line can do without it.
        declared = [*rules.children, *tasks] if rules.children else [*tasks, _unnamed(rules)]
        self.children = tuple(map(self._resolve, declared))
        self.indexes = {each.child.name: index for index, each in enumerate(self.children)}
        self.is_lone = len(declared) == 1 and is_single(declared[0])
        """There is one process to route signals to; if not, a stop signal is TERM by default."""
        self.defaults = _defaults(self.lookup)
        """By sender, then by signal. Senders without a difference share the value."""
        # A file that a child is like has one child at most: its `after` names nobody else.
        self._own = {id(rules.source), *(id(entry.source) for entry in rules.overrides.entries)}
        self._waits: dict[object, tuple[int, ...]] = {}
        self._made: dict[Callable[[Resolved], Any], Any] = {}
        members: dict[str, list[int]] = {}
        for index, each in enumerate(self.children):
            for group in each.child.groups:
                if not self.is_end_task(index):
                    members.setdefault(group, []).append(index)
        self.groups = {group: tuple(members[group]) for group in sorted(members)}
        """The members of each group, but no tasks of the end."""

    def _resolve(self, child: Child) -> ResolvedChild:
        likes, layers = likes_of(child), self.lookup.layers_of(child)
        starting = [Layer(each.child.starting, each.name) for each in likes if each.child.starting.entries]
        starting += [Layer(each.starting) for each in self.layering.groups_of(child) if each.starting.entries]
        alone = len(self.rules.children) <= 1 and child.task is None and is_single(child)
        terminal = "child" if alone and not self._may_tag(child) else "sigroute"
        layered = [*(each.child for each in likes), *self.layering.groups_of(child)]
        return ResolvedChild(
            child=child,
            program=next((each.child.program for each in likes if each.child.program), ()),
            exited=first_said(layered, "exited", "process"),
            terminal=first_said(layered, "terminal", terminal),
            running=self.lookup.rows_of(layers),
            starting=self.lookup.rows_of(starting[:1]),
            layers=tuple(layers),
            starting_layers=tuple(starting[:1]),
        )

    def _may_tag(self, child: Child) -> bool:
        """Tell whether its output is tagged, or may be by a variable."""
        output = first_said(self.layering.of(child), "output", "")
        return output == "tag" or output.startswith("${")

    def name_of(self, index: int) -> str:
        """Return the name of a child."""
        return self.children[index].child.name

    def own_entries(self) -> Iterator[Entry]:
        """Yield the entries of this file, without those of files that children are like."""
        for child in self.rules.children:
            yield from (*child.on.entries, *child.starting.entries)
        for task in self.rules.tasks:
            yield from task.on.entries
        for group in self.rules.groups:
            yield from (*group.on.entries, *group.starting.entries)
        yield from self.rules.on.entries

    def waits_for(self, entry: Entry, index: int) -> tuple[int, ...]:
        """Return the children that this child waits for by an entry."""
        names = self.named_by(entry)
        if names == (ALL,):
            return self.order.all_others[index]
        own = any(name[1:] in self.children[index].child.groups for name in names if name.startswith("@"))
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
        """Return the children and groups that an entry's ``after`` names."""
        after = entry.action.after if entry is not None and id(entry.source) in self._own else None
        return after or ()

    @cached_property
    def order(self) -> Order:
        """Who needs whom."""
        return Order(self)

    def is_end_task(self, index: int) -> bool:
        """Tell whether this is a task of the end."""
        task = self.children[index].child.task
        return task is not None and task.at == "end"

    def members(self, group: str) -> tuple[int, ...]:
        """Return the children and tasks that are in a group, but no tasks of the end."""
        return self.groups.get(group, ())

    def once(self, make: Callable[[Resolved], T]) -> T:
        """Return what a function makes of these rules. It is called once, however many ask."""
        if make not in self._made:
            self._made[make] = make(self)
        made: T = self._made[make]
        return made


def _as_child(task: Task) -> Child:
    """Return a child that stands for a task."""
    shared = {name: getattr(task, name) for name in attrs.fields_dict(World)}
    return Child(
        name=task.name, path=task.path, command=task.command, needs=task.needs, groups=task.groups, on=task.on,
        restart=task.restart, only_if=task.only_if, task=task, **shared,
    )  # fmt: skip


def _unnamed(rules: RuleFile) -> Child:
    """Return the child of the command line in a file that names none: it needs all tasks of the start."""
    return Child(name=UNNAMED, needs=tuple(task.name for task in rules.tasks if task.at == "start") or None)


def is_single(child: Child) -> bool:
    """Tell whether a child is one process at most, whatever the environment says."""
    return child.instances in {None, "0", "1"}


def _defaults(lookup: Lookup) -> dict[str, tuple[Default, ...]]:
    no_stops = [(False, signal in GUARDED) for signal in range(RTMAX + 1)]
    found = {sender: no_stops.copy() for sender in SENDERS}
    for signal, sender in lookup.stops:
        found[sender][signal] = (True, signal != TERM)
    same: dict[tuple[Default, ...], tuple[Default, ...]] = {}
    return {sender: same.setdefault(tuple(each), tuple(each)) for sender, each in found.items()}
