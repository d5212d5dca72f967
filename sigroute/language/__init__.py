"""The rule language: what a rule file says, and the plan that is made of it.

The one door to it: ``load`` reads and checks, ``compile_plan`` makes the plan of what was loaded.
"""

from sigroute.language.compile import compile_plan, outline
from sigroute.language.load import Loaded, examine, load
from sigroute.language.problems import Problem, RuleError
from sigroute.pid1.entry.command import UsageError

__all__ = ["Loaded", "Problem", "RuleError", "UsageError", "compile_plan", "examine", "load", "outline"]
