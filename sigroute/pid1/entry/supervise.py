"""The loop with its kernel and its log, until the end."""

from __future__ import annotations

import gc

from sigroute.pid1 import loop
from sigroute.pid1.engine import many
from sigroute.pid1.kernel import job, output
from sigroute.pid1.kernel.options import DEFAULT_INIT, DEFAULT_START
from sigroute.pid1.kernel.seam import Kernel
from sigroute.pid1.kernel.start import NONE, Start
from sigroute.pid1.kernel.surroundings import leave
from sigroute.pid1.log.log import Log
from sigroute.pid1.log.observer import Narrator

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from sigroute.pid1.compat.messages import Messages
    from sigroute.pid1.compat.role import Says
    from sigroute.pid1.kernel.options import InitOptions, StartOptions
    from sigroute.pid1.kernel.start import CannotRunError
    from sigroute.pid1.log.observer import Observer
    from sigroute.pid1.plan import Launch


def supervise(
    launch: Launch,
    begun: Start | CannotRunError | None,
    start: StartOptions = DEFAULT_START,
    init: InitOptions = DEFAULT_INIT,
    says: Says | None = None,
) -> NoReturn:
    """Supervise the children, and end with the exit code that the rules say.

    :param begun: the start of the first child, or why it failed; None: it was not tried yet.
    :param says: the messages of the program that sigroute stands in for; None: it has its own log.
    """
    if launch.plan.has_worlds():
        from sigroute.pid1.kernel.world import ready  # noqa: PLC0415 - where it is needed only

        launch = ready(launch)
    if launch.plan.has_conditions():
        from sigroute.pid1.kernel import conditions  # noqa: F401, PLC0415 - as above; starts.py uses it
    if launch.plan.is_accounted():
        many.load(many.NAMES if launch.plan.many else many.SEVERAL)
    if launch.plan.many:
        from sigroute.pid1.kernel import listening  # noqa: F401, PLC0415 - as above; seam.py uses it
    if launch.plan.has_idle():
        from sigroute.pid1.kernel import connections, netlink  # noqa: F401, PLC0415 - as above; seam.py uses it

        netlink.load()
    spared = begun.pipe if isinstance(begun, Start) else NONE
    leave(directory=init.chdir_root, descriptors=init.close_descriptors, spared=spared)
    gc.freeze()  # modules are no garbage: the collector need not search them
    gc.enable()
    if says is None:
        teller: Log | Messages = Log(launch.log_format, launch.log_level)
    else:
        from sigroute.pid1.compat.messages import Messages  # noqa: PLC0415 - as above

        teller = Messages(says, launch.plan.children[0].argv[0] if launch.plan.children else b"")
    kernel = Kernel(launch.plan, begun, start, init)
    observers: list[Observer] = [Narrator(launch.plan, teller, kernel.starts.last_lines)]
    if launch.plan.journal and isinstance(teller, Log):
        from sigroute.pid1.journal.observer import Journal  # noqa: PLC0415 - where it is needed only

        observers.append(Journal(launch.plan, teller))
    control = kernel.starts.control
    if control is not None:
        from sigroute.pid1.control.counts import Counts  # noqa: PLC0415 - where it is needed only

        control.counts = Counts(launch.plan)
        observers += [control, control.counts]
    code = loop.run(launch, kernel, observers)
    job.take_back(kernel.foreground_pgid)
    output.end(code)
