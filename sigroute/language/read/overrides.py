"""``--on KEY=ACTION``: one line of a signal table, from the command line."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING

from sigroute.language.read.actions import Table
from sigroute.language.read.entries import read_table
from sigroute.language.read.fields import keys_of
from sigroute.language.read.model import RuleFile
from sigroute.language.read.problems import Problem, RuleError, quote
from sigroute.language.read.reading import Reading, TooManyFindings
from sigroute.language.read.source import Source
from sigroute.language.read.toml import read_toml
from sigroute.language.read.variables import report_misplaced

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sigroute.language.read.reading import Finding

NAME = "--on"

_BARE = r"[A-Za-z0-9_-]+"


def read_overrides(overrides: Sequence[str], rules: RuleFile, reading: Reading) -> tuple[Table, list[Finding]]:
    """Return the table that overrides make, and its errors; the last override of a key counts.

    :param rules: the rules that are overridden, with their classes.
    :param reading: the reading of these rules, with the names of children and groups.
    :raises RuleError: an override has no ``=``, or its table is no TOML.
    """
    lines: dict[str, str] = {}
    for override in overrides:
        key, equals, action = override.partition("=")
        if not equals or not key.strip():
            raise RuleError((Problem(NAME, f"{quote(override)} is no KEY=ACTION", "as in --on 'stop=5s QUIT'"),))
        if key.strip() in keys_of(RuleFile):
            hint = "--on takes one rule for a signal, as in --on 'stop=5s QUIT': this needs a rule file"
            raise RuleError((Problem(NAME, f"{quote(key.strip())} is no signal", hint),))
        # A table is written as TOML; a string comes without its quotes on a command line.
        action = action.strip()
        lines[key.strip()] = action if action.startswith("{") else _string(action)
    text = "\n".join(
        f"{name if re.fullmatch(_BARE, name) else _string(name)} = {action}" for name, action in lines.items()
    )
    source = Source(NAME, text)
    own = Reading(source, rules.signals, reading.children, reading.groups)
    table = Table()
    with suppress(TooManyFindings):
        document = read_toml(source)
        table = read_table(own, (), document)
        report_misplaced(own, document)
    return table, own.findings


def _string(text: str) -> str:
    """Return a text as a TOML string."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + re.sub(r"[\x00-\x1f\x7f\ud800-\udfff]", lambda found: f"\\u{ord(found[0]) & 0xFF:04x}", escaped) + '"'
