"""The record of a value in the plan that is made of variables: which, of what, and where it belongs."""

from __future__ import annotations

from sigroute.pid1.record import Record


class Template(Record):
    """A value with variables of sigroute's own environment. It is made when sigroute starts (entry/expand.py)."""

    target: tuple[str | int | bytes, ...]
    """Where in the plan it belongs: fields, indexes and keys that lead to it. Until then its text is there."""
    parts: tuple[bytes | tuple[bytes, bytes | None], ...]
    """What it is made of, from left to right: texts, and variables with what stands for one that is unset or empty;
    None: it must be set."""
    becomes: str
    """``text words user group path output address duration``, ``time``: a duration that is not 0, or ``count``: of
    instances."""
    place: str
    """Where in the rule file it is written, for people: ``web.toml:12``."""
    key: str
    """The same by its keys: ``child.web.command[2]``."""
