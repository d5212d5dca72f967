"""Reaping: one process at a time, by waitpid(2), or by waitid(2) if the kernel refuses that."""

from __future__ import annotations

import posix

from sigroute.pid1.engine.events import Childless, Exited, NotReaped
from sigroute.pid1.exit_codes import BY_SIGNAL
from sigroute.pid1.kernel import status as statuses
from sigroute.pid1.kernel.refusals import twice, words

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal as _signal

    from sigroute.pid1.engine.events import Event
    from sigroute.pid1.kernel.starts import Starts
else:
    import _signal  # signal itself imports enum: 3 ms and 1 MB

#: Options of waitpid(2): for exits and continued processes, for exits and stopped processes. Neither waits.
NO_STOPS, STOPS = posix.WNOHANG | posix.WCONTINUED, posix.WNOHANG | posix.WUNTRACED

#: Ask whether a child has stopped, and leave the report for waitpid(2) (waitid(2), WNOWAIT).
HAS_STOPPED = posix.WSTOPPED | posix.WNOHANG | posix.WNOWAIT


class Reaper:
    """Reaps child processes, and reports those that were stopped or continued."""

    def __init__(self, heard: frozenset[int], starts: Starts) -> None:
        self.starts = starts
        #: While one of these signals is pending, no stopped child is reported.
        self.heard = heard - {_signal.SIGCHLD}
        #: A child may have stopped since the last check: CHLD has come (sigaction(2), SA_NOCLDSTOP).
        self.looks = True
        #: NotReaped has been reported.
        self.told = False

    def reap(self) -> Event | None:
        """Return the event for one process that has exited, stopped or continued.

        None: there is no further one. Childless: no child process is left. Call it after every wake-up until then, as
        one CHLD may stand for many exits. It reaps only one process at a time: that process has lost its pid, so the
        engine must know of it before it does anything else.
        """
        try:
            pid, status = posix.waitpid(-1, NO_STOPS)
            if not pid and self.looks and self._has_stopped():
                pid, status = posix.waitpid(-1, STOPS)
        except ChildProcessError:
            return Childless()
        except OSError:
            return self.reap_otherwise()
        if not pid:
            return self.starts.nothing()
        event = statuses.decode_status(pid, status)
        return self.starts.fate(event) if isinstance(event, Exited) else event

    def reap_otherwise(self) -> Event | None:
        """Reap by waitid(2), as waitpid(2) was refused; if both are refused, report that once."""
        try:
            ended = twice(posix.waitid, posix.P_ALL, 0, posix.WEXITED | posix.WNOHANG)
        except ChildProcessError:
            return Childless()
        except OSError as error:
            told, self.told = self.told, True
            return None if told else NotReaped(reason=words(error))
        if ended is None:
            return self.starts.nothing()
        number = ended.si_status
        if ended.si_code == posix.CLD_EXITED:
            return self.starts.fate(Exited(pid=ended.si_pid, status=number))
        return self.starts.fate(Exited(pid=ended.si_pid, status=BY_SIGNAL + number, signal=number))

    def _has_stopped(self) -> bool:
        """Tell whether a child has stopped, and no signal is pending.

        A shell ends a stopped job with TERM, then CONT. A child that was stopped for reading from the terminal is then
        stopped again at once. sigroute must pass TERM on before it learns of that, as it would stop, too.
        """
        self.looks = has_stopped()
        return self.looks and self.heard.isdisjoint(_signal.sigpending())


def has_stopped() -> bool:
    """Tell whether a child has stopped."""
    try:
        return twice(posix.waitid, posix.P_ALL, 0, HAS_STOPPED) is not None
    except OSError:
        return False  # it is a zombie, which waitid(2) without WEXITED does not see; CHLD reports it
