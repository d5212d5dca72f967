"""What a program expects of its signals: nothing blocked, nothing ignored, but for what it is to inherit.

The static executable has another form of this file (watch/restore.py), which can also restore 32 and 33.
"""

from __future__ import annotations

from sigroute.pid1.kernel.mask import RECEIVABLE

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal as _signal
else:
    import _signal  # signal itself imports enum: 3 ms and 1 MB


def restore(blocked: frozenset[int] = frozenset(), spared: frozenset[int] = frozenset()) -> None:
    """Reset all signals to the default, but ignore the spared ones; then set the mask."""
    for number in RECEIVABLE:  # before the mask, so that no handler of ours can run
        _signal.signal(number, _signal.SIG_IGN if number in spared else _signal.SIG_DFL)
    _signal.pthread_sigmask(_signal.SIG_SETMASK, blocked)
