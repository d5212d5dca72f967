"""The schemas of tables: the keys of a class of the model, each with its meaning and its default."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import tomli

from sigroute.language.read.actions import Action
from sigroute.language.read.fields import keys_of
from sigroute.language.read.lifecycle import RESTARTS, Alive, Ready, Restart, Task
from sigroute.language.read.lifecycle_values import WAYS
from sigroute.language.read.model import Child, Control, Drain, Exit, Group, Journal, RuleFile
from sigroute.language.read.signals import STOP_CLASS
from sigroute.language.read.values import RESERVED
from sigroute.language.schema import patterns
from sigroute.language.schema.of_values import DURATION, VALUES, Schema, by_name, sent
from sigroute.language.schema.plain_text import plain_text

if TYPE_CHECKING:
    import attrs

_REQUIRED = "required"
"""What the model says in place of a default."""


def table(kind: type, kinds: dict[str, Schema], *, without: tuple[str, ...] = ()) -> Schema:
    """Return the schema of a table that has the keys of a class, and no others.

    :param kinds: the schemas of values, by kind of key.
    :param without: keys that it does not have here.
    """
    keys = {name: field for name, field in keys_of(kind).items() if name not in without}
    made: Schema = {
        "type": "object",
        "description": plain_text((kind.__doc__ or "").strip()),
        "properties": {name: _documented(kinds[field.metadata["kind"]], field) for name, field in keys.items()},
        "additionalProperties": False,
    }
    required = [name for name, field in keys.items() if field.metadata["shown"] == _REQUIRED]
    return made | ({"required": required} if required else {})


def _documented(schema: Schema, field: attrs.Attribute[Any]) -> Schema:
    """Return the schema of a value with what its key means, and what holds without it."""
    meaning, shown = plain_text(field.metadata["meaning"]), field.metadata["shown"]
    default = _default(shown, field.default)
    if default is not None and default in schema.get("enum", [default]):
        return {**schema, "description": meaning, "default": default}
    told = f"{meaning}\n\nDefault: {plain_text(shown)}." if shown and not shown.startswith(_REQUIRED) else meaning
    return {**schema, "description": told}


def _default(shown: str, value: object) -> object:
    """Return a default as a value of TOML; None: it can only be told in words."""
    if not shown:
        return value if type(value) is int else None
    literal = re.fullmatch("`([^`]+)`", shown)
    return tomli.loads(f"value = {literal[1]}")["value"] if literal else None


def _requires(*keys: str) -> list[Schema]:
    return [{"required": [key]} for key in keys]


def _either(text: Schema, keys: Schema) -> Schema:
    """Return the schema of a string or a table. The types are apart, so a keyword of one says nothing of the other."""
    return {**keys, **text, "type": ["string", "object"]}


def _ready() -> Schema:
    ways = [{"type": "object", "required": [way]} for way in WAYS]
    for_run = {"every": ["run"], "timeout": ["run"]}
    return _either(DURATION, table(Ready, VALUES)) | {"oneOf": [{"type": "string"}, *ways], "dependencies": for_run}


def _restart() -> Schema:
    return _either({"anyOf": [{"enum": list(RESTARTS)}, {"type": "object"}]}, table(Restart, VALUES))


def _actions() -> dict[str, Schema]:
    """Return the schemas of actions by where they stand: only at two places the signal can be held."""
    both = {"type": ["string", "integer", "object"]}
    plain = table(Action, VALUES, without=("hold",)) | {
        "anyOf": _requires("send", "run"),
        "dependencies": {"timeout": ["run"], "else": ["run"]},
    }
    held = table(Action, VALUES) | {
        "anyOf": _requires("send", "run", "hold"),
        "dependencies": {"timeout": ["run"], "hold": ["else"]},
    }
    return {"action": {**plain, **sent("drop"), **both}, "held-action": {**held, **sent("drop", "hold"), **both}}


def _signals(action: str) -> Schema:
    reference = {"$ref": f"#/definitions/{action}"}
    return by_name(patterns.KEY, reference) | {"properties": {STOP_CLASS: reference}}


def _named(schema: Schema, *, without: tuple[str, ...] = RESERVED) -> Schema:
    """Return the schema of tables by name.

    :param without: names that have a meaning of their own.
    """
    names: Schema = {"pattern": f"^{patterns.NAME}$"}
    return {
        "type": "object",
        "propertyNames": names | ({"not": {"enum": list(without)}} if without else {}),
        "additionalProperties": schema,
    }


DEFINITIONS = _actions()

_VALUES: dict[str, Schema] = {
    **VALUES,
    "ready": _ready(),
    "alive": table(Alive, VALUES),
    "restart": _restart(),
    "on": _signals("action"),
    "starting": _signals("held-action"),
    "task-on": _signals("held-action"),
    "exit": table(Exit, VALUES),
    "drain": table(Drain, VALUES),
    "control": table(Control, VALUES) | {"required": ["path"]},
    "journal": table(Journal, VALUES) | {"required": ["path"]},
}

KINDS: dict[str, Schema] = {
    **_VALUES,
    "children": _named(table(Child, _VALUES)),
    "tasks": _named(table(Task, _VALUES)),
    "group-tables": _named(table(Group, _VALUES), without=()),
}
"""The schemas of values, by kind of key."""


def rule_schema() -> Schema:
    """Return the JSON Schema of rule files. It is of draft 7, which taplo and other checkers know."""
    about = {"$schema": "http://json-schema.org/draft-07/schema#", "title": "A rule file of sigroute"}
    return {**about, **table(RuleFile, KINDS), "definitions": DEFINITIONS}
