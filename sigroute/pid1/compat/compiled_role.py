"""The start of a compiled stand-in: what must be loaded before its child can run."""

from __future__ import annotations

import marshal
import sys

from sigroute.pid1.compat.role import Call, orphaned, prepare
from sigroute.pid1.kernel.bare import guarded
from sigroute.pid1.kernel.mask import RECEIVABLE, block
from sigroute.pid1.kernel.spawn import attempt
from sigroute.pid1.kernel.surroundings import as_given, environment, in_bytes, without_locale

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from sigroute.pid1.entry.boot import Parts


def main(parts: Parts) -> NoReturn:
    """Start the child, load the rest meanwhile, and supervise."""
    blocked = without_locale(parts.blocked)
    words = sys.argv[2:]
    later = parts.read(f"later {parts.form}")  # read before the child starts: no file is needed afterwards
    module, version = marshal.loads(parts.read("plan"))  # noqa: S302 - the seal of the file was checked
    if words in (["--sigroute-version"], ["--sigroute-rules"]):
        parts.load(later)
        from sigroute.pid1.entry.about import answer  # noqa: PLC0415 - loaded one line above

        answer(words, sys.argv[1], *parts.about())
    as_given()
    role = sys.modules[module].play(
        Call(
            name=sys.argv[1].rpartition("/")[2],
            words=tuple(words),
            environ=environment(),
            # env --block-signal loses the original mask: the program starts with nothing blocked.
            blocked=frozenset() if blocked >= RECEIVABLE else blocked & RECEIVABLE,
            version=version,
        )
    )
    parts.close()
    block(role.init.unhandled, role.start.keep_ignored)
    notes = prepare(role)
    command = tuple([in_bytes(word) for word in role.command])
    begun = attempt(command, role.start, terminal=True) if command else None
    held = [later]
    del later  # this frame never ends, and would keep 200 kB

    def rest() -> NoReturn:
        parts.load(held.pop())
        from sigroute.pid1.compat.routes_plan import plan_of  # noqa: PLC0415 - while the child starts
        from sigroute.pid1.entry.supervise import supervise  # noqa: PLC0415 - as above
        from sigroute.pid1.plan import Launch  # noqa: PLC0415 - as above

        launch = Launch(plan=plan_of(role.routes, command), notes=notes + orphaned(role))
        supervise(launch, begun, role.start, role.init, role.says)

    guarded(begun, role.init.unhandled, rest)
