"""The text format of metrics: OpenMetrics 1.0 (https://prometheus.io/docs/specs/om/open_metrics_spec/)."""

from __future__ import annotations

from sigroute.pid1.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    Labels = tuple[str, ...]
    Sample = tuple[str, Labels, str]
    """What follows the metric's name, the values of its labels, and its own value."""


class Metric(Record):
    """A metric family."""

    name: str
    kind: str
    """Its type: ``counter``, ``gauge``, ``summary`` or ``stateset``."""
    labels: Labels
    help: str
    samples: Callable[[Any], Iterable[Sample]]
    """Returns its samples of what is known."""
    unit: str = ""
    """The last word of its name, if that is a unit."""


def family(metric: Metric, samples: Iterable[Sample]) -> str:
    """Return the lines of a metric."""
    lines = [f"# TYPE {metric.name} {metric.kind}", f"# HELP {metric.name} {escaped(metric.help)}"]
    lines += [f"# UNIT {metric.name} {metric.unit}"] if metric.unit else []
    for suffix, values, value in samples:
        labels = [f'{name}="{escaped(each)}"' for name, each in zip(metric.labels, values, strict=True)]
        lines.append(f"{metric.name}{suffix}{{{','.join(labels)}}} {value}" if labels else f"{metric.name} {value}")
    return "\n".join(lines) + "\n"


def escaped(value: str) -> str:
    """Return a text as it is within a line."""
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def seconds(ms: int) -> str:
    """Return milliseconds in seconds."""
    return f"{ms // 1000}.{ms % 1000:03d}"
