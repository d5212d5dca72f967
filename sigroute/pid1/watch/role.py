"""The start of a stand-in in the static executable."""

from __future__ import annotations

import marshal
import sys

from sigroute.pid1.compat.messages import Messages
from sigroute.pid1.compat.role import Call, orphaned, prepare
from sigroute.pid1.compat.routes_plan import plan_of
from sigroute.pid1.kernel.spawn import attempt
from sigroute.pid1.kernel.start import NONE, Start
from sigroute.pid1.kernel.surroundings import environment, leave
from sigroute.pid1.names import mask_of
from sigroute.pid1.plan import Launch
from sigroute.pid1.watch import core
from sigroute.pid1.watch.rules import text
from sigroute.pid1.watch.supervise import supervise

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

#: As the kernel numbers them (signal(7)).
SIGNALS = range(1, 65)

#: The C library keeps these for itself (nptl(7)). So the programs that it stands in for leave them as they were.
OF_LIBC = frozenset((32, 33))


def enter() -> NoReturn:
    """Start the child, and supervise it as that program does."""
    given, *_ = core.before()
    name, *words = [word.decode("utf-8", "surrogateescape") for word in given]
    if words in (["--sigroute-version"], ["--sigroute-rules"]) and core.part("version"):
        from sigroute.pid1.entry.about import answer  # noqa: PLC0415 - where it is needed only

        answer(words, name, text("version"), text("rules"))
    module, version = marshal.loads(core.part("plan"))  # noqa: S302 - the payload's hash was checked
    blocked = frozenset([number for number in SIGNALS if core.blocked() >> (number - 1) & 1])
    call = Call(
        name=name.rpartition("/")[2], words=tuple(words), environ=environment(), blocked=blocked, version=version
    )
    role = sys.modules[module].play(call)
    core.ready()  # first, as it takes back the guard's handlers: the role may leave those signals to the kernel
    core.leave(mask_of(role.init.unhandled | OF_LIBC - blocked))
    notes = prepare(role)
    command = tuple([word.encode("utf-8", "surrogateescape") for word in role.command])
    start = role.start.but(keep_ignored=role.start.keep_ignored | OF_LIBC)
    begun = attempt(command, start, terminal=True) if command else None
    plan = plan_of(role.routes, command)
    launch = Launch(plan=plan, notes=notes + orphaned(role))
    # Before a descriptor is opened for the messages, as this may close all of them.
    spared = begun.pipe if isinstance(begun, Start) else NONE
    leave(directory=role.init.chdir_root, descriptors=role.init.close_descriptors, spared=spared)
    says = Messages(role.says, command[0] if command else b"")
    supervise(launch, begun, start=start, init=role.init, says=says)
