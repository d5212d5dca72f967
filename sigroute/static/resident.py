"""Compiles what runs in a static init, and what a runtime carries of it.

The parts are ``sources``, a hash of all that it was made from; ``engine``, the first code of an init; ``core``, the
modules that every init loads at once; ``posix``, what they use of that module; ``modules``, all others, one after the
other; and for each kind of init ``index KIND``: the module that goes on, and the others, in the order to load them.
"""

from __future__ import annotations

import ast
import marshal
from typing import TYPE_CHECKING

from sigroute.bundle import PACKAGE, bytecode, closure
from sigroute.pid1.compat import ROLES
from sigroute.pid1.encode import PLAIN
from sigroute.pid1.engine.many import MODULES as MANY
from sigroute.static.sources import sources

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    Place = tuple[str, int, int, bool]
    """A module's name, where its bytecode begins, how long that is, and whether it is loaded later."""

#: The first code of an init: it loads the modules.
START = {"sigroute.pid1.watch.start": PACKAGE / "pid1" / "watch" / "start.py"}

#: By kind of init: the modules to load, with all that they import. The last one has ``enter``.
ROOTS = {
    "rules": (
        "sigroute.pid1.condition",
        "sigroute.pid1.entry.about",
        "sigroute.pid1.entry.expand",
        "sigroute.pid1.entry.instances",
        "sigroute.pid1.journal.observer",
        "sigroute.pid1.lifecycle",
        "sigroute.pid1.template",
        "sigroute.pid1.kernel.channels",
        "sigroute.pid1.kernel.asking",
        "sigroute.pid1.kernel.control_server",
        "sigroute.pid1.engine.requests",
        "sigroute.pid1.kernel.control",
        "sigroute.pid1.kernel.conditions",
        "sigroute.pid1.kernel.connections",
        "sigroute.pid1.kernel.further_starts",
        "sigroute.pid1.kernel.helpers",
        "sigroute.pid1.kernel.listening",
        "sigroute.pid1.kernel.notices",
        "sigroute.pid1.kernel.watches",
        "sigroute.pid1.kernel.world",
        *MANY,
        "sigroute.pid1.watch.counts",
        "sigroute.pid1.watch.rules",
    )
} | {
    name: ("sigroute.pid1.entry.about", f"sigroute.pid1.compat.{name}", "sigroute.pid1.watch.role")
    for name in ROLES.values()
}

#: Modules that the first step of the engine does not need before its signals are sent. They are loaded when somebody
#: asks for a name in them, so they are imported as modules, without names.
LATER = frozenset(
    f"sigroute.pid1.{name}"
    for name in (
        "control.answers", "control.as_json", "control.counts", "control.look", "control.metrics",
        "control.openmetrics", "control.protocol", "control.status", "control.table", "control.waits",
        "control.zombies",
        "engine.account", "engine.conditions", "engine.health", "engine.idle", "engine.listing",
        "engine.naming", "engine.notify", "engine.order", "engine.pending", "engine.probes", "engine.program_names",
        "engine.readiness", "engine.requests", "engine.recognition", "engine.restart", "engine.tasks", "engine.tree",
        "engine.unread", "engine.watched", "engine.watches", "engine.wrapper", "entry.about", "entry.expand",
        "entry.instances", "entry.values", "fallback", "journal.as_json", "journal.observer", "journal.seal",
        "kernel.accounts", "kernel.addresses", "kernel.below",
        "kernel.channel", "kernel.channels", "kernel.clock", "kernel.conditions", "kernel.connections",
        "kernel.asking", "kernel.connection", "kernel.control", "kernel.control_server",
        "kernel.datagrams", "kernel.dispositions", "kernel.execute", "kernel.failures",
        "kernel.further_starts", "kernel.helpers", "kernel.identity", "kernel.job", "kernel.journal_file",
        "kernel.limits", "kernel.listening", "kernel.look", "kernel.netlink", "kernel.notices", "kernel.origin",
        "kernel.pipes", "kernel.proc", "kernel.process_names", "kernel.regular", "kernel.relay", "kernel.relays",
        "kernel.sd_notify", "kernel.sender", "kernel.sockets", "kernel.spawn", "kernel.status", "kernel.surroundings",
        "kernel.tagging", "kernel.tags", "kernel.telling", "kernel.terminal", "kernel.unmet", "kernel.unwaited",
        "kernel.variables", "kernel.watches", "kernel.world", "kernel.writer", "log.messages", "log.narrate",
        "log.printable", "log.sink", "watch.answers", "watch.counts", "watch.texts", "watch.unchanged",
    )
)  # fmt: skip

#: Modules that have another form in the static executable.
INSTEAD = {
    f"sigroute.pid1.kernel.{name}": PACKAGE / "pid1" / "watch" / f"{name}.py"
    for name in ("datagrams", "inherited", "libc", "limits", "netlink", "polling", "restore", "sockets")
}


def compiled(python: str, kinds: Iterable[str] = ROOTS) -> dict[str, bytes]:
    """Return these parts, compiled by this Python."""
    files = {kind: closure(ROOTS[kind], INSTEAD) for kind in ROOTS}
    core = core_of(list(files.values()))
    rest = {kind: {name: path for name, path in files[kind].items() if name not in core} for kind in kinds}
    others = {name: path for each in rest.values() for name, path in each.items()}
    code: dict[str, bytes] = dict(marshal.loads(bytecode(START | others, python, "--each")))  # noqa: S302 - our own
    (engine,) = (code.pop(name) for name in START)
    data, places = joined((name, each, name in LATER) for name, each in code.items())
    indices = {
        f"index {kind}": marshal.dumps((ROOTS[kind][-1], [places[name] for name in rest[kind]]), PLAIN) for kind in rest
    }
    used = used_of_posix(path for each in files.values() for path in each.values())
    return {
        "sources": sources(),
        "engine": engine,
        "core": bytecode(core, python),
        "posix": b"".join(b"\0%s\0" % name.encode() for name in sorted(used)),
        "modules": data,
        **indices,
    }


def core_of(kinds: list[dict[str, Path]]) -> dict[str, Path]:
    """Return the modules that every kind of init loads at once.

    Their bytecode is one object, so that each name in it is made once: a tenth of the time to load the engine.
    """
    first, *others = kinds
    return {name: path for name, path in first.items() if name not in LATER and all(name in each for each in others)}


def joined(modules: Iterable[tuple[str, bytes, bool]]) -> tuple[bytes, dict[str, Place]]:
    """Return modules one after the other, and where each is, by its name.

    :param modules: name and bytecode, and whether it is loaded later.
    """
    data, places = b"", {}
    for name, code, later in modules:
        places[name] = (name, len(data), len(code), later)
        data += code
    return data, places


def used_of_posix(files: Iterable[Path]) -> frozenset[str]:
    """Return which names of posix these modules use."""
    trees = [ast.parse(path.read_bytes()) for path in files]
    return frozenset(
        node.attr
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "posix"
    )
