"""A world that is counted, and the lines that the log has of it: two ways to the same numbers."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from prometheus_client.openmetrics.parser import text_string_to_metric_families

from sigroute.pid1.control import metrics
from sigroute.pid1.control.counts import Counts
from sigroute.pid1.log import narrate

if TYPE_CHECKING:
    from sigroute.pid1.engine.effects import Effect
    from sigroute.pid1.engine.events import Event
    from sigroute.pid1.engine.state import State
    from sigroute.simulate import World

Labels = frozenset[tuple[str, str]]
Samples = dict[tuple[str, Labels], float]

#: What the log calls a process that nobody declared.
NOBODY = "a process left behind"


class Counted:
    """Counts what happens to a world, and keeps the lines about it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.counts = Counts(world.plan)
        self.lines: list[tuple[str, dict[str, Any]]] = []
        world.watchers.append(self.look)

    def look(self, before: State, event: Event, after: State, effects: list[Effect]) -> None:
        """See a step."""
        self.counts.observe(self.world.now, before, event, effects, after)
        plan = self.world.plan
        told = [narrate.of_event(plan, before, event), *[narrate.of_effect(plan, effect) for effect in effects]]
        self.lines += [(name, fields) for _, name, fields in filter(None, told)]

    def text(self) -> str:
        """Return the metrics."""
        return metrics.text(self.world.plan, self.world.state, self.world.now, self.counts)

    def samples(self) -> Samples:
        """Return the metrics as prometheus_client reads them."""
        return samples(self.text())

    def told(self, events: str, *fields: str) -> Counter[tuple[str, ...]]:
        """Count the lines of these events by the values of these fields."""
        return Counter(
            tuple("" if each.get(field) == NOBODY else str(each.get(field, "")) for field in fields)
            for name, each in self.lines
            if name in events.split()
        )


def samples(text: str) -> Samples:
    """Return all samples of a text; each is there once."""
    found = {}
    for family in text_string_to_metric_families(text):  # type: ignore[no-untyped-call]
        for each in family.samples:
            key = each.name, frozenset(each.labels.items())
            assert key not in found
            found[key] = float(each.value)
    return found


def by(found: Samples, name: str, *labels: str) -> dict[tuple[str, ...], float]:
    """Return the samples of this name that are not 0, by the values of these labels; others are summed up."""
    sums: Counter[tuple[str, ...]] = Counter()
    for (own, given), value in found.items():
        if own == name:
            sums[tuple(dict(given)[label] for label in labels)] += value  # type: ignore[assignment]
    return {values: value for values, value in sums.items() if value}
