"""The rules of a file, resolved: every name is looked up, and it is known which entry applies to whom.

``load`` makes one ``Resolved`` of a file. The plan, the warnings and the reports are made from it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from sigroute.language.read.model import Child, RuleFile
from sigroute.language.resolve.layering import Layering
from sigroute.language.resolve.lookup import TERM, Layer, Lookup, Rows, likes_of
from sigroute.pid1.entry.command import UNNAMED
from sigroute.pid1.names import RTMAX, RTMIN, STANDARD
from sigroute.pid1.plan import SENDERS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sigroute.language.read.actions import Entry

GUARDED = frozenset(
    STANDARD[name]
    for name in ("HUP", "INT", "USR1", "USR2", "PIPE", "ALRM", "TERM", "STKFLT", "VTALRM", "PROF", "IO", "PWR")
) | frozenset(range(RTMIN, RTMAX + 1))
"""Signals that end a program without a handler, and leave no core (signal(7)). The default spares such a program."""

TO_GROUP = frozenset(STANDARD[name] for name in ("INT", "QUIT", "TSTP", "WINCH", "TTIN", "TTOU"))
"""Signals that a terminal sends to a whole process group (termios(3), tty_ioctl(4)).

HUP and CONT are not among them: when a terminal goes away, they reach the leader of its session as well (POSIX, 11.1.10
"Modem Disconnect").
"""

T = TypeVar("T")

Default = tuple[bool, bool]
"""What the default action depends on: whether the signal is of class stop, and whether programs without a handler are
spared it."""


@attrs.frozen(eq=False, repr=False)
class ResolvedChild:
    """A child, together with what it inherits by ``like``."""

    child: Child
    program: tuple[str, ...]
    exited: str
    terminal: str
    running: Rows
    """What applies once the child runs its program."""
    starting: Rows
    """What applies before that, if it has a program."""
    layers: tuple[Layer, ...]
    """The tables behind ``running``."""
    starting_layers: tuple[Layer, ...]

    @property
    def phases(self) -> tuple[Rows, ...]:
        """What may apply to it, in all phases of its life."""
        return (self.running, self.starting) if self.program else (self.running,)

    def can_hear(self, signal: int, sender: str) -> bool:
        """Tell whether its rules see a signal: not if the terminal sends it to the child itself."""
        return sender != "tty" or signal not in TO_GROUP or self.terminal != "child"


class Resolved:
    """What the rules of a file say. It does not change."""

    def __init__(self, rules: RuleFile) -> None:
        self.rules = rules
        self.lookup = Lookup(rules)
        self.layering = Layering(rules)
        self.children = tuple(map(self._resolve, rules.children or (Child(name=UNNAMED),)))
        self.indexes = {each.child.name: index for index, each in enumerate(self.children)}
        self.defaults = _defaults(self.lookup)
        """By sender, then by signal. Senders without a difference share the value."""
        # A file that a child is like has one child at most: its `after` names nobody else.
        self._own = {id(rules.source), *(id(entry.source) for entry in rules.overrides.entries)}
        self._waits: dict[object, tuple[int, ...]] = {}
        self._made: dict[Callable[[Resolved], Any], Any] = {}
        members: dict[str, list[int]] = {}
        for index, each in enumerate(self.children):
            for group in each.child.groups:
                members.setdefault(group, []).append(index)
        self._members = {group: tuple(indexes) for group, indexes in members.items()}

    def _resolve(self, child: Child) -> ResolvedChild:
        likes, layers = likes_of(child), self.lookup.layers_of(child)
        starting = [Layer(each.child.starting, each.name) for each in likes if each.child.starting.entries][:1]
        terminal = "sigroute" if len(self.rules.children) > 1 else "child"
        return ResolvedChild(
            child=child,
            program=next((each.child.program for each in likes if each.child.program), ()),
            exited=next((each.child.exited for each in likes if each.child.exited), "process"),
            terminal=next((each.child.terminal for each in likes if each.child.terminal), terminal),
            running=self.lookup.rows_of(layers),
            starting=self.lookup.rows_of(starting),
            layers=tuple(layers),
            starting_layers=tuple(starting),
        )

    def name_of(self, index: int) -> str:
        """Return the name of a child."""
        return self.children[index].child.name

    def own_entries(self) -> Iterator[Entry]:
        """Yield the entries of this file, without those of files that children are like."""
        for child in self.rules.children:
            yield from (*child.on.entries, *child.starting.entries)
        for group in self.rules.groups:
            yield from group.on.entries
        yield from self.rules.on.entries

    def waits_for(self, entry: Entry, index: int) -> tuple[int, ...]:
        """Return the children that this child waits for by an entry."""
        names = self.named_by(entry)
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
        return entry.action.after if entry is not None and id(entry.source) in self._own else ()

    def members(self, group: str) -> tuple[int, ...]:
        """Return the children that are in a group."""
        return self._members.get(group, ())

    def once(self, make: Callable[[Resolved], T]) -> T:
        """Return what a function makes of these rules. It is called once, however many ask."""
        if make not in self._made:
            self._made[make] = make(self)
        made: T = self._made[make]
        return made


def _defaults(lookup: Lookup) -> dict[str, tuple[Default, ...]]:
    no_stops = [(False, signal in GUARDED) for signal in range(RTMAX + 1)]
    found = {sender: no_stops.copy() for sender in SENDERS}
    for signal, sender in lookup.stops:
        found[sender][signal] = (True, signal != TERM)
    same: dict[tuple[Default, ...], tuple[Default, ...]] = {}
    return {sender: same.setdefault(tuple(each), tuple(each)) for sender, each in found.items()}
