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
    """Load the engine, and call ``enter`` of the module that is named as the last."""
    gc.disable()  # loading modules makes hardly any garbage, and each search for it takes time
    watch = sys.modules[WATCH]
    core = marshal.loads(watch.part("core"))  # noqa: S302 - the payload's hash was checked
    for name, _ in core:
        add(ModuleType(name))
    last, index = marshal.loads(watch.part("index"))  # noqa: S302 - as above
    rest = placed(index, watch.part("modules"))
    while core:
        name, code = core.pop(0)  # once it has run, its memory is free for the next
        exec(code, sys.modules[name].__dict__)  # noqa: S102 - what import does
    for module, data in rest:
        fill(module, data)
    while waiting and watch.early():
        name, data = waiting.popitem()
        fill(sys.modules[name], data)
    sys.modules[last].enter()
    raise SystemExit  # never reached, as enter() does not return


def placed(index: list[tuple[str, int, int, bool]], modules: memoryview) -> list[tuple[ModuleType, memoryview]]:
    """Have imports find the other modules; return those to load now, each with its bytecode."""
    now = []
    for name, begin, size, later in index:
        data = modules[begin : begin + size]
        module = add((Later if later else ModuleType)(name))
        if later:
            waiting[name] = data
        else:
            now.append((module, data))
    return now


def add(module: ModuleType) -> ModuleType:
    """Put a module where imports find it; return it."""
    name = module.__name__
    sys.modules[name] = module
    package, _, last = name.rpartition(".")
    if package:
        setattr(sys.modules[package], last, module)
    return module


def fill(module: ModuleType, data: memoryview) -> None:
    """Load a module from its bytecode."""
    exec(marshal.loads(data), module.__dict__)  # noqa: S102, S302 - what import does; the payload's hash was checked


main()
