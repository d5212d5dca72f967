"""Taking signals where a seccomp filter forbids rt_sigtimedwait(2) or timers.

Pending signals are looked for some times a second. Each is taken by unblocking it for a moment: its handler does
nothing, and its sender stays unknown.
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
    """Return one of these signals; 0 if none is pending until ``end`` (seconds of CLOCK_MONOTONIC)."""
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
