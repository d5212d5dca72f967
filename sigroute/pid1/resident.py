"""What stays: the loop over the kernel and the log, until the end."""

from __future__ import annotations

import gc
import posix

from sigroute.pid1 import loop
from sigroute.pid1.kernel.seam import Kernel
from sigroute.pid1.log import Log

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from sigroute.pid1.kernel.spawn import CannotRunError
    from sigroute.pid1.plan import Launch


def supervise(launch: Launch, environ: dict[bytes, bytes], begun: int | CannotRunError | None) -> NoReturn:
    """Supervise, and end as the rules say.

    :param environ: the children's.
    :param begun: the first child's pid, or why it does not run; None: it has not been started.
    """
    gc.freeze()  # what is loaded stays: nobody need look through it again
    gc.enable()
    code = loop.run(launch, Kernel(launch.plan, environ, begun), Log(launch.log_format, launch.log_level))
    posix._exit(code)  # noqa: SLF001 - nothing is left to clean up, and as PID 1 nobody to do it for
