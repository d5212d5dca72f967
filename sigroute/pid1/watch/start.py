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
    from typing import Any, NoReturn


#: The watch has put it there; the packages that it belongs to are not loaded yet.
WATCH = "sigroute.pid1.watch.core"


def main() -> NoReturn:
    """Load the engine, and call ``go_on`` of its last module."""
    gc.disable()  # modules are no garbage: to search them would take longer than to load them
    modules = marshal.loads(sys.modules[WATCH].part("modules"))  # noqa: S302 - the payload's hash was checked
    load(modules)
    sys.modules[modules[-1][0]].go_on()
    raise SystemExit  # it has not come here


def load(modules: list[tuple[str, Any]]) -> None:
    """Load modules from bytecode."""
    for name, code in modules:
        module = sys.modules[name] = type(sys)(name)
        exec(code, module.__dict__)  # noqa: S102 - what import does
        package, _, last = name.rpartition(".")
        if package:
            setattr(sys.modules[package], last, module)


main()
