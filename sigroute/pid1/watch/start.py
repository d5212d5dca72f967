"""The start of the engine in the static executable: at its start, or for the first event that needs it.

The watch (runtime/) has blocked the signals, and in most cases it has started the first child and has watched it. Only
what left the engine's state as it was has been answered meanwhile. So the engine begins as it always does, with the
child that is there, and is where it would have been.
"""

from __future__ import annotations

import gc
import marshal
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import NoReturn
else:
    ModuleType = type(sys)


#: The watch has put it there; the packages that it belongs to are not loaded yet.
WATCH = "sigroute.pid1.watch.core"


class Later(ModuleType):
    """A module that is loaded when somebody asks for a name in it."""

    def __getattr__(self, name: str) -> object:
        """Load it, if it is not loaded yet."""
        data = waiting.pop(self.__name__, None)
        if data is None:
            raise AttributeError(name)
        fill(self, data)
        return getattr(self, name)


#: By name: the bytecode of those modules.
waiting: dict[str, memoryview] = {}


def main() -> NoReturn:
    """Load the engine, and call ``go_on`` of its last module."""
    gc.disable()  # modules are no garbage: to search them would take longer than to load them
    part = sys.modules[WATCH].part
    index, used = marshal.loads(part("index"))  # noqa: S302 - the payload's hash was checked
    prune(used)
    modules, begin = part("modules"), 0
    for name, size, later in index:
        data = modules[begin : begin + size]
        begin += size
        module = sys.modules[name] = (Later if later else ModuleType)(name)
        package, _, last = name.rpartition(".")
        if package:
            setattr(sys.modules[package], last, module)
        if later:
            waiting[name] = data
        else:
            fill(module, data)
    module.go_on()
    raise SystemExit  # it has not come here


def prune(used: frozenset[str]) -> None:
    """Forget the functions of posix that nothing here uses: the engine's modules take their memory."""
    names = sys.modules["posix"].__dict__
    for name in [name for name in names if not name.startswith("__") and name not in used]:
        del names[name]


def fill(module: ModuleType, data: memoryview) -> None:
    """Load a module from bytecode. Each by itself: what is left of one makes room for the next."""
    exec(marshal.loads(data), module.__dict__)  # noqa: S102, S302 - what import does; the payload's hash was checked


main()
