"""Reaping children one by one, by waitid(2) where the kernel refuses waitpid(2)."""

from __future__ import annotations

import posix

from sigroute.pid1.engine.events import Childless, Exited, NotReaped
from sigroute.pid1.exit_codes import BY_SIGNAL
from sigroute.pid1.kernel.refusals import twice, words
from sigroute.pid1.kernel.spawn import has_stopped
from sigroute.pid1.kernel.status import decode_status

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal as _signal

    from sigroute.pid1.engine.events import Event
    from sigroute.pid1.kernel.starts import Starts
else:
    import _signal  # signal itself imports enum: 3 ms and 1 MB

#: Options of waitpid(2), which never waits here: exits and continued children; stopped ones.
NO_STOPS, STOPS = posix.WNOHANG | posix.WCONTINUED, posix.WNOHANG | posix.WUNTRACED


class Reaper:
    """Collects what has become of children."""

    def __init__(self, heard: frozenset[int], starts: Starts) -> None:
        self.starts = starts
        #: The signals that come before a child's stop is dealt with.
        self.heard = heard - {_signal.SIGCHLD}
        #: A child may have stopped since that was last looked at: CHLD tells of it (sigaction(2), SA_NOCLDSTOP).
        self.looks = True
        #: NotReaped was returned once.
        self.told = False

    def reap(self) -> Event | None:
        """Return the event of one child; None if nothing has happened to any, Childless if there is none.

        To be called until then after every wake-up, whatever woke us: signals coalesce, exits do not. And one by
        one: a process that has been reaped has lost its pid, so the engine must know before it does anything else.
        """
        try:
            pid, status = posix.waitpid(-1, NO_STOPS)
            if not pid and self.looks and self._has_stopped():
                pid, status = posix.waitpid(-1, STOPS)
        except ChildProcessError:
            return Childless()
        except OSError:
            return self._reap_otherwise()
        if not pid:
            self.starts.look()
            return None
        event = decode_status(pid, status)
        return self.starts.fate(event) if isinstance(event, Exited) else event

    def _reap_otherwise(self) -> Event | None:
        """Reap by waitid(2). If that is refused, too, return NotReaped once and go on without reaping."""
        try:
            ended = twice(posix.waitid, posix.P_ALL, 0, posix.WEXITED | posix.WNOHANG)
        except ChildProcessError:
            return Childless()
        except OSError as error:
            told, self.told = self.told, True
            return None if told else NotReaped(reason=words(error))
        if ended is None:
            return None
        number = ended.si_status
        if ended.si_code == posix.CLD_EXITED:
            return self.starts.fate(Exited(pid=ended.si_pid, status=number))
        return self.starts.fate(Exited(pid=ended.si_pid, status=BY_SIGNAL + number, signal=number))

    def _has_stopped(self) -> bool:
        """Tell whether a child has stopped, and no signal is to be dealt with before that.

        A shell ends a stopped job with TERM, then CONT: a child that was stopped for reading is so again at once, and
        stopping with it would keep the TERM from it.
        """
        self.looks = has_stopped()
        return self.looks and self.heard.isdisjoint(_signal.sigpending())
