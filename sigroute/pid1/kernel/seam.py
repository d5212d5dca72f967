"""The kernel seam: every system call of the resident, behind a few functions that never raise.

``wait`` blocks, ``take_stop`` does not, ``reap`` collects, ``perform`` does one effect. What the kernel refuses comes
back as an event, or is done in another way. A fake with these functions serves the engine's tests.
"""

from __future__ import annotations

import posix
import time

from sigroute.pid1.engine.effects import Exit, Halt, Inspect, Kill, KillOther, List, Run, Say, Spawn, Suspend
from sigroute.pid1.engine.events import (
    Inspected,
    Listed,
    Resumed,
    Signal,
    Spawned,
    in_common,
)
from sigroute.pid1.engine.programs import is_program
from sigroute.pid1.kernel import job, origin, proc, unwaited
from sigroute.pid1.kernel.below import below
from sigroute.pid1.kernel.dispositions import handled
from sigroute.pid1.kernel.failures import failed, not_sent
from sigroute.pid1.kernel.libc import queue
from sigroute.pid1.kernel.mask import RECEIVABLE, TIMED
from sigroute.pid1.kernel.options import DEFAULT_INIT, DEFAULT_START
from sigroute.pid1.kernel.program import names
from sigroute.pid1.kernel.reaper import Reaper
from sigroute.pid1.kernel.refusals import optional, twice
from sigroute.pid1.kernel.spawn import MISSED, Start
from sigroute.pid1.kernel.starts import Starts
from sigroute.pid1.kernel.terminal import HUNG_UP, group_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal as _signal
    from collections.abc import Callable
    from signal import struct_siginfo
    from typing import Any

    from sigroute.pid1.engine.effects import Effect
    from sigroute.pid1.engine.events import Event
    from sigroute.pid1.kernel.execute import CannotRunError
    from sigroute.pid1.kernel.options import InitOptions, StartOptions
    from sigroute.pid1.plan import Plan
else:
    import _signal  # signal itself imports enum: 3 ms and 1 MB

ESRCH = 3

#: An attribute of a module costs as much as two of these; this one is looked at for each signal.
SIGCHLD = _signal.SIGCHLD

SIGSTOP, SIGTSTP = _signal.SIGSTOP, _signal.SIGTSTP

#: So many kinds of signals are kept ready.
MOST = 16

#: Nanoseconds: one that was there already takes less.
SLEPT = 20_000


class Kernel:
    """The real one."""

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
        self.me = posix.getpid()
        #: The process group that has got the terminal, where there is one; 0: none.
        self.lent = 0
        #: What the kernel sends that is not for the rules.
        self.unheard = TIMED
        self.reaper = Reaper(self.awaited, self.starts)
        self.reap = self.reaper.reap
        #: The last signal did not come at once.
        self.slept = False
        #: The last moment that a timer of ours has measured, in nanoseconds.
        self.measured = 0
        #: Signals as they arrived, by number, code, sender's pid and uid: most come from few, and again.
        self.signals: dict[tuple[int, int, int, int], Signal] = {}
        #: Not PID 1: what our parent sends us is what the platform sent it.
        self.parent = posix.getppid()
        self.perform_by_kind: dict[type[Effect], Callable[[Any], Event | None]] = {
            Spawn: self._spawn,
            Run: self.starts.run,
            Kill: self._kill,
            KillOther: self._kill_other,
            Inspect: self._inspect,
            List: self._list,
            Halt: self._halt,
            Suspend: self._suspend,
            Say: self._nothing,
            Exit: self._nothing,
        }

    @property
    def begun(self) -> int:
        """The pid of the child that was started before this was loaded, until the engine asks for it; 0: none."""
        return self.starts.begun.pid if isinstance(self.starts.begun, Start) else 0

    def now(self) -> int:
        """Return milliseconds of a clock that never goes back (CLOCK_MONOTONIC, clock_gettime(2))."""
        return self._clock() // 1_000_000

    def _clock(self) -> int:
        """Return nanoseconds: at least what a timer of ours has measured, as a clock may be false (libfaketime)."""
        return max(time.monotonic_ns(), self.measured)

    def wait(self, due: int | None) -> Signal | None:
        """Block until a signal is there, or until ``due``; return it where it is to be routed.

        The one blocking call: no handler runs, nothing ticks (sigwaitinfo(2)). The time comes as an ALRM of our own,
        and not by sigtimedwait(2): stopped or frozen until after ``due`` that is interrupted (signal(7)), and CPython,
        up to 3.13 at least, then returns what was in memory for a signal. What is lost by that: another's ALRM that
        arrives while our own is pending, as the kernel keeps one.
        """
        try:
            return self._wait(due)
        except OSError:  # a filter refuses one of these calls (seccomp(2))
            number = unwaited.find(self.awaited, None if due is None else due / 1e3)
        if number == SIGCHLD:
            self.reaper.looks = True
        if number in (0, SIGCHLD) or number in self.unheard:
            return None
        return Signal(signal=number, sender="outside")  # nobody tells from whom: most likely from who asks for a stop

    def _wait(self, due: int | None) -> Signal | None:
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
        """Reset the timer; tell whether it had not come to its end (setitimer(2)), or nobody knows."""
        try:
            return twice(_signal.setitimer, _signal.ITIMER_REAL, 0)[0] > 0
        except OSError:
            return True

    def take_stop(self) -> Signal | None:
        """Return a signal that asks for a stop, if one is there already; never waits."""
        try:
            return self._at_once(self.plan.stop)
        except OSError:
            return None  # ``wait`` comes soon

    def _at_once(self, among: frozenset[int]) -> Signal | None:
        """Take one of these, if one is there: nothing interrupts a sigtimedwait(2) that does not wait."""
        info = twice(_signal.sigtimedwait, among, 0)
        return self._taken(info, self._clock()) if info is not None else None

    def _taken(self, info: struct_siginfo, began: int) -> Signal | None:
        """Return a signal that was taken, where it is to be routed."""
        number, pid, code = info.si_signo, info.si_pid, info.si_code
        if number == SIGCHLD:
            self.reaper.looks = True
            return None
        unheard = origin.is_from(self.me, code, pid) or (code == origin.SI_KERNEL and number in self.unheard)
        if number in MISSED:
            MISSED.discard(number)
            if unheard:
                job.pass_on(self.starts.shared, number)
        if unheard:
            return None
        self.slept = self._clock() - began > SLEPT
        if code == origin.SI_QUEUE:  # not kept ready: the next has another value
            # Python shows no si_value, but its int lies where si_status does (asm-generic/siginfo.h: _rt, _sigchld).
            return self._signal(number, code, pid, info.si_uid, info.si_status)
        arrived = (number, code, pid, info.si_uid)
        if arrived not in self.signals:
            self.signals = {**(self.signals if len(self.signals) < MOST else {}), arrived: self._signal(*arrived)}
        return self.signals[arrived]

    def _signal(self, number: int, code: int, pid: int, uid: int, value: int | None = None) -> Signal:
        sender = origin.sender(number, code, pid, self.parent)
        return Signal(signal=number, sender=sender, pid=pid, uid=uid, value=value)

    def give_way(self) -> None:
        """Let those run first that were just signalled, where they share our CPU (sched_yield(2)).

        Once after each sleep: in a storm of signals the next one is not to wait for whoever else wants to run.
        """
        if self.slept:
            self.slept = False
            optional(posix.sched_yield)

    def perform(self, effect: Effect) -> Event | None:
        """Do one effect; return what came of it where the engine wants to know."""
        try:
            return self.perform_by_kind[type(effect)](effect)
        except (OSError, MemoryError) as error:
            return failed(effect, error)

    def _nothing(self, _effect: Effect) -> None:
        """Said or ended by the loop."""

    def _spawn(self, effect: Spawn) -> Event:
        event = self.starts.spawn(effect)
        if isinstance(event, Spawned) and self.plan.children[effect.child].terminal:
            self.lent = event.pid
            if event.pid == self.starts.shared:
                self.unheard = TIMED | self.tty_signals | (frozenset() if job.leads_session() else HUNG_UP)
        return event

    def _kill(self, effect: Kill) -> Event | None:
        if effect.value is not None and queue(effect.pid, effect.signal, effect.value):
            return None
        leads = effect.pid != self.starts.shared or group_of(effect.pid) == effect.pid
        target = -effect.pid if effect.group and leads else effect.pid
        try:
            twice(posix.kill, target, effect.signal)
        except OSError as error:
            return not_sent(effect, error)
        finally:
            if target < 0 and group_of(effect.pid) != effect.pid:
                job.pass_on(effect.pid, effect.signal)  # it has left the group that it led
        return None

    def _kill_other(self, effect: KillOther) -> Event | None:
        try:
            if effect.ours:
                twice(posix.kill, effect.pid, effect.signal)
            else:
                twice(proc.kill_same, effect.process, effect.signal, self.me)
        except OSError as error:
            return not_sent(effect, error)
        return None

    def _inspect(self, effect: Inspect) -> Event:
        survived, ignored = in_common([handled(pid) for pid in effect.left or (effect.pid,)])
        seen = Inspected(child=effect.child, names=(), handled=survived, ignored=ignored)
        if not effect.names:
            return seen
        if self.starts.is_late(effect.pid):
            return seen.but(late=True)
        known, comm = names(effect.pid)
        looks = effect.programs and not is_program(known or (), comm, effect.programs)
        return seen.but(names=known, comm=comm, below=below(effect.pid, effect.programs) if looks else ())

    def _list(self, _effect: List) -> Event:
        began = self._clock()
        listed = proc.processes()
        return Listed(processes=listed, me=self.me, took=1 + (self._clock() - began) // 1_000_000)

    def _halt(self, _effect: Halt) -> None:
        posix.kill(self.me, SIGSTOP)

    def _suspend(self, effect: Suspend) -> Event | None:
        """Stop as the child has, where a shell waits for both; tell whether the child is to go on."""
        group, goes_on = group_of(effect.pid), Resumed(child=effect.child)
        if not job.is_here():
            return None
        if effect.asks and job.lend(group):
            return goes_on
        shell = job.has_shell()
        if effect.signal == SIGSTOP and not job.has_stopped_itself(group):
            return None
        if effect.follows and (shell or (self.starts.shared and effect.signal != SIGSTOP)):
            job.stop(effect.signal)
            if group == posix.getpgrp():
                return None  # who has continued us has continued it; a CONT more might undo the next Ctrl-Z
            if self.plan.children[effect.child].terminal:
                job.lend(group)
            return goes_on
        return goes_on if effect.signal == SIGTSTP and not (shell or self.starts.shared) else None
