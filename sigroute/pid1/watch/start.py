"""The engine's start in the static executable: when PID 1 starts, or for the first event that needs the engine.

The watch (runtime/src/) has blocked the signals, and in most cases it has started the first child. Since then it has
answered only what leaves the engine's state unchanged. So the engine begins as if that child had just been started, and
is in the same state as if it had run from the beginning.
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
    gc.disable()  # loading modules makes hardly any garbage, and each search for it takes time
    part = sys.modules[WATCH].part
    index, used = marshal.loads(part("index"))  # noqa: S302 - the payload's hash was checked
    prune(used)
    modules = part("modules")
    for name, begin, size, later in index:
        data = modules[begin : begin + size]
        module = sys.modules[name] = (Later if later else ModuleType)(name)
        package, _, last = name.rpartition(".")
        if package:
            setattr(sys.modules[package], last, module)
        if later:
            waiting[name] = data
        else:
            fill(module, data)
    module.go_on()
    raise SystemExit  # never reached, as go_on() does not return


def prune(used: frozenset[str]) -> None:
    """Forget the functions of posix that nothing here uses: the engine's modules take their memory."""
    names = sys.modules["posix"].__dict__
    for name in [name for name in names if not name.startswith("__") and name not in used]:
        del names[name]


def fill(module: ModuleType, data: memoryview) -> None:
    """Load a module from bytecode. One at a time, so that each reuses the memory that the one before has freed."""
    exec(marshal.loads(data), module.__dict__)  # noqa: S102, S302 - what import does; the payload's hash was checked


main()
