"""The modules that only plans of many children need (``Plan.many``): PID 1 loads them for such a plan alone.

They are names of this module. Whoever supervises such a plan calls ``load`` beforehand, as files may be out of reach
later; in the static executable they are there anyway, and load themselves. For type checkers they are in many.pyi.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType

NAMES = (
    "account", "conditions", "health", "idle", "naming", "notify", "order", "probes", "readiness", "restart", "tasks",
    "watched", "watches",
)  # fmt: skip

#: What is needed where there is a control socket: a request may start a child again, whatever the rules say.
ASKED = ("naming", "probes", "requests", "restart")

#: Their full names, for whoever puts modules together.
MODULES = tuple([f"sigroute.pid1.engine.{name}" for name in NAMES])

#: What is needed where there are several children that need nothing of all that.
SEVERAL = ("account", "naming")


def load(names: tuple[str, ...] = NAMES) -> None:
    """Load them, or only these."""
    for name in names:
        __getattr__(name)


def __getattr__(name: str) -> ModuleType:
    """Load a module when it is first asked for (PEP 562)."""
    if name not in NAMES and name not in ASKED:
        raise AttributeError(name)
    full = f"sigroute.pid1.engine.{name}"
    module: ModuleType = sys.modules.get(full) or __import__(full, None, None, [name])
    globals()[name] = module
    return module
