"""The routes of a plan, child by child: for people whose terminal is narrower than the table."""

from __future__ import annotations

import textwrap
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING

from sigroute.language.report.cells import MOST_SHOWN, cut
from sigroute.language.report.lifecycle_lines import called
from sigroute.language.report.routes import SHOWN_SENDERS, defaults
from sigroute.pid1.log.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sigroute.language.report.routes import Router

#: How far the lines of a block stand in, those of a part of it once more, and a wrapped line once more than its first.
INDENT = "  "

#: The most that signals take of a line, in per cent: in 80 columns, those of class stop have one line.
LEFT = 45

#: The no-break space: a line does not end at it. No text has any, as it is not printable.
GLUE = "\xa0"


def blocks(router: Router, width: int) -> Iterator[str]:
    """Yield a block for each child, or for several that do the same about every signal."""
    others: frozenset[int] = frozenset()
    for (running, starting), names in merged(router):
        routes = router.routes([running])
        others |= routes.others
        rows = [(INDENT + label, text) for label, (text,) in routes.rows]
        if starting is not None:
            routes = router.routes([starting])
            others |= routes.others
            rows.append((f"{INDENT}while starting:", ""))
            rows += [(INDENT * 2 + label, text) for label, (text,) in routes.rows]
        yield block(f"{', '.join(names)}:", rows, width)
    if others:
        yield block("every child:", [(INDENT + label, text) for label, text in defaults(others)], width)


def merged(router: Router) -> Iterator[tuple[tuple[int, int | None], list[str]]]:
    """Yield tables, for the running and the starting children, with the names of the children that they are for.

    Tables with the same actions for all senders that are shown are one.
    """
    plan = router.plan
    first: dict[tuple[int, ...], int] = {}
    tables = []
    for number, table in enumerate(plan.tables):
        actions = tuple(chain.from_iterable(table[sender] for sender in SHOWN_SENDERS))
        tables.append(first.setdefault(actions, number))
    found: dict[tuple[int, int | None], list[str]] = {}
    for child in router.children:
        which = tables[child.running], tables[child.starting] if child.program else None
        found.setdefault(which, []).append(called(child))
    for which, names in found.items():
        shown = [cut(printable(name)) for name in names[:MOST_SHOWN]]
        more = len(names) - MOST_SHOWN
        yield which, [*shown[:-1], f"{shown[-1]} and {more:,} more"] if more > 0 else shown


def block(head: str, rows: Sequence[tuple[str, str]], width: int) -> str:
    """Return an empty line, a heading, and below it signals on the left and actions on the right."""
    left = min(max((len(label) for label, text in rows if text), default=0), width * LEFT // 100)
    return "\n".join(["", *wrapped(head, width), *(entry(label, text, left, width) for label, text in rows)])


@lru_cache(maxsize=1024)  # a rule for all is in every block
def entry(label: str, text: str, left: int, width: int) -> str:
    """Return the lines of a row, with both sides wrapped where they are long. A label without a text is a heading."""
    if not text:
        return label
    right = width - left - len(INDENT)
    action, bracket, origin = text.rpartition(" [")
    if len(INDENT + bracket + origin) <= right:
        text = action + bracket + origin.replace(" ", GLUE)
    labels, texts = wrapped(label, left), wrapped(text, right)
    labels += [""] * (len(texts) - len(labels))
    texts += [""] * (len(labels) - len(texts))
    lines = (f"{before:{left}}{INDENT}{after}".rstrip() for before, after in zip(labels, texts, strict=True))
    return "\n".join(lines).replace(GLUE, " ")


def wrapped(text: str, width: int) -> list[str]:
    """Return the lines of a text; all but the first stand in further than it does."""
    if len(text) <= width:
        return [text]
    indent = text[: len(text) - len(text.lstrip())] + INDENT
    return textwrap.wrap(text, width, subsequent_indent=indent, break_on_hyphens=False)
