"""The rule language: what a rule file says, and the plan that is made of it.

This is its only door. Four rooms are behind it, each of which uses those before it:

- ``read/``: from TOML to the model, with the place of each error;
- ``resolve/``: which entry applies, and the plan that follows;
- ``report/``: tables, the longest stop, the text of the rules;
- ``lint/``: errors between lines, warnings, rules without an effect.

``load`` goes through all of them. A start needs no report: it is imported when somebody asks for it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from sigroute.language.load import examine, load
from sigroute.language.read import bundled
from sigroute.language.read.durations import parse_duration
from sigroute.language.read.fields import keys_of
from sigroute.language.read.model import Action, Child, Drain, Exit, Group, RuleFile
from sigroute.language.read.problems import Mistake, Problem, RuleError, did_you_mean, quote
from sigroute.language.read.signals import STOP_SIGNALS, UNRECEIVABLE, parse_signal, parse_stopsignal
from sigroute.language.resolve.planner import GUARDED, compile_plan, outline
from sigroute.pid1.entry.command import UsageError

if TYPE_CHECKING:
    from sigroute.language.report.render import render
    from sigroute.language.report.summary import summary

__all__ = [
    "GUARDED",
    "STOP_SIGNALS",
    "UNRECEIVABLE",
    "Action",
    "Child",
    "Drain",
    "Exit",
    "Group",
    "Mistake",
    "Problem",
    "RuleError",
    "RuleFile",
    "UsageError",
    "bundled",
    "compile_plan",
    "did_you_mean",
    "examine",
    "keys_of",
    "load",
    "outline",
    "parse_duration",
    "parse_signal",
    "parse_stopsignal",
    "quote",
    "render",
    "summary",
]

_REPORTS = ("render", "summary")
"""Each is in a module of its name."""


def __getattr__(name: str) -> object:
    """Import a report (PEP 562)."""
    if name in _REPORTS:
        return getattr(import_module(f"sigroute.language.report.{name}"), name)
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)
