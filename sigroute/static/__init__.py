"""The static executable: a runtime (runtime/) with rules, and the engine's answers, as its payload."""

from sigroute.static.parts import static_init, static_role
from sigroute.static.runtimes import MACHINES, NoRuntimeError, runtime, this_machine

__all__ = ["MACHINES", "NoRuntimeError", "runtime", "static_init", "static_role", "this_machine"]
