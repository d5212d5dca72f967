"""Records from the JSON of a journal, as pid1/journal/as_json.py writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigroute.pid1 import condition, lifecycle, plan, template
from sigroute.pid1.engine import effects, events, pending, requests, state, watched
from sigroute.pid1.record import Record

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

#: Every class of record that a journal may have, by its name.
KINDS: dict[str, type[Record]] = {
    kind.__name__: kind
    for module in (condition, lifecycle, plan, template, effects, events, pending, requests, state, watched)
    for kind in vars(module).values()
    if isinstance(kind, type) and issubclass(kind, Record) and kind is not Record
}


def decoded(value: Any) -> Any:  # noqa: ANN401 - whatever is in a record
    """Return the value that JSON stands for.

    :raises ValueError: it stands for none, or for one of another version of sigroute.
    """
    if isinstance(value, list):
        return tuple(map(decoded, value))
    if not isinstance(value, dict):
        return value
    if len(value) != 1:
        message = "an object with more than one key, or none"
        raise ValueError(message)
    ((name, inner),) = value.items()
    if name in PLAIN:
        return PLAIN[name](inner)
    kind = KINDS.get(name)
    if kind is None or not isinstance(inner, dict) or not inner.keys() <= kind.__annotations__.keys():
        message = f"a {name} of another version of sigroute"
        raise ValueError(message)
    return kind(**{field: decoded(each) for field, each in inner.items()})


PLAIN: dict[str, Callable[[Any], object]] = {
    "b": lambda inner: inner.encode("latin-1"),
    "s": lambda inner: frozenset(map(decoded, inner)),
    "d": lambda inner: {decoded(key): decoded(each) for key, each in inner},
}
"""Values that JSON has no form for, by the key that marks them."""
