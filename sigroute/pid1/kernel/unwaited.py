"""Taking signals where the kernel refuses to wait for them: a filter knows no rt_sigtimedwait(2), or no timer.

They are looked for some times a second, and taken by unblocking them for a moment: the handler that each has does
nothing, and nobody tells who sent it.
"""

from __future__ import annotations

import time

from sigroute.pid1.kernel.refusals import optional

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal as _signal
else:
    import _signal  # signal itself imports enum: 3 ms and 1 MB

#: Seconds from one look to the next.
LOOK = 0.1


def find(among: frozenset[int], end: float | None) -> int:
    """Return the first of these signals that is there, until ``end`` (seconds of CLOCK_MONOTONIC); 0: none came."""
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
