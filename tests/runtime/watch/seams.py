"""The kernel room of sigroute over a machine of numbers: its own code, with the system calls replaced."""

from __future__ import annotations

import contextlib
import os
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from sigroute.pid1.engine.effects import InspectJob, Lend, StopSelf
from sigroute.pid1.engine.events import Job, JobInspected, Process
from sigroute.pid1.kernel import below, clock, dispositions, failures, process_names, reaper, seam, spawn, terminal
from sigroute.pid1.kernel.start import NONE, CannotRunError, Start
from tests.runtime.watch.machine import (
    ALRM,
    EAGAIN,
    ESRCH,
    ME,
    MILLISECOND,
    SI_KERNEL,
    START,
    BrokenError,
    Info,
    Machine,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sigroute.pid1.engine.events import Below


class Begun(Start):
    """A process that was started; the machine knows what becomes of its exec."""

    def __init__(self, machine: Machine, pid: int) -> None:
        super().__init__(pid, NONE, None)
        self.process = machine.processes[pid]

    def is_known(self) -> bool:
        if self.process.never_ran is not None:
            self.error = CannotRunError(self.process.never_ran, "late", "exec")
        return not self.process.late or self.error is not None


class Calls:
    """Stands in for posix, _signal, time and what reads /proc."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.timer: int | None = None

    def __getattr__(self, name: str) -> object:
        return getattr(os, name)

    def getpid(self) -> int:
        return self.machine.me

    def getppid(self) -> int:
        return self.machine.parent

    def monotonic_ns(self) -> int:
        return self.machine.nanoseconds

    def time_ns(self) -> int:
        return START + self.machine.nanoseconds

    strftime, gmtime = staticmethod(time.strftime), staticmethod(time.gmtime)

    def sched_yield(self) -> None:
        pass

    def sigwaitinfo(self, among: frozenset[int]) -> Info:
        left = None if self.timer is None else max(self.timer - self.machine.nanoseconds, 0)
        found = self.machine.take(among.__contains__, left)
        if found == -EAGAIN:
            self.timer = None
            return Info(ALRM, SI_KERNEL)
        return result(found)

    def sigtimedwait(self, among: frozenset[int], _timeout: int) -> Info | None:
        found = self.machine.take(among.__contains__, 0)
        return None if found == -EAGAIN else result(found)

    def find(self, among: frozenset[int], end: float | None) -> int:
        """As unwaited.find."""
        if self.machine.error is not None:
            raise BrokenError
        left = None if end is None else max(round(end * 1e9) - self.machine.nanoseconds, 0)
        found = self.machine.take(among.__contains__, left)
        return found.si_signo if isinstance(found, Info) else 0

    def setitimer(self, _which: int, seconds: float) -> tuple[float, float]:
        left = 0.0 if self.timer is None else (self.timer - self.machine.nanoseconds) / 1e9
        self.timer = self.machine.nanoseconds + round(seconds * 1e9) if seconds else None
        return left, 0.0

    def sigpending(self) -> frozenset[int]:
        return frozenset(self.machine.waiting())

    def waitpid(self, _which: int, options: int) -> tuple[int, int]:
        pid, status = self.machine.reap(stops=bool(options & os.WUNTRACED))
        if pid < 0:
            raise OSError(-pid, os.strerror(-pid))
        return pid, status

    def waitid(self, _which: int, _pid: int, _options: int) -> SimpleNamespace | None:
        """For exits alone, as the reaper asks where waitpid(2) is refused."""
        pid, status = self.machine.reap(stops=False, exits_alone=True)
        if pid < 0:
            raise OSError(-pid, os.strerror(-pid))
        code, number = (os.CLD_KILLED, status) if status & 0x7F else (os.CLD_EXITED, status >> 8)
        return SimpleNamespace(si_pid=pid, si_code=code, si_status=number) if pid else None

    def kill(self, pid: int, signal: int) -> None:
        raise_if(self.machine.send(pid, signal))

    def kill_same(self, process: Process, signal: int, _me: int) -> None:
        found = self.machine.processes.get(process.pid)
        raise_if(self.machine.send(process.pid, signal) if found and found.start == process.start else -ESRCH)

    def pass_on(self, pid: int, signal: int) -> None:
        if pid in self.machine.processes and self.machine.processes[pid].state != "Z":
            self.machine.send(pid, signal)

    def group_of(self, pid: int) -> int:
        return max(self.machine.group_of(pid), 0)

    def names(self, pid: int) -> tuple[tuple[str, ...] | None, str]:
        if not self.machine.proc:
            return None, ""
        return (self.machine.processes[pid].names if pid in self.machine.processes else ()), ""

    def below(self, pid: int, programs: tuple[str, ...]) -> tuple[Below, ...]:
        self.machine.now = self.machine.nanoseconds // MILLISECOND
        return tuple(self.machine.below(pid, programs))

    def processes(self) -> tuple[Process, ...] | None:
        if not self.machine.proc:
            return None
        me = self.machine.me
        rows = [each.row() for each in self.machine.processes.values()]
        first = Process(pid=me, parent=0, group=me, session=me, state="S", start=0)
        return (first, *[row.but(parent=me) if row.parent == ME else row for row in rows])

    def attempt(self, argv: tuple[bytes, ...], *_options: object, **_more: object) -> Start | CannotRunError:
        made = self.machine.spawn(argv)
        if made is None:
            return CannotRunError(EAGAIN, "no pid is left", "fork")
        return Begun(self.machine, made.pid)


def result(found: Info | int) -> Info:
    if isinstance(found, int):
        raise OSError(-found, os.strerror(-found))
    return found


def raise_if(error: int) -> None:
    if error:
        raise OSError(-error, os.strerror(-error))


@contextlib.contextmanager
def replaced(machine: Machine) -> Iterator[Calls]:
    """Have the kernel room call a machine."""
    calls = Calls(machine)

    def perform(effect: InspectJob | Lend | StopSelf) -> JobInspected | None:
        """Answer as where sigroute has no terminal."""
        if not isinstance(effect, InspectJob):
            return None
        calls.group_of(effect.pid)
        return JobInspected(child=effect.child, signal=effect.signal, job=Job())

    job = SimpleNamespace(perform=perform, pass_on=calls.pass_on, take_back=lambda _group: None)
    with pytest.MonkeyPatch.context() as patch:
        for place in (seam, reaper, failures):
            patch.setattr(place, "posix", calls)
        for place in (seam, reaper):
            signals = SimpleNamespace(**{name: getattr(place._signal, name) for name in dir(place._signal)})  # noqa: SLF001
            for name in ("sigwaitinfo", "sigtimedwait", "setitimer", "sigpending"):
                setattr(signals, name, getattr(calls, name))
            patch.setattr(place, "_signal", signals)
        patch.setattr(terminal, "group_of", calls.group_of)
        patch.setattr(process_names, "names", calls.names)
        patch.setattr(below, "below", calls.below)
        patch.setattr(dispositions, "handled", machine.handled)
        patch.setattr(seam, "queue", machine.queue)
        patch.setattr(seam, "time", calls)
        patch.setattr(seam, "proc", calls)
        patch.setattr(seam, "job", job)
        patch.setattr(seam, "unwaited", calls)
        patch.setattr(clock, "time", calls)
        patch.setattr(reaper, "has_stopped", lambda: machine.has_stopped() > 0)
        patch.setattr(spawn, "attempt", calls.attempt)
        yield calls
