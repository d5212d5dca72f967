"""What ``sigroute check`` prints of valid rules: the routes, the terminal's owner, how long a stop takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigroute.language.read.durations import format_duration
from sigroute.language.report.blocks import blocks, wrapped
from sigroute.language.report.cells import listed
from sigroute.language.report.condition_lines import conditions
from sigroute.language.report.graph import stop_action, stop_waits
from sigroute.language.report.lifecycle_lines import lifecycles
from sigroute.language.report.routes import Router
from sigroute.language.report.routing_table import tables
from sigroute.language.report.world_lines import worlds
from sigroute.language.resolve.longest_stop import longest_stop
from sigroute.language.resolve.planner import outline
from sigroute.pid1.names import STANDARD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sigroute.language.resolve.resolved import Resolved
    from sigroute.pid1.plan import Plan


KILL = STANDARD["KILL"]

#: The least that a column of a table takes: a character, and two blanks before it.
NARROWEST = 3


def summary(resolved: Resolved, width: int, environ: dict[bytes, bytes] | None = None) -> Iterator[str]:
    """Yield line by line, or block by block: what is said of thousands of children has many megabytes.

    :param width: the most characters of a line.
    :param environ: the environment of ``--env``.
    """
    plan = outline(resolved)
    yield from routing(plan, width)
    yield ""
    for text in (
        *lifecycles(plan),
        *worlds(plan),
        *conditions(plan, environ),
        terminal(plan),
        *ending(resolved),
        *patient(plan),
    ):
        yield from wrapped(text, width)


def routing(plan: Plan, width: int) -> Iterator[str]:
    """Yield the tables if they fit, else a block for each child."""
    router = Router(plan)
    if len(plan.children) * NARROWEST < width:
        lines = list(tables(router))
        if max(map(len, lines)) <= width:
            yield from lines
            return
    yield from blocks(router, width)


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


def patient(plan: Plan) -> Iterator[str]:
    """Yield who waits in a stop for children that nothing kills: one that is stuck uses up all the time of a stop."""
    waits = stop_waits(plan)
    stops = [stop_action(plan, child) for child in plan.children]
    lasting = {index for index, action in enumerate(stops) if all(step.signal != KILL for step in action.steps)}
    for index, others in enumerate(waits):
        stuck = [other for other in others if other in lasting]
        if stuck and plan.grace is not None:
            name, told = plan.children[index].name, listed(plan, stuck)
            yield f"note: {name} waits for {told}; no KILL ends that: if one hangs, grace kills {name}, too"
