"""The bytecode that runs in a static init: for exactly the Python in its runtime.

``python -m runtime build`` has a Python of the same version compile it, and the runtime carries it. So with a runtime,
sigroute makes static inits under any Python. If the sources have changed since, as in a checkout, the Python that runs
sigroute compiles them, provided that it has the same bytecode.
"""

from __future__ import annotations

import ast
import hashlib
import marshal
import sys
from importlib.util import MAGIC_NUMBER
from typing import TYPE_CHECKING

from sigroute.bundle import PACKAGE, bytecode, closure
from sigroute.executable import NotARuntimeError, form_of, parts_in
from sigroute.pid1.compat import ROLES
from sigroute.pid1.encode import PLAIN
from sigroute.static.runtimes import BUILD, NoRuntimeError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    Kind = tuple[tuple[str, ...], frozenset[str]]
    """Of a kind of init: the modules to load in this order, and what they use of posix."""

#: The first code of an init: it loads the modules.
START = {"sigroute.pid1.watch.start": PACKAGE / "pid1" / "watch" / "start.py"}

#: By kind of init: the modules to load, with all that they import. The last one has ``go_on``.
ROOTS = {"rules": ("sigroute.pid1.entry.about", "sigroute.pid1.watch.rules")} | {
    name: ("sigroute.pid1.entry.about", f"sigroute.pid1.compat.{name}", "sigroute.pid1.watch.role")
    for name in ROLES.values()
}

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
INSTEAD = {
    f"sigroute.pid1.kernel.{name}": PACKAGE / "pid1" / "watch" / f"{name}.py"
    for name in ("inherited", "libc", "restore")
}


def resident(runtime: bytes, kind: str) -> dict[str, bytes]:
    """Return the parts of an init with its bytecode.

    :param kind: one of ``ROOTS``.
    :raises NoRuntimeError: the runtime has none of these sources, and this Python can't make it.
    """
    try:
        parts = parts_in(runtime)
    except NotARuntimeError as error:
        message = f"cannot use the runtime: {error} ({BUILD})"
        raise NoRuntimeError(message) from None
    if parts.get("sources") != sources():
        if form_of(runtime).magic != MAGIC_NUMBER:
            message = f"the runtime was built from other sources of sigroute than are here ({BUILD})"
            raise NoRuntimeError(message)
        parts = compiled(sys.executable, [kind])
    modules: dict[str, bytes] = marshal.loads(parts["modules"])  # noqa: S302 - the build has written it
    kinds: dict[str, Kind] = marshal.loads(parts["kinds"])  # noqa: S302 - as above
    names, used = kinds[kind]
    index = [(name, len(modules[name]), name in LATER) for name in names]
    return {
        "engine": parts["engine"],
        "index": marshal.dumps((index, used), PLAIN),
        "modules": b"".join(modules[name] for name in names),
    }


def compiled(python: str, kinds: Iterable[str] = ROOTS) -> dict[str, bytes]:
    """Return the parts of a runtime, compiled by this Python."""
    files = {kind: closure(ROOTS[kind], INSTEAD) for kind in kinds}
    every = {name: path for each in files.values() for name, path in each.items()}
    code: dict[str, bytes] = dict(marshal.loads(bytecode(START | every, python, "--each")))  # noqa: S302 - our own
    (engine,) = (code.pop(name) for name in START)
    lists = {kind: (tuple(each), used_of_posix(each.values())) for kind, each in files.items()}
    return {
        "sources": sources(),
        "engine": engine,
        "modules": marshal.dumps(code, PLAIN),
        "kinds": marshal.dumps(lists, PLAIN),
    }


def sources() -> bytes:
    """Return a hash of all files that the bytecode is made from and by."""
    by = [PACKAGE / "bytecode.py", PACKAGE / "static" / "resident.py"]
    files = {path.relative_to(PACKAGE).as_posix(): path for path in [*by, *(PACKAGE / "pid1").rglob("*.py")]}
    seen = hashlib.sha256()
    for name in sorted(files):
        data = files[name].read_bytes()
        seen.update(f"{name} {len(data)}\n".encode())
        seen.update(data)
    return seen.digest()


def used_of_posix(files: Iterable[Path]) -> frozenset[str]:
    """Return which names of posix these modules use."""
    trees = [ast.parse(path.read_bytes()) for path in files]
    return frozenset(
        node.attr
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "posix"
    )
