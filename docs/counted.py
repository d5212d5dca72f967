# ruff: noqa: INP001 - a part of the script beside it
"""The tables of docs/metrics.md: what sigroute tells of what it has counted."""

from __future__ import annotations

from sigroute.pid1.control.metrics import METRICS, REASONS


def metrics() -> str:
    """Return a table of the metrics."""
    rows = ["| metric | type | labels | meaning |", "| --- | --- | --- | --- |"]
    for each in METRICS:
        labels = " ".join(f"`{label}`" for label in each.labels)
        rows.append(
            f"| `{each.name}{'_total' if each.kind == 'counter' else ''}` | {each.kind} | {labels} | {each.help} |"
        )
    return "\n".join(rows)


def reasons() -> str:
    """Return a table of the reasons for which a signal is dropped."""
    rows = ["| reason | line |", "| --- | --- |"]
    return "\n".join([*rows, *(f"| `{reason}` | `{event}` |" for event, reason in REASONS.items())])
