"""``sigroute timeline``: a run that a log tells of, as a picture."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from sigroute.arguments import Parser, complain
from sigroute.journal.read import HEAD, JournalError, parts
from sigroute.journal.replay import runs_of
from sigroute.pid1.exit_codes import BAD_RULES
from sigroute.pid1.log.printable import printable
from sigroute.timeline import timeline_of
from sigroute.timeline.options import add_drawing, form_of, put
from sigroute.timeline.read import runs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sigroute.journal.read import Part
    from sigroute.timeline.read import Run

#: The name that stands for standard input.
STDIN = "-"

EPILOG = """The log is that of `sigroute --log json`, alone or among other lines, or a journal:
  docker logs web 2>&1 | sigroute timeline - -o stop.html

Exit codes: 0 it is printed, 78 the log or journal can't be read or has no run,
74 the output can't be written, 64 bad usage."""


def main(words: list[str]) -> int:
    """Print the timeline of a run; return the exit code."""
    options = parser().parse_args(words)
    form, names = form_of(options, parser()), printable(" ".join(options.logs))
    try:
        found = read(options.logs)
    except OSError as error:
        complain(f"{printable(str(error.filename))}: cannot read: {error.strerror}")
        return BAD_RULES
    except JournalError as error:
        complain(str(error))
        return BAD_RULES
    if not found:
        complain(f"{names}: no line of sigroute's log is in it, as JSON\n      start sigroute with --log json")
        return BAD_RULES
    number = len(found) if options.run is None else options.run
    if not 1 <= number <= len(found):
        parser().error(f"there is no run {number}: the log has {len(found)}")
    run = found[number - 1]
    if run.went_back:
        complain("the clock was set back during this run: its times are wrong")
    which = f", run {number} of {len(found)}" if len(found) > 1 else ""
    source = f" ({run.source})" if run.source else ""
    title = f"{names}{which}{source}, from {run.beginning()} UTC"
    return put(timeline_of(run.lines), title, form, options)


def parser() -> Parser:
    """Return the parser of ``sigroute timeline``."""
    made = Parser(
        "sigroute timeline",
        "Draw what happened in a container: what each child did and when, what it waited\n"
        "for, and what made the stop as long as it was.",
        epilog=EPILOG,
    )
    add_drawing(made)
    made.add_argument(
        "--run", type=int, metavar="N", help="which run, if the container was restarted: 1 is the first (default: last)"
    )
    made.add_argument(
        "logs",
        nargs="+",
        metavar="LOG|JOURNAL",
        help="the log, or a journal, the oldest part first; - is standard input",
    )
    return made


def read(names: Sequence[str]) -> list[Run]:
    """Return the runs in logs, or in journals.

    :raises OSError: one can't be read.
    :raises JournalError: one is a damaged journal.
    """
    found: list[Part] = []
    texts: list[str] = []
    for name in names:
        with open(0 if name == STDIN else name, "rb", closefd=name != STDIN) as file:
            first = file.readline()
            lines = chain([first], file)
            if first.startswith(HEAD):
                found += parts(printable(name), lines)
            else:
                texts += [line.decode("utf-8", "replace") for line in lines if b"{" in line]
    return runs_of(found) if found else runs(texts)
