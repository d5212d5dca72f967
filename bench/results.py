"""The results of the measures: a row for each contestant and case."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@attrs.frozen
class Summary:
    """The median, quartiles and 99th percentile of samples."""

    median: float
    low: float
    """The lower quartile."""
    high: float
    p99: float
    samples: int


def summarize(values: Sequence[float]) -> Summary:
    """Return the summary of samples; of a single sample, every number is that one."""
    if len(values) == 1:
        return Summary(values[0], values[0], values[0], values[0], 1)
    percentiles = statistics.quantiles(values, n=100, method="inclusive")
    return Summary(statistics.median(values), percentiles[24], percentiles[74], percentiles[98], len(values))


def number(value: float) -> str:
    """Return a number with three significant digits."""
    if value == round(value) or value >= 100:  # noqa: PLR2004 - three digits
        return f"{value:,.0f}"
    digits = 1 if value >= 10 else 2 if value >= 1 else 3  # noqa: PLR2004 - three digits
    return f"{value:.{digits}f}"


@attrs.frozen
class Row:
    """The result of one contestant in one case of one measure; without a summary, ``note`` says why it is missing."""

    measure: str
    case: str
    contestant: str
    summary: Summary | None = None
    note: str = ""


class Results:
    """The rows of a run."""

    def __init__(self, rows: Iterable[Row] = ()) -> None:
        self.rows = list(rows)

    def of(self, measure: str) -> list[Row]:
        """Return the rows of one measure."""
        return [row for row in self.rows if row.measure == measure]

    def find(self, measure: str, case: str, contestant: str) -> Summary | None:
        """Return one summary; None if there is none."""
        for row in self.rows:
            if (row.measure, row.case, row.contestant) == (measure, case, contestant):
                return row.summary
        return None

    def as_data(self) -> list[dict[str, Any]]:
        """Return the rows as data for JSON."""
        return [
            {
                "measure": row.measure,
                "case": row.case,
                "contestant": row.contestant,
                **(attrs.asdict(row.summary) if row.summary else {}),
                **({"note": row.note} if row.note else {}),
            }
            for row in self.rows
        ]
