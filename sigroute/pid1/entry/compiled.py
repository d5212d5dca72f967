"""The start of a compiled init: what must be loaded before its first child can run."""

from __future__ import annotations

import marshal
import sys

from sigroute.pid1.kernel.bare import guarded
from sigroute.pid1.kernel.mask import block
from sigroute.pid1.kernel.options import DEFAULT_INIT, DEFAULT_START
from sigroute.pid1.kernel.spawn import attempt
from sigroute.pid1.kernel.surroundings import as_given, in_bytes, subreaper, without_locale

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from sigroute.pid1.entry.boot import Parts


def main(parts: Parts) -> NoReturn:
    """Start the first child, load the rest meanwhile, and supervise."""
    without_locale(parts.blocked)
    words = sys.argv[2:]
    later = parts.read(f"later {parts.form}")  # read before the child starts: no file is needed afterwards
    first, plan = marshal.loads(parts.read("plan"))  # noqa: S302 - the seal of the file was checked
    if words and words[0].startswith("-") and words[0] != "--":
        parts.load(later)
        parts.load(parts.read(f"asked {parts.form}"))
        from sigroute.pid1.entry.about import answer  # noqa: PLC0415 - loaded two lines above
        from sigroute.pid1.plan import from_wire  # noqa: PLC0415 - as above

        answer(words, sys.argv[1], *parts.about(), control=from_wire(first, plan).plan.control)
    serve = parts.later(f"asked {parts.form}") if parts.has(f"asked {parts.form}") else None
    parts.close()
    block()
    notes = subreaper()
    as_given()
    command = tuple([in_bytes(word) for word in (words[1:] if words[:1] == ["--"] else words)])
    begun = None
    if first is not None:
        argv, terminal, taker = first
        if bool(command) == (taker is not None):
            begun = attempt(command if taker == 0 else argv, DEFAULT_START, terminal=terminal)
    held = [later, plan]
    del later, plan  # this frame never ends, and would keep 200 kB

    def rest() -> NoReturn:
        parts.load(held.pop(0))
        from sigroute.pid1.entry.about import misused  # noqa: PLC0415 - while the child starts
        from sigroute.pid1.entry.command import UsageError, complete  # noqa: PLC0415 - as above
        from sigroute.pid1.entry.supervise import supervise  # noqa: PLC0415 - as above
        from sigroute.pid1.plan import from_wire  # noqa: PLC0415 - as above

        launch = from_wire(first, held.pop())
        if launch.plan.templates:
            launch = sys.modules["sigroute.pid1.entry.expand"].ready(launch)  # only then is it in the file
        try:
            launch = launch.but(plan=complete(launch.plan, command), notes=notes)
        except UsageError as error:
            misused(sys.argv[1], str(error))
        init = DEFAULT_INIT
        if launch.plan.control:
            from sigroute.pid1.kernel import control, control_socket  # noqa: PLC0415 - only then is it in the file

            launch, init = control_socket.begun(launch)
            control.before += [serve] if serve is not None else []
        supervise(launch, begun, init=init)

    guarded(begun, frozenset(), rest)
