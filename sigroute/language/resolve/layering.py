"""What a child does not say itself: its groups may, in its order, and then the top of the file. The first counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from sigroute.language.read.model import Child, Group

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sigroute.language.read.model import RuleFile
    from sigroute.language.read.path import Path
    from sigroute.language.read.world import World

T = TypeVar("T")


class Layering:
    """Where a key may stand that is for a child."""

    def __init__(self, rules: RuleFile) -> None:
        self._rules = rules
        self._groups = {group.name: group for group in rules.groups}

    def of(self, child: Child) -> tuple[Child | Group | RuleFile, ...]:
        """Return the child itself, its groups, the top of the file."""
        return (child, *self.groups_of(child), self._rules)

    def groups_of(self, child: Child) -> tuple[Group, ...]:
        """Return its groups, as far as they say anything."""
        return tuple(self._groups[name] for name in child.groups if name in self._groups)


def who_says(layers: Iterable[object], field: str, name: str | None = None) -> object:
    """Return the first layer that says something; with a name, the first whose table has that. None: no layer does."""
    for layer in layers:
        value = getattr(layer, field, None)  # a layer may not have the field at all
        if value is not None and (name is None or name in value):
            return layer
    return None


def first_said(layers: Iterable[object], field: str, default: T) -> T:
    """Return what the first layer says that says something."""
    found: T | None = getattr(who_says(layers, field), field, None)
    return default if found is None else found


def merged(layers: Sequence[object], field: str) -> dict[str, Any]:
    """Return a table of all layers: for each name the first that has it counts."""
    found: dict[str, Any] = {}
    for layer in reversed(layers):
        found |= getattr(layer, field, None) or {}
    return found


def of_same_user(layers: Sequence[World]) -> list[World]:
    """Return the layers whose ``extra-groups`` count: all but those that name another user than the one who applies."""
    first = next((layer for layer in layers if layer.user is not None), None)
    return [layer for layer in layers if layer is first or layer.user is None]


def path_of(layer: object) -> Path:
    """Return where a layer is in the file."""
    return layer.path if isinstance(layer, Child) else ("group", layer.name) if isinstance(layer, Group) else ()
