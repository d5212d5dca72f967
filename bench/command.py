"""The command line, and a run from the first measure to the last table."""

from __future__ import annotations

import json
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from bench import machine, plots, reach, tables
from bench.lab import Lab
from bench.measures import MEASURES
from bench.results import Results
from sigroute.arguments import Parser

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from bench.measure import Measure

#: The columns of the tables if they go to a file.
WIDTH = 120

DESCRIPTION = (
    "Measure sigroute and other inits side by side, each as PID 1 of a namespace. Needs root and a C compiler."
)


def parser() -> Parser:
    """Return the parser of the command line."""
    made = Parser("python -m bench", DESCRIPTION)
    names = [measure.name for measure in MEASURES]
    made.add_argument("--only", nargs="+", choices=names, metavar="NAME", help=f"measure these: {', '.join(names)}")
    made.add_argument("--quick", action="store_true", help="few rounds: to try it, not to quote it")
    made.add_argument("--json", type=Path, metavar="FILE", help="write all results there")
    made.add_argument("--plots", type=Path, metavar="FOLDER", help="draw pictures there (SVG)")
    return made


def run(words: Sequence[str]) -> int:
    """Measure, print the tables and write the files; return the exit code."""
    options = parser().parse_args(words)
    chosen = [measure for measure in MEASURES if not options.only or measure.name in options.only]
    progress = Console(stderr=True)
    facts = machine.facts()
    seconds = sum(measure.seconds[options.quick] for measure in chosen)
    progress.print(f"{', '.join(measure.name for measure in chosen)}: about {seconds / 60:.1f} minutes on 2 CPUs")
    with (
        tempfile.TemporaryDirectory(prefix="sigroute-bench-") as folder,
        progress.status("building the helpers") as status,
    ):
        lab = Lab(Path(folder), quick=options.quick, say=status.update)
        results = Results()
        for measure in chosen:
            began = time.monotonic()
            results.rows += measure.run(lab)
            progress.print(f"{measure.name}: measured in {time.monotonic() - began:.0f} s")
    tell(chosen, results, lab, facts)
    write(options, results, lab, facts)
    return 0


def tell(chosen: Sequence[Measure], results: Results, lab: Lab, facts: dict[str, str]) -> None:
    """Print the tables."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = WIDTH
    console.print(tables.of_machine(facts, lab.left_out))
    console.print(tables.LEGEND, *[tables.QUICK] * lab.quick, sep="\n")
    for measure in chosen:
        for title, table, notes in tables.of_measure(measure, results):
            console.print(f"\n[bold]{measure.name}:[/bold] {title}\n")
            console.print(table)
            for note in notes:
                console.print(f"({note})", style="dim")
    console.print("\n[bold]reach:[/bold] ratios of this run, with their limits\n")
    console.print(tables.of_goals(reach.goals(results)))


def write(options: argparse.Namespace, results: Results, lab: Lab, facts: dict[str, str]) -> None:
    """Write the files that were asked for."""
    if options.json:
        data = {
            "machine": facts,
            "quick": options.quick,
            "left_out": lab.left_out,
            "results": results.as_data(),
            "reach": [goal.as_data() for goal in reach.goals(results)],
        }
        options.json.write_text(json.dumps(data, indent=1) + "\n")
    if options.plots:
        plots.draw(results, options.plots)
