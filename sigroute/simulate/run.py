"""A run with modelled children, as a timeline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigroute.simulate.play import Play
from sigroute.timeline import timeline_of
from sigroute.timeline.model import ENDLESS, UNFOLLOWED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sigroute.pid1.plan import Plan
    from sigroute.simulate.model import Model
    from sigroute.simulate.play import Arrival
    from sigroute.timeline import Timeline


def simulated(
    plan: Plan, environ: dict[bytes, bytes], models: Sequence[Model], arrivals: Sequence[Arrival]
) -> Timeline:
    """Return the timeline of a run in which the children behave as their models say."""
    run = Play(plan, models, environ)
    run.run(arrivals)
    names = [child.name for child in plan.children]
    end = run.now if run.code is not None else None
    return timeline_of(run.lines, end, names, awaited(plan), UNFOLLOWED if run.unfollowed else ENDLESS)


def awaited(plan: Plan) -> dict[str, str]:
    """Return the children that start for a while, each with the line of the log that says when it has started."""
    found = {child.name: "ready" for child in plan.children if child.program and child.needed}
    return found | {child.name: "is-ready" for child in plan.children if child.ready is not None}
