"""What this process has inherited: the signals that were ignored when it was started.

The static executable has another form of this file (watch/inherited.py): there the watch has kept that.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal as _signal
    from collections.abc import Iterable
else:
    import _signal  # signal itself imports enum: 3 ms and 1 MB

#: CPython ignores these at its start, so nobody can tell whether its parent did. exec keeps ignored signals ignored.
OF_PYTHON = {_signal.SIGPIPE, _signal.SIGXFSZ}


def ignored(among: Iterable[int]) -> frozenset[int]:
    """Return which of these signals were ignored when this process started."""
    return frozenset([each for each in among if each not in OF_PYTHON and _signal.getsignal(each) == _signal.SIG_IGN])
