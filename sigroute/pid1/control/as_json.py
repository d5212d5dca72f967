"""Plain values as JSON: the json module is no part of a bare Python that is built in."""

from __future__ import annotations

from sigroute.pid1.log.log import quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import TypeAlias

    Value: TypeAlias = "str | int | Sequence[Value] | Mapping[str, Value] | None"
    Object: TypeAlias = Mapping[str, Value]


def as_json(value: Value) -> str:
    """Return a value as JSON, on one line (RFC 8259)."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return quote(value.encode("utf-8", "replace").decode())  # a lone surrogate is no Unicode
    if isinstance(value, (list, tuple)):
        return f"[{', '.join([as_json(each) for each in value])}]"
    assert isinstance(value, dict)  # noqa: S101 - for the type checker
    return f"{{{', '.join([f'{quote(key)}: {as_json(each)}' for key, each in value.items()])}}}"
