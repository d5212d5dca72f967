"""Names of children in a log line: of many only the first ones."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sigroute.pid1.engine.draft import Draft

#: A log line names so many children at most.
NAMED = 8


def names(draft: Draft, indices: list[int]) -> str:
    """Return the names of children."""
    return listed([draft.plan.children[index].name for index in indices[:NAMED]], len(indices))


def listed(texts: list[str], number: int) -> str:
    """Return the first texts of so many, and how many others there are."""
    more = number - len(texts)
    return ", ".join(texts) + (f" and {more} more" if more else "")
