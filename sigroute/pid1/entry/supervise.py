"""What stays: the loop over the kernel and the log, until the end."""

from __future__ import annotations

import gc

from sigroute.pid1 import loop
from sigroute.pid1.compat.messages import Messages
from sigroute.pid1.kernel import job, output
from sigroute.pid1.kernel.seam import Kernel
from sigroute.pid1.kernel.spawn import Start
from sigroute.pid1.kernel.surroundings import leave
from sigroute.pid1.kernel.terminal import NONE
from sigroute.pid1.log.log import Log
from sigroute.pid1.log.observer import Narrator

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from sigroute.pid1.kernel.execute import CannotRunError
    from sigroute.pid1.kernel.manner import Manner
    from sigroute.pid1.plan import Launch


def supervise(launch: Launch, manner: Manner, begun: Start | CannotRunError | None) -> NoReturn:
    """Supervise, and end as the rules say.

    :param begun: the start of the first child, or why there is none; None: it has not been started.
    """
    leave(directory=manner.leaves, descriptors=manner.closes, spared=begun.pipe if isinstance(begun, Start) else NONE)
    gc.freeze()  # what is loaded stays: nobody need look through it again
    gc.enable()
    if launch.says is None:
        teller: Log | Messages = Log(launch.log_format, launch.log_level)
    else:
        teller = Messages(launch.says, launch.plan.children[0].argv[0] if launch.plan.children else b"")
    kernel = Kernel(launch.plan, begun, manner)
    code = loop.run(launch, kernel, [Narrator(launch.plan, teller)])
    job.take_back(kernel.lent)
    output.end(code)
