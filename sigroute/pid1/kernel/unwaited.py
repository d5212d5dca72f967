"""Taking signals if a filter (seccomp(2)) refuses rt_sigtimedwait(2), or the timer.

This polls for pending signals some times a second, and takes one by unblocking it for a moment: its handler does
nothing. The sender remains unknown.
"""

from __future__ import annotations

import time

from sigroute.pid1.kernel.refusals import optional

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal as _signal
else:
    import _signal  # signal itself imports enum: 3 ms and 1 MB

#: Seconds between two polls.
LOOK = 0.1


def find(among: frozenset[int], end: float | None) -> int:
    """Return the first of these signals that is pending; 0 if none is by ``end`` (seconds of CLOCK_MONOTONIC)."""
    while True:
        found = min(among & _signal.sigpending(), default=0)
        if found:
            _signal.pthread_sigmask(_signal.SIG_UNBLOCK, {found})
            _signal.pthread_sigmask(_signal.SIG_BLOCK, {found})
            return found
        left = LOOK if end is None else end - time.monotonic()
        if left <= 0:
            return 0
        optional(time.sleep, min(left, LOOK))
