"""The forms that a timeline is printed in, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from sigroute.pid1.log.printable import printable
from sigroute.timeline.document import document
from sigroute.timeline.mermaid import mermaid
from sigroute.timeline.page import page
from sigroute.timeline.svg import svg
from sigroute.timeline.text import text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sigroute.timeline.model import Timeline


@attrs.frozen
class Wish:
    """What is asked of a drawing."""

    title: str
    columns: int
    """How wide a text may be."""
    grace: int | None = None
    """The milliseconds after which the platform kills; None: that is not known."""


#: By name: the ending of a file of this form, and what yields its lines.
FORMS: Mapping[str, tuple[str, Callable[[Timeline, Wish], Iterable[str]]]] = {
    "text": (".txt", lambda timeline, wish: map(printable, text(timeline, wish.columns, wish.grace))),
    "json": (".json", lambda timeline, _: [document(timeline).rstrip()]),
    "mermaid": (".mmd", lambda timeline, _: map(printable, mermaid(timeline))),
    "svg": (".svg", lambda timeline, wish: svg(timeline, wish.title, wish.grace)),
    "html": (".html", lambda timeline, wish: page(timeline, wish.title, wish.grace)),
}


def drawn(timeline: Timeline, form: str, wish: Wish) -> str:
    """Return a timeline in one of FORMS."""
    return "".join(f"{line}\n" for line in FORMS[form][1](timeline, wish))
