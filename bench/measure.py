"""A measure: its texts, the function that runs it, and the tables of its results."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bench.lab import Lab
    from bench.results import Row


@attrs.frozen
class Measure:
    """One thing to measure of every contestant."""

    name: str
    tables: Mapping[str, Sequence[str]]
    """By title, which has the unit and says whether less is better: the cases that are the table's columns."""
    run: Callable[[Lab], list[Row]]
    seconds: tuple[int, int]
    """About how long a full run takes, and a quick one."""
    about: str = ""
    """A note that a reader needs for a fair comparison."""
    tail: bool = False
    """The tables show the 99th percentile, too."""


def heading(case: str, cases: Sequence[str]) -> str:
    """Return the part of a case's name that the other cases of its table do not share."""
    words = [set(each.split(", ")) for each in cases]
    common = set.intersection(*words) if len(cases) > 1 else set()
    return ", ".join(word for word in case.split(", ") if word not in common)
