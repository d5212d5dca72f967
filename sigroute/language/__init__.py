"""The rule language: what a rule file says, and the plan that is made of it.

This is its only door. Five rooms are behind it:

- ``read/``: from TOML to the model, with the place of each error; it uses no other room;
- ``resolve/``: which entry applies, and the plan that follows; it uses ``read``;
- ``lint/``: warnings, rules without an effect; it uses both;
- ``report/``: tables, the text of the rules; likewise;
- ``schema/``: the JSON Schema of rule files; it uses ``read``.

``load`` reads and resolves a file. All else takes the ``Resolved`` that it returns. A start neither warns nor reports,
so these three rooms are imported when somebody asks for them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from sigroute.language.load import load
from sigroute.language.read import bundled
from sigroute.language.read.actions import Action
from sigroute.language.read.durations import format_duration, parse_duration
from sigroute.language.read.fields import keys_of
from sigroute.language.read.lifecycle import Alive, Ready, Restart, Task
from sigroute.language.read.model import Child, Control, Drain, Exit, Group, Journal, RuleFile
from sigroute.language.read.problems import Mistake, Problem, RuleError, did_you_mean, quote
from sigroute.language.read.signals import STOP_SIGNALS, UNRECEIVABLE, parse_key, parse_signal, parse_stopsignal
from sigroute.language.read.source import read_source
from sigroute.language.read.values import NAME_CHARACTERS, RESERVED
from sigroute.language.read.variables import script_of
from sigroute.language.read.world import World
from sigroute.language.resolve.planner import compile_plan, outline, with_instead
from sigroute.language.resolve.resolved import GUARDED, Resolved
from sigroute.pid1.entry.command import UsageError

if TYPE_CHECKING:
    from sigroute.language.lint.examine import examine
    from sigroute.language.report.graph import graph
    from sigroute.language.report.render import render
    from sigroute.language.report.summary import summary
    from sigroute.language.resolve.longest_stop import longest_stop
    from sigroute.language.schema.of_tables import rule_schema

__all__ = [
    "GUARDED",
    "NAME_CHARACTERS",
    "RESERVED",
    "STOP_SIGNALS",
    "UNRECEIVABLE",
    "Action",
    "Alive",
    "Child",
    "Control",
    "Drain",
    "Exit",
    "Group",
    "Journal",
    "Mistake",
    "Problem",
    "Ready",
    "Resolved",
    "Restart",
    "RuleError",
    "RuleFile",
    "Task",
    "UsageError",
    "World",
    "bundled",
    "compile_plan",
    "did_you_mean",
    "examine",
    "format_duration",
    "graph",
    "keys_of",
    "load",
    "longest_stop",
    "outline",
    "parse_duration",
    "parse_key",
    "parse_signal",
    "parse_stopsignal",
    "quote",
    "read_source",
    "render",
    "rule_schema",
    "script_of",
    "summary",
    "with_instead",
]

_LATER = {
    "examine": "lint.examine",
    "graph": "report.graph",
    "longest_stop": "resolve.longest_stop",
    "render": "report.render",
    "rule_schema": "schema.of_tables",
    "summary": "report.summary",
}
"""Names that are imported when somebody asks for them, each with its module."""


def __getattr__(name: str) -> object:
    """Import a name of ``_LATER`` (PEP 562)."""
    if name in _LATER:
        return getattr(import_module(f"sigroute.language.{_LATER[name]}"), name)
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)
