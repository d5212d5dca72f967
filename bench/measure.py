"""What a measure is: its words, its way to be run, and how its results are laid out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bench.lab import Lab
    from bench.results import Row


@attrs.frozen
class Measure:
    """One thing that is measured of every contestant."""

    name: str
    tables: Mapping[str, Sequence[str]]
    """By title, which tells the unit and what is better: the cases that are its columns."""
    run: Callable[[Lab], list[Row]]
    seconds: tuple[int, int]
    """How long it takes about: all of it, and a quick run."""
    about: str = ""
    """What a reader must know to compare fairly."""
    tail: bool = False
    """Whether the 99th percentile counts."""


def heading(case: str, cases: Sequence[str]) -> str:
    """Return what tells a case from the others of its table."""
    words = [set(each.split(", ")) for each in cases]
    common = set.intersection(*words) if len(cases) > 1 else set()
    return ", ".join(word for word in case.split(", ") if word not in common)
