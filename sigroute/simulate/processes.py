"""Simulated processes, which keep the kernel's promises: pids, groups, zombies, orphans, what KILL does.

They keep nothing that the kernel does not promise: a pid is used again as soon as possible, and a process that has died
stays a zombie until it is reaped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigroute.pid1.engine import events as ev
from sigroute.pid1.names import STANDARD

if TYPE_CHECKING:
    from collections.abc import Iterator

KILL, CONT = STANDARD["KILL"], STANDARD["CONT"]

#: sigroute's own pid, and the pid of the process that adopts orphans if sigroute does not.
ME, OTHER = 1, 2

#: A process that handles every signal.
ALL_SIGNALS = (1 << 64) - 1

#: The range of pids: so few that each is soon given to another process.
FIRST_PID, LAST_PID = 100, 140


class ForbiddenError(Exception):
    """The engine has done something that it must never do: for example, signalled a pid that was reaped."""


class Process:
    """One process."""

    def __init__(self, pid: int, parent: int, start: int, group: int = 0, session: int = 0) -> None:
        self.pid, self.parent, self.start = pid, parent, start
        self.born = 0
        self.group = group or pid
        self.session = session or pid
        self.state = "S"
        self.status = self.signal = 0
        self.names: tuple[str, ...] = ("sh",)
        self.handled: int | None = ALL_SIGNALS
        self.ignored = 0
        self.child: int | None = None
        self.run: int | None = None
        #: The status, as in NotSpawned, if its late exec has failed; None: it has not.
        self.never_ran: int | None = None
        #: Its exec is still under way.
        self.late = False

    def row(self) -> ev.Process:
        """Return it as a line of the process list."""
        return ev.Process(
            pid=self.pid, parent=self.parent, group=self.group, session=self.session, state=self.state, start=self.start
        )


class Processes:
    """The table of all processes, and their clock."""

    def __init__(self) -> None:
        #: The time, in milliseconds.
        self.now = 0
        self.processes: dict[int, Process] = {}
        self.serial = 0
        self.last_pid = LAST_PID
        #: sigroute adopts orphans: it is PID 1, or a subreaper.
        self.adopts = True
        #: KILL ends processes; false: they are in state D.
        self.mortal = True

    def new(self, parent: int, *, group: int = 0, session: int = 0) -> Process | None:
        """Make a process; return None if no pid is left."""
        for pid in range(FIRST_PID, self.last_pid):
            if pid not in self.processes and not any(pid in (p.group, p.session) for p in self.processes.values()):
                self.serial += 1
                self.processes[pid] = Process(pid, parent, self.serial, group, session)
                self.processes[pid].born = self.now
                return self.processes[pid]
        return None

    def fork(self, parent: Process, *, alone: bool) -> Process | None:
        """Make a child of a process, in its group or in a session of its own."""
        if alone:
            return self.new(parent.pid)
        return self.new(parent.pid, group=parent.group, session=parent.session)

    def die(self, process: Process, status: int = 0, signal: int = 0) -> None:
        """End a process: its children are adopted, and, if sigroute is not its parent, that parent reaps it at once."""
        process.state, process.status, process.signal = "Z", status, signal
        for each in list(self.processes.values()):
            if each.parent == process.pid:
                each.parent = ME if self.adopts else OTHER
        if process.parent != ME:
            del self.processes[process.pid]

    def living(self) -> list[Process]:
        """Return the processes that have not died."""
        return [process for process in self.processes.values() if process.state != "Z"]

    def own(self) -> list[Process]:
        """Return the living processes, without those that entered the namespace from outside."""
        return [process for process in self.living() if process.parent != 0]

    def below(self, pid: int, programs: tuple[str, ...]) -> Iterator[ev.Below]:
        """Yield the topmost processes below this one that run one of these programs."""
        for each in self.living():
            if each.parent == pid and set(each.names) & set(programs):
                yield ev.Below(process=each.row(), handled=each.handled, ignored=each.ignored, age=self.now - each.born)
            elif each.parent == pid:
                yield from self.below(each.pid, programs)

    def hit(self, target: Process, signal: int) -> None:
        """Apply a signal as far as no handler can change that: KILL ends a process, CONT continues it."""
        if target.parent == 0:
            message = "sigroute must not signal a process that entered from outside"
            raise ForbiddenError(message)
        if target.state == "Z":
            return
        if signal == KILL and self.mortal:
            self.die(target, 128 + KILL, KILL)
        elif signal == CONT and target.state == "T":
            target.state = "S"
