"""The first module of a compiled init: it makes modules of the parts of the file.

The code before it (sigroute/bundle.py) has checked every byte of the file, blocked the signals, and loaded this.
"""

from __future__ import annotations

import gc
import marshal
import posix
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn

    Made = dict[str, tuple[int, int]]
    Modules = tuple[tuple[str, Any], ...]

#: No descriptor of ours may be a standard one: a child would take it for its own.
STDERR = 2

#: ``exit_codes.CANNOT_RUN``, which is not loaded yet.
CANNOT_RUN = 126


def boot(rest: list[bytes], made: Made, form: str, modules: Modules, blocked: set[int]) -> None:
    """Load the first modules, and call ``main`` of the last one, which never returns.

    :param rest: the file without its head, in a list that is emptied when it is no longer needed.
    :param made: by the name of a part: where it begins in ``rest``, and its length.
    :param form: ``bytecode`` if this Python can run it, else ``source``.
    :param blocked: the signals that were blocked at the start.
    """
    gc.disable()  # modules are no garbage: to search them would take longer than to load them
    try:
        load(modules)
        sys.modules[modules[-1][0]].main(Parts(rest, made, form, blocked))
    except (OSError, MemoryError) as error:  # no child was started
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

    def has(self, name: str) -> bool:
        """Tell whether there are modules in a part."""
        return self.made[name][1] > len(marshal.dumps(()))

    def later(self, name: str) -> Callable[[], None]:
        """Return a function that loads the modules of a part: from the file, which takes a descriptor and no memory."""
        begin, size = self.made[name]
        try:
            fd = posix.open(sys.argv[1], posix.O_RDONLY | posix.O_CLOEXEC)
            before = posix.fstat(fd).st_size - len(self.rest[0])
        except OSError:
            fd = before = 0
        if fd > STDERR and before >= 0:
            return lambda: self.load(posix.pread(fd, size, before + begin))
        data = self.read(name)
        return lambda: self.load(data)

    def about(self) -> tuple[str, str]:
        """Return what it says of its version, and its rules."""
        version, rules = marshal.loads(self.read("about"))  # noqa: S302 - the seal of the file was checked
        if self.form == "source":
            here = "{}.{}".format(*sys.version_info)
            version += f"this is {sys.implementation.name} {here}: it starts slower, from source\n"
        return version, rules

    def close(self) -> None:
        """Free the file's contents: all that is needed has been read."""
        self.rest.clear()

    def load(self, data: bytes) -> None:
        """Load the modules of a part."""
        load(marshal.loads(data))  # noqa: S302 - the seal of the file was checked


def load(modules: Modules) -> None:
    """Load modules from bytecode or source."""
    for name, code in modules:
        module = sys.modules[name] = type(sys)(name)
        ready = compile(code, name, "exec", dont_inherit=True, optimize=2) if isinstance(code, str) else code
        exec(ready, module.__dict__)  # noqa: S102 - what import does
        package, _, last = name.rpartition(".")
        if package:
            setattr(sys.modules[package], last, module)


def refuse(error: Exception) -> NoReturn:
    """Write the error, and end."""
    try:
        posix.write(2, f"{sys.argv[1]}: cannot run: {error!r}\n".encode("utf-8", "replace"))
    finally:
        posix._exit(CANNOT_RUN)  # noqa: SLF001 - its public name; the underscore is exit(2)'s
