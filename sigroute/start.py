"""The first instructions: block every signal, then see what is asked for.

A signal that reaches a PID 1 that neither blocks nor handles it is dropped by the kernel
(pid_namespaces(7)), so nothing is imported, parsed or opened before this.
"""

from __future__ import annotations

import gc
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal as _signal
else:
    import _signal  # signal itself imports enum: 3 ms in which a signal would be lost


def main() -> int:
    """Be the ``sigroute`` command; return its exit code, unless it becomes PID 1's resident."""
    before = _signal.pthread_sigmask(_signal.SIG_BLOCK, _signal.valid_signals())
    gc.disable()  # what is loaded here is in use until the end, which is soon: 3 ms of looking through it
    from sigroute import cli  # noqa: PLC0415 - after the signals are blocked, not before

    if not sys.flags.inspect:
        return cli.main(before)
    try:
        code = cli.main(before)
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0
    # Somebody's PYTHONINSPECT would have the interpreter ask for more (python(1)). What was written has been flushed.
    os._exit(code)
