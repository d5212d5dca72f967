"""The parts of the static executable's payload."""

from __future__ import annotations

import ast
import marshal
from typing import TYPE_CHECKING

from sigroute import __version__
from sigroute.bundle import PACKAGE, bytecode, closure
from sigroute.executable import executable
from sigroute.handover import to_wire
from sigroute.pid1.compat import ROLES
from sigroute.pid1.encode import PLAIN
from sigroute.static.table import table_of, table_of_role

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from sigroute.bundle import About
    from sigroute.pid1.plan import Launch

#: What the payload's first code loads; the last has ``go_on``.
RULES = ("sigroute.pid1.watch.rules",)

#: Modules that the engine needs only now and then. They are loaded when somebody asks for a name in them, so they are
#: imported as modules, without names.
LATER = frozenset(
    f"sigroute.pid1.{name}"
    for name in (
        "entry.about", "fallback", "kernel.clock", "kernel.execute", "kernel.job", "kernel.origin", "kernel.spawn",
        "kernel.surroundings", "kernel.terminal", "kernel.unwaited", "kernel.writer", "log.sink",
    )
)  # fmt: skip

#: Modules that have another form in the static executable.
INSTEAD = {f"sigroute.pid1.kernel.{name}": PACKAGE / "pid1" / "watch" / f"{name}.py" for name in ("inherited", "libc")}


def static_init(launch: Launch, about: About, runtime: bytes) -> bytes:
    """Return the bytes of a static init that runs by rules.

    :param runtime: what ``runtimes.runtime`` returns.
    """
    return _init(
        table_of(launch), ("sigroute.pid1.entry.about", *RULES), marshal.dumps(to_wire(launch), PLAIN), about, runtime
    )


def static_role(name: str, about: About, runtime: bytes) -> bytes:
    """Return the bytes of a static stand-in for another init.

    :param runtime: what ``runtimes.runtime`` returns.
    """
    module = f"sigroute.pid1.compat.{ROLES[name]}"
    modules = ("sigroute.pid1.entry.about", module, "sigroute.pid1.watch.role")
    return _init(table_of_role(), modules, marshal.dumps((module, __version__), PLAIN), about, runtime)


def _init(table: bytes, modules: tuple[str, ...], plan: bytes, about: About, runtime: bytes) -> bytes:
    files = closure(modules, INSTEAD)
    loaded = {name: marshal.dumps(code) for name, code in marshal.loads(bytecode(files))}  # noqa: S302 - our own
    index = [(name, len(code), name in LATER) for name, code in loaded.items()]
    start = PACKAGE / "pid1" / "watch" / "start.py"
    ((_, first),) = marshal.loads(bytecode({"sigroute.pid1.watch.start": start}))  # noqa: S302 - made one line above
    return executable(
        runtime,
        {
            "table": table,
            "engine": marshal.dumps(first),
            "index": marshal.dumps((index, used_of_posix(files.values())), PLAIN),
            "modules": b"".join(loaded.values()),
            "plan": plan,
            "version": f"sigroute {__version__}\n{about}\n".encode(),
            "rules": about.rules.encode("utf-8", "surrogateescape"),
        },
    )


def used_of_posix(files: Iterable[Path]) -> frozenset[str]:
    """Return which names of posix these modules use."""
    trees = [ast.parse(path.read_bytes()) for path in files]
    return frozenset(
        node.attr
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "posix"
    )
