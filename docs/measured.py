# ruff: noqa: INP001 - a part of the script beside it
"""The tables of bench.md: what the last run of the bench that was kept has found."""

from __future__ import annotations

import json
from pathlib import Path

from bench.measure import heading
from bench.measures import MEASURES
from bench.results import number

RESULTS = Path(__file__).parent / "bench" / "results.json"


def measured() -> str:
    """Return what the last run of the bench that was kept has found, as tables."""
    found = json.loads(RESULTS.read_text(encoding="utf-8"))
    of = {(each["measure"], each["case"], each["contestant"]): each for each in found["results"]}
    parts = [", ".join(f"{name} {value}" for name, value in found["machine"].items()) + "."]
    for measure in MEASURES:
        for title, cases in measure.tables.items():
            names = dict.fromkeys(who for which, case, who in of if which == measure.name and case in cases)
            rows = [f"### {measure.name}: {title}", "", f"| | {' | '.join(heading(case, cases) for case in cases)} |"]
            rows.append("| --- |" + " ---: |" * len(cases))
            for who in names:
                cells = [summed(of.get((measure.name, case, who), {}), tail=measure.tail) for case in cases]
                rows.append(f"| {who} | {' | '.join(cells)} |")
            parts.append("\n".join([*rows, "", measure.about]).rstrip())
    return "\n\n".join(parts)


def summed(result: dict[str, float], *, tail: bool) -> str:
    """Return a median, and its quartiles where they differ."""
    if "median" not in result:
        return "n/a"
    low, high = number(result["low"]), number(result["high"])
    spread = f" ({low}-{high})" if low != high else ""
    return number(result["median"]) + spread + (f", p99 {number(result['p99'])}" if tail else "")


def reached() -> str:
    """Return the ratios of that run, each with the limit it is held to."""
    found = json.loads(RESULTS.read_text(encoding="utf-8"))
    rows = ["| what | whose | is | limit | |", "| --- | --- | ---: | ---: | --- |"]
    for goal in found["reach"]:
        unit = f" {goal['unit']}".rstrip()
        limit = f"{'at least' if goal['at_least'] else 'at most'} {goal['limit']:g}{unit}"
        met = "met" if goal["met"] else "**not met**"
        rows.append(f"| {goal['what']} | {goal['whose']} | {number(goal['value'])}{unit} | {limit} | {met} |")
    return "\n".join(rows)
