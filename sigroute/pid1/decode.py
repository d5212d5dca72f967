"""Records from bytes: a plan on its way to PID 1, and whatever else another process has written (encode.py).

    8 bytes     ``sigroute``
    1 byte      the version of this format
    8 bytes     a checksum of the rest
    the rest    the record (marshal)

marshal knows no classes. So a record becomes ``("Kind", number, value, number, value ...)``: each field by its number
in the class, a field that has its default left out. A tuple becomes ``("", value ...)``.

Nothing is registered: the classes are those that Python knows. A process that decodes a record has imported its module,
and no other for this. Change VERSION whenever a class loses a field, gets one before another, or changes a default.
"""

from __future__ import annotations

import _imp
import marshal

from sigroute.pid1.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Kinds = dict[str, type[Record]]

MAGIC, VERSION = b"sigroute", b"\5"

#: Bytes: what is before the record.
HEAD = len(MAGIC) + len(VERSION) + 8


def decode(data: bytes, what: str) -> Record:
    """Return the record that ``encode`` was given.

    :param what: what it is, for whoever reads the error: ``the plan``.
    :raises ValueError: it is damaged, or of another version.
    """
    rest = data[HEAD:]
    try:
        record = _record(marshal.loads(rest), kinds(), {}) if head(rest) == data[:HEAD] else None  # noqa: S302 - sealed
    except (LookupError, TypeError, ValueError):  # a class has changed, and VERSION has not
        record = None
    if isinstance(record, Record):
        return record
    message = f"cannot read {what}: it is damaged, or of another version of sigroute; make it once more with this one"
    raise ValueError(message)


def head(rest: bytes) -> bytes:
    """Return what goes before a record."""
    return MAGIC + VERSION + _imp.source_hash(VERSION[0], rest)


def kinds(of: type[Record] = Record) -> Kinds:
    """Return the classes of records by name."""
    found: Kinds = {}
    for kind in of.__subclasses__():
        found |= {kind.__name__: kind, **kinds(kind)}
    return found


def _record(value: Any, known: Kinds, shared: dict[Any, Any]) -> Any:
    """Turn marked tuples into records and tuples.

    Equal tuples of plain values become one: a row of a table takes 570 bytes, and many children have the same command.

    :param shared: the tuples so far, by their values and types, as 1 and True are equal.
    :raises LookupError: this sigroute knows no such class or field, or the record lacks one.
    """
    if isinstance(value, dict):
        return {key: _record(each, known, shared) for key, each in value.items()}
    if not isinstance(value, tuple):
        return value
    if value[0] == "":
        if any(isinstance(each, (tuple, dict)) for each in value):
            return tuple([_record(each, known, shared) for each in value[1:]])
        return shared.setdefault((value, *map(type, value)), value[1:])
    kind = known[value[0]]
    names = tuple(kind.__annotations__)
    fields = {names[number]: _record(each, known, shared) for number, each in zip(value[1::2], value[2::2])}  # noqa: B905 - pairs
    for name in names:
        if name not in fields and not hasattr(kind, name):
            raise LookupError(name)
    return kind(**fields)
