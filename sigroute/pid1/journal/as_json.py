"""Records as JSON, without loss. sigroute/journal/decode.py makes records of it again.

A record is an object with one key, its class, and below it those fields that do not have their default. ``{"b": ...}``
has bytes as the characters of the same numbers, ``{"s": [...]}`` a set, ``{"d": [[key, value], ...]}`` a dict.
"""

from __future__ import annotations

from sigroute.pid1.log.log import quote
from sigroute.pid1.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any


def as_json(value: Any) -> str:  # noqa: ANN401 - whatever is in a record
    """Return a value as JSON.

    :raises TypeError: a record has no such values.
    """
    for kind, form in FORMS:
        if isinstance(value, kind):
            return form(value)
    if value is None:
        return "null"
    raise TypeError(type(value).__name__)


def _record(value: Record) -> str:
    kind = type(value)
    told = [
        f"{quote(name)}: {as_json(field)}"
        for name, field in value.fields().items()
        if not (hasattr(kind, name) and getattr(kind, name) == field)
    ]
    return f"{{{quote(kind.__name__)}: {{{', '.join(told)}}}}}"


def _list(values: Iterable[Any]) -> str:
    return f"[{', '.join([as_json(each) for each in values])}]"


#: By type: the form of its values. A bool is an int, and so comes first.
FORMS: tuple[tuple[type, Callable[[Any], str]], ...] = (
    (Record, _record),
    (bool, lambda value: "true" if value else "false"),
    (int, lambda value: str(int(value))),
    (str, quote),
    (bytes, lambda value: f'{{"b": {quote(value.decode("latin-1"))}}}'),
    (tuple, _list),
    (frozenset, lambda value: f'{{"s": {_list(sorted(value))}}}'),
    (dict, lambda value: f'{{"d": {_list(value.items())}}}'),
)
