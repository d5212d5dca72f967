"""Small pictures for the README: SVG on a white ground, so that they are legible on a dark page, too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from bench.lab import PLACES
from bench.measures import broadcast, memory, stopping
from bench.results import number

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes

    from bench.results import Results, Summary

OURS, OTHERS, GRID = "#1f6feb", "#6e7781", "#e4e7eb"

#: Plain numbers at the axes, not powers of ten.
PLAIN = FuncFormatter(lambda value, _: f"{value:,g}")

#: The cases that the lines show, by the number of children.
DIRTY = {children: memory.case("private dirty", children) for children in memory.CHILDREN}
REPEATED = {children: broadcast.case("repeated", children, PLACES[0]) for children in broadcast.CHILDREN}

#: One style for each line, as not everyone sees colours.
STYLES = ("o-", "s--", "^-.", "D:", "v-", "P--")


def draw(results: Results, folder: Path) -> list[Path]:
    """Draw the pictures for the measures that have results; return the files."""
    mpl.rcParams["svg.hashsalt"] = "sigroute"  # the same results make the same file
    folder.mkdir(parents=True, exist_ok=True)
    figures = {
        "start": points(results, "start", PLACES[0], "ms from exec to the child's first instruction, one CPU"),
        "latency": points(results, "latency", PLACES[0], "µs from kill(2) to the child's receipt, one CPU"),
        "stop": bars(results, "stopping", stopping.LOST, f"of {stopping.IN_FLIGHT} requests lost by a stop of nginx"),
        "memory": lines(results, "memory", DIRTY, "kB of PID 1 alone (private dirty), by children"),
        "broadcast": lines(results, "broadcast", REPEATED, "ms until the last of N children has a signal, one CPU"),
    }
    written = []
    for name, figure in figures.items():
        if figure:
            written.append(folder / f"{name}.svg")
            figure.savefig(written[-1], metadata={"Date": None})
    return written


def points(results: Results, measure: str, case: str, title: str) -> Figure | None:
    """Draw a point with its quartiles for each contestant, on a logarithmic axis; None if there are no results."""
    found = _found(results, measure, case)
    if not found:
        return None
    figure, axes = _figure(title, 0.9 + 0.24 * len(found))
    for place, (name, summary) in enumerate(found.items()):
        error = [[summary.median - summary.low], [summary.high - summary.median]]
        axes.errorbar(summary.median, place, xerr=error, fmt="o", color=_colour(name), capsize=2, markersize=5)
        axes.annotate(
            number(summary.median), (summary.median, place), (0, 5), textcoords="offset points", ha="center", fontsize=7
        )
    axes.set_yticks(range(len(found)), list(found))
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(PLAIN)
    axes.grid(axis="x", color=GRID)
    axes.margins(y=0.12)
    axes.invert_yaxis()
    return figure


def bars(results: Results, measure: str, case: str, title: str) -> Figure | None:
    """Draw a bar for each contestant; None if there are no results."""
    found = _found(results, measure, case)
    if not found:
        return None
    figure, axes = _figure(title, 0.9 + 0.24 * len(found))
    drawn = axes.barh(
        list(found), [each.median for each in found.values()], color=[_colour(name) for name in found], height=0.7
    )
    axes.bar_label(drawn, [number(each.median) for each in found.values()], padding=3, fontsize=8)
    axes.invert_yaxis()
    return figure


def _found(results: Results, measure: str, case: str) -> dict[str, Summary]:
    rows = [row for row in results.of(measure) if row.case == case]
    return {row.contestant: row.summary for row in rows if row.summary is not None}


def lines(results: Results, measure: str, cases: dict[int, str], title: str) -> Figure | None:
    """Draw a line for each contestant over the number of children; None if there are no results."""
    names = list(dict.fromkeys(row.contestant for row in results.of(measure)))
    if not names:
        return None
    figure, axes = _figure(title, 2.6)
    for place, name in enumerate(names):
        found = {children: results.find(measure, case, name) for children, case in cases.items()}
        medians = {children: summary.median for children, summary in found.items() if summary is not None}
        width = 2.2 if name.startswith("sigroute") else 1.1
        style = STYLES[place % len(STYLES)]
        axes.plot(list(medians), list(medians.values()), style, label=name, markersize=4, linewidth=width)
    axes.set_xscale("log")
    axes.set_yscale("log")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(PLAIN)
    axes.grid(color=GRID)
    axes.legend(fontsize=7, loc="center left", bbox_to_anchor=(1.01, 0.5), frameon=False)
    return figure


def _figure(title: str, height: float) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(6.4, height), layout="constrained", facecolor="white")
    axes = figure.add_subplot()
    axes.set_title(f"{title} (less is better)", fontsize=9, loc="left")
    axes.tick_params(labelsize=8)
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _colour(name: str) -> str:
    return OURS if name.startswith("sigroute") else OTHERS
