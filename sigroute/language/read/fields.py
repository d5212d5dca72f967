"""Fields of the model that are keys of a rule file: each with a kind, a default and a meaning.

The reader chooses the check of a value by its kind. docs/rules.md is made from all three.
"""

from __future__ import annotations

from typing import Any

import attrs


def key(kind: str, meaning: str, *, shown: str = "", name: str = "", **default: Any) -> Any:  # noqa: ANN401 - as attrs.field
    """Return a field that is a key of a rule file.

    :param kind: the reader of its value, a key of ``READERS``.
    :param meaning: for docs/rules.md.
    :param shown: its default, as people write it or in words.
    :param name: the key, where it is not the field's name.
    """
    return attrs.field(metadata={"kind": kind, "meaning": meaning, "shown": shown, "name": name}, **default)


_KEYS: dict[type, dict[str, attrs.Attribute[Any]]] = {}


def keys_of(kind: type) -> dict[str, attrs.Attribute[Any]]:
    """Return the fields of a class that are keys of a rule file, by key: first its own, then those it shares."""
    if kind not in _KEYS:
        own = kind.__annotations__
        fields: list[attrs.Attribute[Any]] = sorted(attrs.fields(kind), key=lambda field: field.name not in own)
        _KEYS[kind] = {field.metadata["name"] or field.name: field for field in fields if "kind" in field.metadata}
    return _KEYS[kind]
