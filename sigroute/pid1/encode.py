"""Records as bytes, which decode.py describes. PID 1 reads its plan and does without this half."""

from __future__ import annotations

import marshal

from sigroute.pid1.decode import head
from sigroute.pid1.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: marshal's format without references: with them the bytes would depend on who else refers to a value. It sorts sets.
PLAIN = 0


def encode(record: Record) -> bytes:
    """Return the bytes that ``decode`` makes an equal record of. Equal records have equal bytes.

    :raises ValueError: a field has a value that is neither a record nor plain.
    """
    rest = marshal.dumps(_plain(record), PLAIN)
    return head(rest) + rest


def _plain(value: Any) -> Any:
    """Turn records into tuples, and mark tuples."""
    if isinstance(value, Record):
        kind = type(value)
        told: list[Any] = []
        for number, name in enumerate(kind.__annotations__):
            field = getattr(value, name)
            if not (hasattr(kind, name) and getattr(kind, name) == field):
                told += (number, _plain(field))
        return (kind.__name__, *told)
    if isinstance(value, tuple):
        return ("", *[_plain(each) for each in value])
    if isinstance(value, dict):
        return {key: _plain(value[key]) for key in sorted(value)}
    if isinstance(value, int) and not isinstance(value, bool):
        return int(value)  # marshal knows no kinds of numbers either
    return value
