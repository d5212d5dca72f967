"""Samples are summed up, found again, and held to limits."""

from __future__ import annotations

import pytest

from bench import reach
from bench.contestants import RULES, TINI
from bench.lab import PLACES
from bench.results import Results, Row, Summary, number, summarize


def test_a_summary_has_the_median_the_quartiles_and_the_tail() -> None:
    assert summarize(range(101)) == Summary(median=50, low=25, high=75, p99=99, samples=101)


def test_of_one_sample_all_are_that_one() -> None:
    assert summarize([7.0]) == Summary(7.0, 7.0, 7.0, 7.0, 1)


def test_a_row_without_a_summary_tells_why() -> None:
    (data,) = Results([Row("latency", "one CPU", "x", note="it can't")]).as_data()
    assert data == {"measure": "latency", "case": "one CPU", "contestant": "x", "note": "it can't"}


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (0.0123, "0.012"), (1.234, "1.23"), (12.34, "12.3"), (999.6, "1,000"), (1234, "1,234")],
)
def test_a_number_shows_three_digits_that_count(value: float, text: str) -> None:
    assert number(value) == text


def latency(ours: float, tini: float) -> dict[str, reach.Goal]:
    rows = [
        Row("latency", PLACES[0], name, Summary(median, median, median, 2 * median, 9))
        for name, median in ((RULES.name, ours), (TINI.name, tini))
    ]
    return {goal.what: goal for goal in reach.goals(Results(rows)) if goal.what.startswith(("latency", "orphans"))}


def test_a_ratio_is_held_to_its_limit() -> None:
    assert latency(ours=11, tini=10)["latency, median"].value == pytest.approx(1.1)
    assert latency(ours=11, tini=10)["latency, median"].met() is True
    assert latency(ours=12, tini=10)["latency, median"].met() is False
    assert latency(ours=12, tini=10)["latency, p99"].met() is True


def test_what_was_not_measured_is_neither_met_nor_not() -> None:
    goal = latency(ours=11, tini=10)["orphans reaped a second"]
    assert goal.value is None
    assert goal.met() is None
    assert goal.as_data()["met"] is None


def test_more_is_better_where_the_limit_is_a_least() -> None:
    assert reach.Goal("reaped", "x / y", 1.0, 0.95, at_least=True).met() is True
    assert reach.Goal("reaped", "x / y", 0.9, 0.95, at_least=True).met() is False


def test_nothing_is_divided_by_nothing() -> None:
    assert reach.divided(1.0, 0.0) is None
    assert reach.divided(None, 1.0) is None
    assert reach.difference(1.0, None) is None
