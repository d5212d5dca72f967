"""While rules are read: where that takes long, a stop ends sigroute, as there is nothing yet that could act on it.

A stop that comes earlier stays pending until the rules are there and say what it does. This is for what takes seconds:
a file on a file system that does not answer, most of all, and a full pipe that nobody reads, when rules are wrong.
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

#: Seconds after which the thread looks whether it is still wanted.
TURN = 0.1


@contextmanager
def patient() -> Iterator[None]:
    """End with 128 + the stop signal that comes when this has lasted too long.

    A thread waits for it, as signals are blocked in all: a handler would run between two bytecodes of the first thread
    only, and not while that is in a system call that is not interrupted. ``_exit`` ends that, too, where it can be
    killed (a read from a dead NFS server, nfs(5)). What holds the interpreter's lock, such as a compiled parser, delays
    it.
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

    with suppress(RuntimeError):  # where no thread can be made, a stop waits until the rules are read
        _thread.start_new_thread(watch, ())
    try:
        yield
    finally:
        over.append(True)
        with gate:
            pass  # what the thread had taken would be lost with it in the exec
