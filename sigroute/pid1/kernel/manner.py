"""How sigroute conducts itself at its start, and how it starts its children.

sigroute's own manner is the default of each field. What stands in for another init (compat/) differs here, and in the
plan.
"""

from __future__ import annotations

from sigroute.pid1.kernel.abi import EAGAIN, EMFILE, ENFILE, ENOENT, ENOMEM
from sigroute.pid1.record import Record

#: In ``statuses``: every reason that is not named.
ANY_REASON = 0

#: sigroute's own ``statuses``.
STATUSES = {ENOENT: 127, EAGAIN: 0, ENOMEM: 0, ENFILE: 0, EMFILE: 0, ANY_REASON: 126}

#: The terminal sends these to a whole process group: INT, QUIT, TSTP, TTIN, TTOU, WINCH (termios(3), tty_ioctl(4)).
TYPED = frozenset((2, 3, 20, 21, 22, 28))


class Manner(Record):
    """All that the kernel seam has to know beside the plan; plain values, as they go over exec with marshal."""

    group: str = "own"
    """Where a child is: in a process group of its ``own``, a ``session`` of its own, or sigroute's (``shared``)."""
    terminal: str = "foreground"
    """How the child whose terminal it is gets it, a name in ``kernel.terminal.WAYS``."""
    deaf: frozenset[int] = frozenset()
    """Signals that sigroute neither blocks nor waits for: they do to it what the kernel does."""
    ignored: frozenset[int] = frozenset()
    """Signals that the children ignore if sigroute was started so; they have the default for the rest."""
    blocked: frozenset[int] = frozenset()
    """What is blocked in a child."""
    meant: tuple[bytes, ...] = (b"LISTEN_PID", b"WATCHDOG_PID")
    """Variables that are made to mean the child where they mean sigroute (sd_listen_fds(3), sd_watchdog_enabled(3))."""
    typed: frozenset[int] = TYPED
    """Of what the terminal sends, what is not routed where the child is in sigroute's process group: it has it too."""
    statuses: dict[int, int] = STATUSES
    """By errno: the exit code of a child that can't be started; 0: it is tried again later, which may help."""
    failures: dict[str, str] = {}  # noqa: RUF012 - as above
    """By what has failed, a name in ``execute.CannotRunError``: how that is told, where not in sigroute's own words."""
    leaves: bool = False
    """sigroute goes to ``/`` when the first child runs: it keeps no file system busy."""
    closes: bool = False
    """It closes all but the standard descriptors then."""


#: sigroute's own.
OWN = Manner()
