"""The first code of a compiled init: it has the parts of the file, and makes modules of them.

What is before it in the file (sigroute/bundle.py) has seen that every byte is as it was made, blocked the signals, and
loaded this.
"""

from __future__ import annotations

import gc
import marshal
import posix
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

    Made = dict[str, tuple[int, int]]
    Modules = tuple[tuple[str, Any], ...]

#: What a shell says of what can't be run.
CANNOT_RUN = 126


def boot(rest: list[bytes], made: Made, form: str, modules: Modules, blocked: set[int]) -> None:
    """Go on with the first modules, of which the last has what begins it all; never returns.

    :param rest: the file but for its head, in a list that is emptied when nobody needs it any more.
    :param made: by the name of a part, where it begins in that, and its length.
    :param form: ``bytecode`` where that is for this Python, else ``source``.
    :param blocked: the signals that were blocked at the start.
    """
    gc.disable()  # what is loaded stays: looking for garbage in it would take longer than all of this
    try:
        load(modules)
        sys.modules[modules[-1][0]].main(Parts(rest, made, form, blocked))
    except (OSError, MemoryError) as error:  # nothing has been started
        refuse(error)


class Parts:
    """The parts of the file."""

    def __init__(self, rest: list[bytes], made: Made, form: str, blocked: set[int]) -> None:
        self.rest = rest
        self.made = made
        self.form = form
        self.blocked = frozenset(blocked)

    def read(self, name: str) -> bytes:
        """Return a part."""
        begin, size = self.made[name]
        return self.rest[0][begin : begin + size]

    def close(self) -> None:
        """Forget them: all that is needed has been read."""
        self.rest.clear()

    def load(self, data: bytes) -> None:
        """Make the modules of a part."""
        load(marshal.loads(data))  # noqa: S302 - it is as it was made


def load(modules: Modules) -> None:
    """Make modules of bytecode or, where that is for another Python, of source."""
    for name, code in modules:
        module = sys.modules[name] = type(sys)(name)
        ready = compile(code, name, "exec", dont_inherit=True, optimize=2) if isinstance(code, str) else code
        exec(ready, module.__dict__)  # noqa: S102 - what import does
        package, _, last = name.rpartition(".")
        if package:
            setattr(sys.modules[package], last, module)


def refuse(error: Exception) -> NoReturn:
    """End, as what can't be run."""
    try:
        posix.write(2, f"{sys.argv[1]}: cannot run: {error!r}\n".encode("utf-8", "replace"))
    finally:
        posix._exit(CANNOT_RUN)  # noqa: SLF001 - its public name; the underscore is exit(2)'s
