"""The parts of the static executable's payload."""

from __future__ import annotations

import marshal
from typing import TYPE_CHECKING

from sigroute import __version__
from sigroute.executable import executable
from sigroute.handover import to_wire
from sigroute.pid1.compat import ROLES
from sigroute.pid1.encode import PLAIN
from sigroute.static.carried import resident
from sigroute.static.table import control_of, table_of, table_of_role

if TYPE_CHECKING:
    from sigroute.about import About
    from sigroute.pid1.plan import Launch


def static_init(launch: Launch, about: About, runtime: bytes) -> bytes:
    """Return the bytes of a static init that runs by rules.

    :param runtime: what ``runtimes.runtime`` returns.
    :raises NoRuntimeError: it has no bytecode of these sources.
    """
    plan = {"plan": marshal.dumps(to_wire(launch), PLAIN), **control_of(launch.plan)}
    return _init(table_of(launch), "rules", plan, about, runtime)


def static_role(name: str, about: About, runtime: bytes) -> bytes:
    """Return the bytes of a static stand-in for another init.

    :param runtime: what ``runtimes.runtime`` returns.
    :raises NoRuntimeError: it has no bytecode of these sources.
    """
    module = ROLES[name]
    plan = marshal.dumps((f"sigroute.pid1.compat.{module}", __version__), PLAIN)
    return _init(table_of_role(), module, {"plan": plan}, about, runtime)


def _init(table: bytes, part: str, plan: dict[str, bytes], about: About, runtime: bytes) -> bytes:
    return executable(
        runtime,
        {
            "table": table,
            **resident(runtime, part),
            **plan,
            "version": f"sigroute {__version__}\n{about}\n".encode(),
            "rules": about.rules.encode("utf-8", "surrogateescape"),
        },
    )
