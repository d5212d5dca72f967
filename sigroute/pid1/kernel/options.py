"""How sigroute starts a child, and how it behaves itself as an init.

The defaults are sigroute's own. A stand-in for another init (compat/) differs in these options and in its plan.
"""

from __future__ import annotations

from sigroute.pid1.exit_codes import CANNOT_RUN, NOT_FOUND
from sigroute.pid1.kernel.abi import EAGAIN, EMFILE, ENFILE, ENOENT, ENOMEM
from sigroute.pid1.record import Record

#: In ``exit_codes``: every error that is not named.
ANY_ERROR = 0

#: In ``exit_codes``: the start is tried again later.
RETRY = 0

#: INT, QUIT, TSTP, TTIN, TTOU, WINCH: a terminal sends each to a whole process group (termios(3), tty_ioctl(4)).
TTY_SIGNALS = frozenset((2, 3, 20, 21, 22, 28))

#: What the log says of orphans where sigroute is not PID 1.
ADOPTS = "not PID 1: orphans are adopted as a subreaper"
ADOPTS_NOT = "not PID 1, and no subreaper: orphans are left to another"

#: What the log says where the control socket can't be had.
NO_CONTROL = "no control socket at {path}: {reason}"


class StartOptions(Record):
    """How a child is started."""

    group: str = "own"
    """The child gets a process group of its ``own``, or a ``session`` of its own, or sigroute's group (``shared``)."""
    terminal: str = "foreground"
    """How the child that owns the terminal gets it: a name in ``kernel.terminal.WAYS``."""
    keep_ignored: frozenset[int] = frozenset()
    """The child ignores these signals if sigroute was started with them ignored. It gets the default for the rest."""
    blocked: frozenset[int] = frozenset()
    """The child's signal mask."""
    avoided: frozenset[int] = frozenset()
    """It must not have one of these pids: the exit of the process that had it is not told yet (kernel/relays.py)."""
    pid_variables: tuple[bytes, ...] = (b"LISTEN_PID", b"WATCHDOG_PID")
    """Variables that get the child's pid where they have sigroute's (sd_listen_fds(3), sd_watchdog_enabled(3))."""
    exit_codes: dict[int, int] = {  # noqa: RUF012 - a default, never changed
        ENOENT: NOT_FOUND,
        **dict.fromkeys((EAGAIN, ENOMEM, ENFILE, EMFILE), RETRY),
        ANY_ERROR: CANNOT_RUN,
    }
    """By errno: the exit code of a child that cannot be started."""
    messages: dict[str, str] = {}  # noqa: RUF012 - as above
    """By ``execute.CannotRunError.what``: a text that replaces sigroute's own."""


class InitOptions(Record):
    """How sigroute behaves itself."""

    unhandled: frozenset[int] = frozenset()
    """sigroute neither blocks nor catches these signals: the kernel's default action applies to it."""
    tty_signals: frozenset[int] = TTY_SIGNALS
    """If the child shares sigroute's process group, these are not routed: the terminal sends them to the child, too."""
    chdir_root: bool = False
    """sigroute changes to ``/`` after the first start, so that it keeps no file system busy."""
    close_descriptors: bool = False
    """sigroute then closes all descriptors but the standard ones."""

    control: tuple[int, ...] = ()
    """The descriptors of the control socket, which it has kept over its exec (kernel/control_socket.py); none: it has
    no such socket."""


DEFAULT_START = StartOptions()
DEFAULT_INIT = InitOptions()
