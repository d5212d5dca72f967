"""``sigroute status --watch``: the table again and again, in one place of the terminal."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from sigroute.arguments import complain
from sigroute.control import ask
from sigroute.pid1.control.table import TITLES, about, row, zombies
from sigroute.pid1.exit_codes import BY_SIGNAL, UNAVAILABLE
from sigroute.pid1.kernel.asking import NoAnswerError
from sigroute.pid1.names import STANDARD

if TYPE_CHECKING:
    from rich.console import RenderableType

#: Seconds between two looks.
PAUSE = 1.0

#: The colour of a phase; others have none.
COLOURS = {
    "running": "green",
    "starting": "yellow",
    "waiting": "yellow",
    "backing off": "red",
    "lingering": "yellow",
    "down": "dim",
    "exited": "dim",
    "left out": "dim",
}


def watch(control: str) -> int:
    """Show the status until the user ends it, or sigroute has ended; return the exit code."""
    try:
        from rich.live import Live  # noqa: PLC0415 - it is optional
    except ImportError:
        complain("sigroute status --watch: rich is missing: pip install 'sigroute[watch]'")
        return UNAVAILABLE
    try:
        shown = look(control)
        with Live(shown, auto_refresh=False, transient=False) as live:
            while True:
                time.sleep(PAUSE)
                live.update(look(control), refresh=True)
    except NoAnswerError as error:
        complain(f"sigroute status: {error}")
        return error.code
    except KeyboardInterrupt:
        return BY_SIGNAL + STANDARD["INT"]


def look(control: str) -> RenderableType:
    """Ask once; return what to show.

    :raises NoAnswerError: there is no answer, or it is refused.
    """
    return drawn(json.loads(ask.answer(control, ["status", "--json"])))


def drawn(found: dict[str, Any]) -> RenderableType:
    """Return the status as a table of rich."""
    from rich.console import Group  # noqa: PLC0415 - it is optional
    from rich.table import Table  # noqa: PLC0415 - as above
    from rich.text import Text  # noqa: PLC0415 - as above

    table = Table(*TITLES, box=None, pad_edge=False)
    for child in found["children"]:
        name, phase, *rest = row(child)
        table.add_row(Text(name), Text(phase, COLOURS.get(phase, "")), *map(Text, rest))
    lines = [Text(zombies(each), "red") for each in found["zombies"]]
    return Group(Text(about(found), "bold"), Text(), table, *lines)
