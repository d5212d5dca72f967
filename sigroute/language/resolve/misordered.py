"""Errors in the order of children: needs in a circle, and several that wait for all others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigroute.language.read.path import format_path
from sigroute.language.read.reading import Finding
from sigroute.language.resolve.layering import path_of, who_says
from sigroute.language.resolve.order import circle_of_needs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sigroute.language.resolve.resolved import Resolved

MOST_NAMED = 8


def misordered(resolved: Resolved) -> Iterator[Finding]:
    """Yield these errors."""
    yield from _circle(resolved)
    yield from _all_twice(resolved)


def _circle(resolved: Resolved) -> Iterator[Finding]:
    """Yield a circle of children that need each other: none of them would ever be started."""
    circle = list(circle_of_needs(resolved.order.needs))
    if not circle:
        return
    first = circle.index(min(circle))
    circle = circle[first:] + circle[:first]
    names = [resolved.name_of(index) for index in circle]
    if len(names) > MOST_NAMED:
        names = [*names[: MOST_NAMED - 2], f"{len(names) - MOST_NAMED + 1} more", names[-1]]
    child = resolved.children[circle[0]].child
    path = (*path_of(who_says(resolved.layering.of(child), "needs")), "needs")
    message = f"{' needs '.join([*names, names[0]])}, in {format_path(path)}"
    hint = "nothing can need itself" if len(circle) == 1 else "none of them would be started: one has to go first"
    yield Finding(resolved.rules.source, path, message, hint)


def _all_twice(resolved: Resolved) -> Iterator[Finding]:
    """Yield a second child that waits for all others."""
    for index in resolved.order.takes_all[1:]:
        first, child = resolved.name_of(resolved.order.takes_all[0]), resolved.children[index]
        entry = next(each for rows in child.phases for each in resolved.lookup.waiting_of(rows) if each.action.after)
        message = f"{child.child.name} waits for all others, as {first} does, in {entry.origin}"
        hint = 'only one may have after = "all": name the children that the other one waits for'
        yield Finding(entry.source, (*entry.path, "after"), message, hint)
