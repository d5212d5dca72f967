"""The results in the terminal: the tables of each measure, and the table of goals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from bench.measure import heading
from bench.results import number

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bench.measure import Measure
    from bench.reach import Goal
    from bench.results import Results, Row

LEGEND = """\
Medians, each with its quartiles where they differ from it; n/a: it can't be asked for that.
sigroute (rules) reads a rule file when it starts; sigroute (compiled) is an executable made of one beforehand.
floor: the least that an init in Python does (bench/floor.py)."""

QUICK = "A quick run: few rounds, and less in each. Not to be quoted."


def of_measure(measure: Measure, results: Results) -> Iterator[tuple[str, Table, list[str]]]:
    """Yield the tables of one measure, each with its title, and with notes on contestants that have no numbers."""
    rows = results.of(measure.name)
    for title, cases in measure.tables.items():
        table = _table()
        table.add_column("")
        for case in cases:
            table.add_column(heading(case, cases), justify="right")
        of_case = [row for row in rows if row.case in cases]
        for name in dict.fromkeys(row.contestant for row in of_case):
            found = {row.case: row for row in of_case if row.contestant == name}
            table.add_row(name, *(_cell(found.get(case), tail=measure.tail) for case in cases))
        notes = [f"n/a for {row.contestant}: {row.note}" for row in of_case if row.note]
        if measure.about:
            notes.insert(0, measure.about)
        yield title, table, list(dict.fromkeys(notes))


def _table() -> Table:
    return Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="bold")


def _cell(row: Row | None, *, tail: bool) -> Text:
    if row is None or row.summary is None:
        return Text("n/a", "dim")
    summary = row.summary
    text = Text(number(summary.median))
    low, high = number(summary.low), number(summary.high)
    if low != high:
        text.append(f" {low}-{high}", "dim")
    if tail and summary.samples > 1:
        text.append(f" p99 {number(summary.p99)}")
    return text


def of_goals(goals: Sequence[Goal]) -> Table:
    """Return the table of goals; those that are not met are marked."""
    table = _table()
    table.add_column("")
    table.add_column("whose")
    table.add_column("is", justify="right")
    table.add_column("limit", justify="right")
    table.add_column("")
    words = {True: Text("met", "green"), False: Text("NOT MET", "bold red"), None: Text("not measured", "dim")}
    for goal in goals:
        unit = f" {goal.unit}".rstrip()
        value = "" if goal.value is None else f"{number(goal.value)}{unit}"
        limit = f"{'>=' if goal.at_least else '<='} {goal.limit:g}{unit}"
        table.add_row(goal.what, goal.whose, value, limit, words[goal.met()])
    return table


def of_machine(facts: Mapping[str, str], left_out: Mapping[str, str]) -> str:
    """Return the facts about the machine, and the contestants that were left out."""
    lines = [", ".join(f"{name} {value}" for name, value in facts.items())]
    lines += [f"left out: {name} ({why})" for name, why in left_out.items()]
    return "\n".join(lines)
