"""A container of numbers below the system calls: pending signals, zombies, stopped children, a clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sigroute.simulate.processes import CONT, KILL, ME, Process, Processes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

CHLD, STOP, TERM, ALRM = 17, 19, 15, 14

#: si_code (sigaction(2)).
SI_USER, SI_QUEUE, SI_KERNEL, SI_TKILL, SI_TIMER, POLL_IN = 0, -1, 0x80, -6, -2, 1

#: Of these the kernel keeps one pending at a time (signal(7)).
STANDARD = range(1, 32)

EPERM, ESRCH, EINTR, EAGAIN, ECHILD = 1, 3, 4, 11, 10

MILLISECOND = 1_000_000

START = 1_769_860_800_000_000_000

#: More system calls than any history has: it has come into a circle.
MANY = 100_000


class Info(NamedTuple):
    """What comes with a signal, by the names of struct siginfo."""

    si_signo: int
    si_code: int = SI_USER
    si_pid: int = 0
    si_uid: int = 0
    si_status: int = 0
    """Of SI_QUEUE: its value."""


class BrokenError(BaseException):
    """A test has failed while C runs, and nothing in between may take that for an error of its own."""


class Machine(Processes):
    """The kernel, and everybody in the container but sigroute."""

    def __init__(self, happen: Callable[[Machine], None]) -> None:
        super().__init__()
        self.happen = happen
        self.nanoseconds = 1000 * MILLISECOND
        self.pending: list[Info] = []
        #: By pid: how it has stopped (its signal) or was continued (0), if nobody has waited for that yet.
        self.reports: dict[int, int] = {}
        #: What happens while a signal is sent, or a process is reaped that sigroute has started.
        self.meanwhile: Callable[[Machine], None] = lambda _machine: None
        #: Everything that sigroute does that others notice, with its time.
        self.done: list[tuple[object, ...]] = []
        self.me, self.parent = ME, 0
        #: The error of each of the next signals that are sent; 0: none.
        self.refusals: list[int] = []
        #: Called before each system call with its name.
        self.watch: Callable[[str], None] = lambda _name: None
        self.calls = 0
        #: What has gone wrong while C ran.
        self.error: BaseException | None = None
        self.proc = True
        #: The exec of what is started takes long.
        self.late = False

    def called(self, name: str) -> None:
        self.calls += 1
        if self.calls > MANY:
            message = f"so many calls, and {name} once more"
            raise BrokenError(message)
        self.watch(name)

    # What others do.

    def post(self, info: Info) -> None:
        if info.si_signo not in STANDARD or all(each.si_signo != info.si_signo for each in self.pending):
            self.pending.append(info)

    def changed(self, process: Process) -> None:
        """Tell the parent of a change, as SIGCHLD does where SA_NOCLDSTOP is not set."""
        if process.parent == ME:
            self.post(Info(CHLD, si_code=1, si_pid=process.pid))

    def die(self, process: Process, status: int = 0, signal: int = 0) -> None:
        ours = process.parent == ME
        super().die(process, status, signal)
        self.reports.pop(process.pid, None)
        if ours:
            self.changed(process)

    def stop(self, process: Process, signal: int) -> None:
        if process.state == "S":
            process.state = "T"
            self.reports[process.pid] = signal
            self.changed(process)

    def go_on(self, process: Process) -> None:
        if process.state == "T":
            process.state = "S"
            self.reports[process.pid] = 0
            self.changed(process)

    def hit(self, target: Process, signal: int) -> None:
        if target.state == "Z":
            return
        if signal == CONT:
            self.go_on(target)
        elif signal == STOP:
            self.stop(target, signal)
        elif signal == TERM and target.start % 3 == 0 and target.parent:
            self.die(target, 128 + TERM, TERM) if target.start % 2 else self.die(target)
        else:
            super().hit(target, signal)

    # What sigroute calls.

    def take(self, among: Callable[[int], bool], most: int | None) -> Info | int:
        """Take the lowest of these signals; wait for it so many nanoseconds (None: for ever). Negative: an error."""
        self.called("take")
        until = None if most is None else self.nanoseconds + most
        while True:
            found = [each for each in self.pending if among(each.si_signo)]
            if found:
                first = min(found, key=lambda each: each.si_signo)
                self.pending.remove(first)
                return first
            if until is not None and until <= self.nanoseconds:
                return -EAGAIN
            if self.zombies():
                message = "it waits, with zombies to reap"
                raise BrokenError(message)
            if self.pass_time(until):
                try:
                    self.happen(self)
                except Exception as error:  # the loop would take it for an error of the engine
                    raise BrokenError from error

    def pass_time(self, until: int | None) -> bool:
        """Let time pass before something happens; tell whether it comes to that."""
        later = self.nanoseconds + self.pause()
        if until is not None and later >= until:
            self.nanoseconds = until
            return False
        self.nanoseconds = later
        return True

    def pause(self) -> int:
        return MILLISECOND

    def zombies(self) -> list[Process]:
        return [each for each in self.processes.values() if each.state == "Z" and each.parent == ME]

    def reap(self, *, stops: bool, exits_alone: bool = False) -> tuple[int, int]:
        """Return the pid and the wait status of a child that has changed; 0: none has; a negative error."""
        self.called("reap")
        own = [each for each in self.processes.values() if each.parent == ME]
        for each in own:
            if each.state == "Z":
                del self.processes[each.pid]
                if each.child is not None:
                    self.meanwhile(self)
                return each.pid, each.signal or each.status << 8
            report = self.reports.get(each.pid)
            if report is not None and (report > 0) == stops and not exits_alone:
                del self.reports[each.pid]
                return each.pid, report << 8 | 0x7F if stops else 0xFFFF
        return (0, 0) if own else (-ECHILD, 0)

    def has_stopped(self) -> int:
        self.called("has_stopped")
        own = [each.pid for each in self.processes.values() if each.parent == ME]
        return int(any(self.reports.get(pid, 0) > 0 for pid in own)) if own else -ECHILD

    def waiting(self) -> Iterable[int]:
        """Return the numbers of the signals that are pending."""
        self.called("pending")
        return {each.si_signo for each in self.pending}

    def send(self, pid: int, signal: int) -> int:
        """Send a signal to a process or a group; return 0, or a negative error."""
        self.called("send")
        error = self.refusals.pop(0) if self.refusals else 0
        self.done.append((self.nanoseconds, "kill", pid, signal, error))
        if error:
            self.meanwhile(self)
            return -error
        target = self.processes.get(abs(pid))
        if target is None:
            message = f"kill({pid}, {signal}): it was reaped"
            raise BrokenError(message)
        hit = [each for each in self.processes.values() if each.group == -pid] if pid < 0 else [target]
        for each in hit:
            self.hit(each, signal)
        self.meanwhile(self)
        return 0 if hit else -ESRCH

    def queue(self, pid: int, signal: int, value: int) -> bool:
        self.done.append((self.nanoseconds, "queue", pid, signal, value))
        self.hit(self.processes[pid], signal)
        return True

    def group_of(self, pid: int) -> int:
        self.called("group_of")
        return self.processes[pid].group if pid in self.processes else -ESRCH

    def handled(self, pid: int) -> tuple[int | None, int]:
        self.called("handled")
        target = self.processes.get(pid)
        if target is None or not self.proc or target.state == "Z":
            return None, 0
        return target.handled, target.ignored & (target.handled or 0)

    def spawn(self, what: object) -> Process | None:
        made = self.new(ME)
        if made is not None:
            made.child, made.late = 0, self.late
        self.done.append((self.nanoseconds, "spawn", what, made and made.pid))
        return made


__all__ = ["CHLD", "CONT", "KILL", "ME", "Info", "Machine", "Process"]
