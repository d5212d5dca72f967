"""The loop of the static executable: the engine with the watch below it, until the end."""

from __future__ import annotations

import gc

from sigroute.pid1 import loop
from sigroute.pid1.kernel import job, output
from sigroute.pid1.kernel.options import DEFAULT_INIT, DEFAULT_START
from sigroute.pid1.log.log import Log
from sigroute.pid1.log.observer import Narrator
from sigroute.pid1.watch import core
from sigroute.pid1.watch.kernel import WatchKernel
from sigroute.pid1.watch.refill import Refill
from sigroute.pid1.watch.sink import WatchSink

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from sigroute.pid1.compat.messages import Messages
    from sigroute.pid1.kernel.options import InitOptions, StartOptions
    from sigroute.pid1.kernel.start import CannotRunError, Start
    from sigroute.pid1.log.observer import Observer
    from sigroute.pid1.plan import Launch
    from sigroute.pid1.watch.core import Told


def supervise(  # noqa: PLR0913 - what is handed over, and what a stand-in does in other ways
    launch: Launch,
    begun: Start | CannotRunError | None,
    *,
    handed: tuple[Told | None] | None = None,
    start: StartOptions = DEFAULT_START,
    init: InitOptions = DEFAULT_INIT,
    says: Messages | None = None,
) -> NoReturn:
    """Supervise the children, and end with the exit code that the rules say.

    :param begun: the start of the first child, or why it failed; None: it was not tried yet.
    :param handed: the watch has logged that start, and this is the event since then, if any; None: it has not.
    :param says: the messages of the program that sigroute stands in for; None: it has its own log.
    """
    if launch.plan.has_worlds():
        from sigroute.pid1.kernel.world import ready  # noqa: PLC0415 - where it is needed only

        launch = ready(launch)
    if launch.plan.has_conditions():
        from sigroute.pid1.kernel import conditions  # noqa: F401, PLC0415 - as above; starts.py uses it
    kernel = WatchKernel(launch.plan, begun, start, init)
    observers: list[Observer] = []
    control = kernel.starts.control
    if says is None:
        log = Log(launch.log_format, launch.log_level, opened=WatchSink())
        observers = [Narrator(launch.plan, log, kernel.starts.last_lines)]
        if launch.plan.journal:  # it has every signal, so the watch answers none
            from sigroute.pid1.journal.observer import Journal  # noqa: PLC0415 - where it is needed only

            observers.append(Journal(launch.plan, log))
        else:
            refill = Refill(launch.plan, log, kernel.starts)
            observers.append(refill)
            if control is not None:
                control.forked = refill.again
        if control is not None:
            from sigroute.pid1.watch.counts import WatchCounts  # noqa: PLC0415 - as above

            control.counts = WatchCounts(launch.plan, started=handed is not None)
            observers += [control, control.counts]
    else:
        observers = [Narrator(launch.plan, says)]
    events = None if handed is None else kernel.hand_over(handed[0])
    gc.freeze()  # modules stay: the collector need not search them
    gc.enable()
    core.ready()  # from here on an exception leads to pid1/fallback.py, which knows all children
    code = loop.run(launch, kernel, observers, events)
    job.take_back(kernel.foreground_pgid)
    output.end(code)
