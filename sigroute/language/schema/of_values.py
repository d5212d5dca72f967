"""The schemas of values that have no keys of the model, by kind of key.

A keyword is only for values of its own type: so where a value may be a string or a list, `pattern` is for the string,
and `items` for the list. That tells an editor more than `anyOf` would: which word is wrong, and not only that one is.
"""

from __future__ import annotations

from typing import Any

from sigroute.language.read.actions import AGAIN, SCOPES
from sigroute.language.read.lifecycle import AT
from sigroute.language.read.lifecycle_values import HIGHEST_DESCRIPTOR, LOWEST_DESCRIPTOR
from sigroute.language.read.model import EXITED, TERMINAL
from sigroute.language.read.signals import STOP_CLASS
from sigroute.language.read.values import HIGHEST_CODE
from sigroute.language.read.world_values import LEAST_NICE, LIMITS, NICEST, OUTPUTS
from sigroute.language.schema import patterns
from sigroute.pid1.entry.instances import MOST
from sigroute.pid1.kernel.addresses import LONGEST_PATH
from sigroute.pid1.names import RTMAX

Schema = dict[str, Any]

_REFERENCE = rf"^@?{patterns.NAME}$"
_CODE = {"type": "integer", "minimum": 0, "maximum": HIGHEST_CODE}


def texts(pattern: str) -> Schema:
    """Return the schema of strings that a pattern matches."""
    return {"type": "string", "pattern": pattern}


def one_or_several(pattern: str, *, least: int = 1) -> Schema:
    """Return the schema of a string, or a list of strings without any twice.

    :param least: how many must be in the list.
    """
    several = {"items": texts(pattern), "minItems": least, "uniqueItems": True}
    return {"type": ["string", "array"], "pattern": pattern, **several}


def sent(*alone: str) -> Schema:
    """Return the schema of an action as a string, or as the number of a signal.

    :param alone: the words that may be all of it.
    """
    return {"type": ["string", "integer"], "pattern": patterns.action(alone), "minimum": 1, "maximum": RTMAX}


def by_name(pattern: str, value: Schema) -> Schema:
    """Return the schema of a table whose keys are for people to choose."""
    return {"type": "object", "patternProperties": {pattern: value}, "additionalProperties": False}


def _again() -> Schema:
    table = by_name(patterns.REPEATED, sent(*AGAIN)) | {"minProperties": 1}
    return {**table, **sent(*AGAIN), "type": ["string", "integer", "object"]}


def _classes() -> Schema:
    signal = texts(patterns.MEMBER) | {"type": ["string", "integer"], "minimum": 1, "maximum": RTMAX}
    members = {"type": "array", "items": signal, "minItems": 1, "uniqueItems": True}
    return by_name(f"^{patterns.CLASS}$", members) | {"properties": {STOP_CLASS: members}}


def _limits() -> Schema:
    limit = texts(patterns.LIMIT) | {"type": ["string", "integer"], "minimum": 0}
    return {"type": "object", "properties": dict.fromkeys(LIMITS, limit), "additionalProperties": False}


def _env() -> Schema:
    names = {"^[^=*]+$": {"type": ["string", "boolean"]}, r"^[^=*]*\*$": {"type": "boolean"}}
    return {"type": "object", "patternProperties": names, "additionalProperties": False}


DURATION = texts(f"^{patterns.DURATION}$|{patterns.VARIABLE}")

VALUES: dict[str, Schema] = {
    "send": sent("drop"),
    "else": sent("drop"),
    "again": _again(),
    "after": one_or_several(_REFERENCE, least=0),
    "needs": one_or_several(_REFERENCE, least=0),
    "when": one_or_several(_REFERENCE),
    "child": texts(f"^{patterns.NAME}$"),
    "groups": one_or_several(f"^{patterns.NAME}$"),
    "programs": one_or_several(r"^[^/*]+\*?$"),
    "command": {"type": "array", "items": {"type": "string"}, "minItems": 1},
    "duration": DURATION,
    "hold": DURATION,
    "waits": texts(patterns.WAITS),
    "like": {"type": "string"},
    "scope": {"enum": list(SCOPES)},
    "exited": {"enum": list(EXITED)},
    "terminal": {"enum": list(TERMINAL)},
    "at": {"enum": list(AT)},
    "flag": {"type": "boolean"},
    "notify": {"enum": [True]},
    "instances": texts(patterns.VARIABLE) | {"type": ["integer", "string"], "minimum": 0, "maximum": MOST},
    "count": {"type": "integer", "minimum": 1},
    "failures": {"type": "integer", "minimum": 1},
    "descriptor": {"type": "integer", "minimum": LOWEST_DESCRIPTOR, "maximum": HIGHEST_DESCRIPTOR},
    "exit-codes": {**_CODE, "type": ["integer", "array"], "items": _CODE, "uniqueItems": True},
    "codes": by_name("^(?:any|[0-9]{1,2}|[01][0-9]{2}|2[0-4][0-9]|25[0-5])$", _CODE),
    "only-if": one_or_several(patterns.CONDITION),
    "listen": texts(patterns.ADDRESS),
    "absolute": texts(patterns.ABSOLUTE),
    "journal-path": texts("^/"),
    "control-path": texts("^/") | {"maxLength": LONGEST_PATH},
    "env-file": one_or_several(patterns.ABSOLUTE, least=0),
    "output": {"type": "string", "anyOf": [{"enum": list(OUTPUTS)}, {"pattern": f"^/|{patterns.VARIABLE}"}]},
    "user": texts(f"^{patterns.ACCOUNT}(?::{patterns.ACCOUNT})?$|{patterns.VARIABLE}"),
    "extra-groups": one_or_several(f"^{patterns.ACCOUNT}$", least=0),
    "umask": texts("^0?[0-7]{3}$"),
    "nice": {"type": "integer", "minimum": NICEST, "maximum": LEAST_NICE},
    "env": _env(),
    "limits": _limits(),
    "watch": by_name("^/", texts(f"^{patterns.RECEIVABLE}$")) | {"minProperties": 1},
    "signals": _classes(),
}
"""By kind of key."""
