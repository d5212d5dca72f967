"""The first code of a compiled init: it has the parts of the file, and makes modules of them.

The head of the file (sigroute/bundle.py) has blocked the signals and loaded this.
"""

from __future__ import annotations

import _imp
import gc
import marshal
import posix
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, BinaryIO, NoReturn

    Made = dict[str, tuple[int, int, bytes]]
    Modules = tuple[tuple[str, Any], ...]

#: What a shell says of what can't be run.
CANNOT_RUN = 126

BROKEN = ": cannot run: it is not as it was compiled (cut off, edited, converted?); copy it or compile it once more\n"


def boot(file: BinaryIO, made: Made, form: str, modules: Modules, blocked: set[int]) -> None:
    """Go on with the first modules, of which the last has what begins it all; never returns.

    :param file: the file.
    :param made: by the name of a part, where it begins, its length and its hash.
    :param form: ``bytecode`` where that is for this Python, else ``source``.
    :param blocked: the signals that were blocked at the start.
    """
    gc.disable()  # what is loaded stays: looking for garbage in it would take longer than all of this
    load(modules)
    sys.modules[modules[-1][0]].main(Parts(file, made, form, blocked))


class Parts:
    """The parts of the file."""

    def __init__(self, file: BinaryIO, made: Made, form: str, blocked: set[int]) -> None:
        self.file = file
        self.made = made
        self.form = form
        self.blocked = frozenset(blocked)

    def read(self, name: str) -> bytes:
        """Return a part; refuse the file where it is not as it was made: neither this, nor as long."""
        begin, size, seal = self.made[name]
        last, length, _ = self.made["about"]
        self.file.seek(begin)
        data = self.file.read(size)
        if posix.fstat(self.file.fileno()).st_size != last + length or _imp.source_hash(size, data) != seal:
            refuse()
        return data

    def close(self) -> None:
        """Close the file: all that is needed has been read."""
        self.file.close()

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


def refuse() -> NoReturn:
    """End, as what can't be run."""
    try:
        posix.write(2, (sys.argv[1] + BROKEN).encode("utf-8", "replace"))
    finally:
        posix._exit(CANNOT_RUN)  # noqa: SLF001 - its public name; the underscore is exit(2)'s
