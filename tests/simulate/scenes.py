"""Runs with modelled children: from a rule file and words to a timeline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigroute.language import load
from sigroute.pid1.entry.expand import expanded
from sigroute.pid1.names import STANDARD
from sigroute.simulate.model import CHILD, TASK, changed
from sigroute.simulate.play import Arrival
from sigroute.simulate.rules import whole
from sigroute.simulate.run import simulated

if TYPE_CHECKING:
    from pathlib import Path

    from sigroute.pid1.plan import Plan
    from sigroute.timeline import Timeline

TERM = Arrival(STANDARD["TERM"], "outside")


def plan_of(folder: Path, text: str, environ: dict[bytes, bytes] | None = None) -> Plan:
    (folder / "rules.toml").write_text(text)
    return expanded(whole(load(str(folder / "rules.toml"))), environ or {})


def run(plan: Plan, *arrivals: Arrival, **said: str) -> Timeline:
    """Return the timeline of a run in which children do what is said of them."""
    models = []
    for child in plan.children:
        model = TASK if child.task is not None else CHILD
        models.append(changed(model, said[child.name]) if child.name in said else model)
    return simulated(plan, {}, models, arrivals)


def happened(timeline: Timeline, name: str, child: str = "") -> list[int]:
    """Return when lines of this name were told, of a child if it is named."""
    return [at for at, each, fields in timeline.lines if each == name and fields.get("child", "") in (child, "")]


def spans(timeline: Timeline, name: str) -> list[tuple[str, int, int]]:
    (lane,) = [lane for lane in timeline.lanes if lane.name == name]
    return [(span.kind, span.start, span.end) for span in lane.spans]
