"""While rules are read: if that takes long, a stop ends sigroute, as no rules can act on it yet.

A stop that comes early stays pending until the rules are there to say what it does. Reading takes seconds if a file
system does not answer, or if the errors go to a full pipe that nobody reads.
"""

from __future__ import annotations

import _thread
import os
import signal
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from sigroute.language import STOP_SIGNALS

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Seconds that reading may take; 256 KiB of anything take about one.
PATIENCE = 2.0

#: Seconds between two looks of the thread whether reading is over.
TURN = 0.1


@contextmanager
def patient() -> Iterator[None]:
    """Exit with 128 + the number of a stop signal that comes when this has lasted too long.

    A thread waits for the signal, which all threads block. A handler would not do: Python runs it between two bytecodes
    of the first thread, and so never while that thread is stuck in a system call. ``_exit`` ends such a thread as well,
    if it can be killed (as in a read from a dead NFS server, nfs(5)). Code that keeps the interpreter's lock, such as
    a compiled parser, delays it.
    """
    over: list[bool] = []
    gate = _thread.allocate_lock()

    def watch() -> None:
        time.sleep(PATIENCE)
        while not over:
            with gate:
                taken = None if over else signal.sigtimedwait(STOP_SIGNALS, TURN)
                if taken:
                    os._exit(128 + taken.si_signo)

    with suppress(RuntimeError):  # if no thread can be made, a stop waits until the rules are read
        _thread.start_new_thread(watch, ())
    try:
        yield
    finally:
        over.append(True)
        with gate:
            pass  # else the exec would lose a signal that the thread has just taken
