"""What ``sigroute check`` prints of valid rules: the tables, the terminal's owner, how long a stop takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigroute.language.read.durations import format_duration
from sigroute.language.report.routing_table import tables
from sigroute.language.resolve.longest_stop import longest_stop
from sigroute.language.resolve.planner import outline

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sigroute.language.resolve.resolved import Resolved
    from sigroute.pid1.plan import Plan


def summary(resolved: Resolved) -> Iterator[str]:
    """Yield the lines one by one: a table of thousands of children has many megabytes."""
    plan = outline(resolved)
    yield from tables(plan)
    yield ""
    yield terminal(plan)
    yield from ending(resolved)


def terminal(plan: Plan) -> str:
    """Return who owns the terminal, and who gets its signals."""
    owner = next((child.name for child in plan.children if child.terminal), None)
    if owner is None:
        return "terminal, if there is one: sigroute's; Ctrl-C, Ctrl-Z and a resize go by these rules"
    return f"terminal, if there is one: {owner}'s; Ctrl-C, Ctrl-Z and a resize go to it, not by these rules"


def ending(resolved: Resolved) -> Iterator[str]:
    """Yield how long a stop may take, and what limits it."""
    longest, grace = resolved.once(longest_stop), resolved.rules.grace
    time = format_duration(longest.milliseconds)
    if grace is None:
        yield f"longest stop: {time} ({longest}), and what programs take after their last signal"
        yield "grace: none; only the platform's own limit ends a stop that takes longer"
    else:
        yield f"longest stop: {format_duration(grace)} (grace: then all that is left is killed)"
        yield f"without grace: {time} ({longest}), and what programs take after their last signal"
