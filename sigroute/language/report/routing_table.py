"""The routing table of a plan: signals down, children across, in each cell the action and where it is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigroute.language.report.cells import cut
from sigroute.language.report.lifecycle_lines import called
from sigroute.language.report.routes import NEVER, defaults
from sigroute.pid1.log.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sigroute.language.report.routes import Router
    from sigroute.pid1.plan import ChildPlan


def tables(router: Router) -> Iterator[str]:
    """Yield the routing table, and the one that applies while a child is starting."""
    yield from table(router, "signal", [child.running for child in router.children])
    if any(child.program for child in router.children):
        yield ""
        yield from table(router, "while starting", [starting_of(child) for child in router.children])


def starting_of(child: ChildPlan) -> int | None:
    """Return the table that applies while a child is starting, None for a child without a program."""
    return child.starting if child.program else None


def table(router: Router, title: str, indexes: Sequence[int | None]) -> Iterator[str]:
    """Yield the lines of a table.

    :param indexes: by child, the table of the plan that applies; None: the child is never in this phase.
    """
    routes = router.routes(indexes)
    rows = [(title, *(cut(printable(called(child))) for child in router.children))]
    rows += [(label, *cells) for label, cells in routes.rows]
    for label, text in defaults(routes.others):
        rows.append((label, *(NEVER if index is None else text for index in indexes)))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(map(str.ljust, row, widths)).rstrip()
