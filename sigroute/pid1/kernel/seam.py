"""The kernel seam: all system calls for the engine, behind a few functions that never raise.

``wait`` takes a signal and may block, ``take_stop`` takes one and never blocks, ``reap`` reaps one process, ``perform``
performs one effect. If the kernel refuses a call, another call does the work, or an event reports the failure. The
engine's tests use a fake with the same functions.
"""

from __future__ import annotations

import posix
import time

from sigroute.pid1.engine import wrapper
from sigroute.pid1.engine.effects import (
    Exit,
    Inspect,
    InspectJob,
    Kill,
    KillOther,
    Lend,
    List,
    Probe,
    Run,
    Say,
    Spawn,
    StopSelf,
)
from sigroute.pid1.engine.events import Inspected, Listed, Signal, Spawned
from sigroute.pid1.kernel import below, dispositions, failures, job, origin, proc, surroundings, terminal, unwaited
from sigroute.pid1.kernel.libc import queue
from sigroute.pid1.kernel.mask import RECEIVABLE, TIMED
from sigroute.pid1.kernel.options import DEFAULT_INIT, DEFAULT_START
from sigroute.pid1.kernel.reaper import Reaper
from sigroute.pid1.kernel.refusals import optional, twice
from sigroute.pid1.kernel.start import Start
from sigroute.pid1.kernel.starts import Starts

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal as _signal
    from collections.abc import Callable
    from signal import struct_siginfo
    from typing import Any

    from sigroute.pid1.engine.effects import Effect
    from sigroute.pid1.engine.events import Event
    from sigroute.pid1.kernel.listening import Tables
    from sigroute.pid1.kernel.options import InitOptions, StartOptions
    from sigroute.pid1.kernel.start import CannotRunError
    from sigroute.pid1.plan import Plan
else:
    import _signal  # signal itself imports enum: 3 ms and 1 MB

#: Compared with each signal: to look up a name here takes half the time of a module's attribute.
SIGCHLD = _signal.SIGCHLD

#: A wait of fewer nanoseconds did not sleep: its signal was pending already.
SLEPT = 20_000


class Kernel:
    """The real kernel; the engine's tests have a fake one."""

    def __init__(
        self,
        plan: Plan,
        begun: Start | CannotRunError | None = None,
        start: StartOptions = DEFAULT_START,
        init: InitOptions = DEFAULT_INIT,
    ) -> None:
        self.plan = plan
        self.tty_signals = init.tty_signals
        self.awaited = RECEIVABLE - init.unhandled
        self.starts = Starts(plan, start, begun)
        if plan.many or plan.has_helpers():
            from sigroute.pid1.kernel.further_starts import FurtherStarts  # noqa: PLC0415 - where it is needed only

            self.starts = FurtherStarts(plan, start, begun)
        if init.control:
            self.starts.attend(init.control)
        self.notices = self.starts.notices
        self.me = posix.getpid()
        #: The process group that was put into the foreground of the terminal; 0: none.
        self.foreground_pgid = 0
        #: The signals that the terminal sends to a child as well, as the child is in sigroute's process group.
        self.typed: frozenset[int] = frozenset()
        self.reaper = Reaper(self.awaited, self.starts)
        self.reap = self.reaper.reap
        #: What was read of the tables of sockets for the effects that are being performed.
        self.tables: Tables = {}
        #: The wait for the last signal has slept.
        self.slept = False
        #: The last deadline at which the timer has fired, in nanoseconds.
        self.measured = 0
        #: Signals from the parent count as sent by the platform: that is how it reaches a sigroute that is not PID 1.
        self.parent = posix.getppid()
        self.perform_by_kind: dict[type[Effect], Callable[[Any], Event | None]] = {
            Spawn: self._spawn,
            Run: self.starts.run,
            Kill: self._kill,
            KillOther: self._kill_other,
            Inspect: self._inspect,
            Probe: self._probe,
            List: self._list,
            InspectJob: self._job,
            Lend: self._job,
            StopSelf: self._job,
            Say: self._nothing,
            Exit: self._exit,
            **self.starts.further,
        }

    @property
    def begun(self) -> int:
        """The pid of the child that was started before this was loaded; 0: none, or the engine knows it already."""
        return self.starts.begun.pid if isinstance(self.starts.begun, Start) else 0

    def now(self) -> int:
        """Return milliseconds of a clock that never goes back (CLOCK_MONOTONIC, clock_gettime(2))."""
        return self._clock() // 1_000_000

    def _clock(self) -> int:
        """Return nanoseconds; never less than the timer has measured, as the clock may be faked (libfaketime)."""
        return max(time.monotonic_ns(), self.measured)

    def wait(self, due: int | None) -> Event | None:
        """Block until a signal arrives, or until ``due``; return the event if there is one.

        This is the only blocking call: no handler runs, and nothing ticks (sigwaitinfo(2)). A timer sends ALRM at
        ``due``. sigtimedwait(2) has a time-out itself, but is interrupted if sigroute was stopped or frozen until after
        it (signal(7)); CPython, up to 3.13 at least, then returns uninitialised memory as a signal. The price of the
        timer: the kernel keeps one pending ALRM only, so one from another process is lost if the timer's is pending.

        :param due: milliseconds of ``now``; None: there is no deadline.
        """
        told = (self.notices and self.notices.next()) or self.starts.overdue()
        if told is not None:
            return told
        due = self.starts.keep(due)
        try:
            return self._wait(due)
        except OSError:  # a filter refuses one of these calls (seccomp(2))
            return self.poll(due)

    def poll(self, due: int | None) -> Event | None:
        """Do the same without rt_sigtimedwait(2)."""
        number = unwaited.find(self.awaited, None if due is None else due / 1e3)
        if number == SIGCHLD:
            self.reaper.looks = True
        if number in (0, SIGCHLD) or number in TIMED:
            return None
        if self.notices is not None and self.notices.take(number, origin.SI_KERNEL, 0):  # or so it seems
            return self.notices.next()
        # The sender is unknown here. Count the terminal as the sender where it may be, else the platform.
        return Signal(signal=number, sender="tty" if number in self.typed else "outside")

    def _wait(self, due: int | None) -> Event | None:
        began = self._clock()
        if due is not None:
            left = due * 1_000_000 - began
            if left <= 0:
                return self._at_once(self.awaited)
            twice(_signal.setitimer, _signal.ITIMER_REAL, left / 1e9)
        info = twice(_signal.sigwaitinfo, self.awaited)
        if due is not None and not self._time_left():
            self.measured = due * 1_000_000
        return self._taken(info, began)

    def _time_left(self) -> bool:
        """Switch the timer off; tell whether it had time left (setitimer(2)), or that cannot be found out."""
        try:
            return twice(_signal.setitimer, _signal.ITIMER_REAL, 0)[0] > 0
        except OSError:
            return True

    def take_stop(self) -> Event | None:
        """Return a pending stop signal, or None; never wait."""
        try:
            return self._at_once(self.plan.stop_signals)
        except OSError:
            return None  # ``wait`` will take it soon

    def _at_once(self, among: frozenset[int]) -> Event | None:
        """Take one of these signals if one is pending; a sigtimedwait(2) that does not wait is never interrupted."""
        info = twice(_signal.sigtimedwait, among, 0)
        return self._taken(info, self._clock()) if info is not None else None

    def _taken(self, info: struct_siginfo, began: int) -> Event | None:
        """Return the event for a signal that was taken, or for what a descriptor tells by it.

        None for CHLD, which the reaper has to know, and for signals that sigroute has caused: by its timer or kill(2).
        """
        number, pid, code = info.si_signo, info.si_pid, info.si_code
        if number == SIGCHLD:
            self.reaper.looks = True
            return None
        if origin.is_from(self.me, code, pid) or (code == origin.SI_KERNEL and number in TIMED):
            return None
        # Python has neither si_fd nor si_value, but both are where si_status is (asm-generic/siginfo.h).
        if self.notices is not None and self.notices.take(number, code, info.si_status):
            return self.notices.next()
        self.slept = self._clock() - began > SLEPT
        value = info.si_status if code == origin.SI_QUEUE else None
        sender = origin.sender(number, code, pid, self.parent)
        return Signal(signal=number, sender=sender, pid=pid, uid=info.si_uid, value=value)

    def give_way(self) -> None:
        """Let the processes run first that were just signalled, if they share sigroute's CPU (sched_yield(2)).

        Do so once after each sleep only: in a storm of signals the next one must not wait for other processes.
        """
        self.tables.clear()
        if self.slept:
            self.slept = False
            optional(posix.sched_yield)

    def perform(self, effect: Effect) -> Event | None:
        """Perform one effect; return the event that answers it, or None if nothing does."""
        try:
            return self.perform_by_kind[type(effect)](effect)
        except (OSError, MemoryError) as error:
            return failures.failed(effect, error)

    def _nothing(self, _effect: Effect) -> None:
        """Do nothing: observers have the words of Say."""

    def _exit(self, _effect: Exit) -> None:
        """Clear up; the loop ends."""
        self.starts.finish()

    def _spawn(self, effect: Spawn) -> Event:
        if self.foreground_pgid and self.plan.children[effect.child].terminal:
            job.take_back(self.foreground_pgid)  # an earlier life has had it
        event = self.starts.spawn(effect)
        if isinstance(event, Spawned) and self.plan.children[effect.child].terminal:
            self.foreground_pgid = event.pid
            event = self._heard(event)
            self.typed = event.hears
        return event

    def _heard(self, event: Spawned) -> Spawned:
        """Add the signals that a terminal sends to the child as well, if it is in sigroute's process group."""
        if not event.shares:
            return event
        # The terminal's hang-up goes to the session's leader alone at first (tty_ioctl(4), TIOCNOTTY).
        hears = self.tty_signals | (frozenset() if surroundings.leads_session() else terminal.HUNG_UP)
        return event.but(hears=hears, missed=event.missed & hears)

    def _kill(self, effect: Kill) -> Event | None:
        if self.starts.has_gone(effect):
            return None
        if effect.value is not None and queue(effect.pid, effect.signal, effect.value):
            return None
        leads = effect.pid != self.starts.shared or terminal.group_of(effect.pid) == effect.pid
        target = -effect.pid if effect.group and leads else effect.pid
        try:
            twice(posix.kill, target, effect.signal)
        except OSError as error:
            return failures.not_sent(effect, error)
        finally:
            if target < 0 and terminal.group_of(effect.pid) != effect.pid:
                job.pass_on(effect.pid, effect.signal)  # the child has left the group that it led
        return None

    def _kill_other(self, effect: KillOther) -> Event | None:
        try:
            if effect.ours:
                twice(posix.kill, effect.pid, effect.signal)
            else:
                twice(proc.kill_same, effect.process, effect.signal, self.me)
        except OSError as error:
            return failures.not_sent(effect, error)
        return None

    def _inspect(self, effect: Inspect) -> Event:
        if not effect.left and self.starts.is_late(effect.pid):  # until the exec is through, the handlers are our own
            return Inspected(child=effect.child, names=(), handled=0, late=bool(effect.names))
        survived, ignored = wrapper.in_common([dispositions.handled(pid) for pid in effect.left or (effect.pid,)])
        seen = Inspected(child=effect.child, names=(), handled=survived, ignored=ignored)
        if not effect.names:
            return seen
        known, comm, found = below.names_and_below(effect.pid, effect.programs)
        return seen.but(names=known, comm=comm, below=found)

    def _probe(self, effect: Probe) -> Event:
        if effect.progress:
            from sigroute.pid1.kernel import connections  # noqa: PLC0415 - where an action has an idle wait only

            return connections.probed(effect)
        from sigroute.pid1.kernel import listening  # noqa: PLC0415 - where there are many children only

        return listening.probed(effect, self.tables)

    def _list(self, _effect: List) -> Event:
        began = self._clock()
        listed = self.starts.listed(proc.processes())
        return Listed(processes=listed, me=self.me, took=1 + (self._clock() - began) // 1_000_000)

    def _job(self, effect: InspectJob | Lend | StopSelf) -> Event | None:
        return job.perform(effect)
