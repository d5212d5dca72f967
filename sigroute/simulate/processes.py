"""Processes that are rows of a table, with the kernel's promises: pids, groups, zombies, orphans, what KILL does.

It breaks every habit that is no promise: pids are used again as soon as they can be, and a process that has died stays
a zombie until it is reaped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigroute.pid1.engine import events as ev
from sigroute.pid1.names import STANDARD

if TYPE_CHECKING:
    from collections.abc import Iterator

KILL, CONT = STANDARD["KILL"], STANDARD["CONT"]

#: sigroute's own pid, and who adopts orphans where sigroute does not.
ME, OTHER = 1, 2

#: A process that handles every signal.
ALL_SIGNALS = (1 << 64) - 1

#: So few pids that each is soon given to another process.
FIRST_PID, LAST_PID = 100, 140


class ForbiddenError(Exception):
    """The engine has done what it must never do, such as to signal a pid that was reaped."""


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
        #: The status, as in NotSpawned, of one that turns out never to have run its program.
        self.never_ran: int | None = None
        #: Its exec is not through.
        self.late = False

    def row(self) -> ev.Process:
        """Return it as the process list has it."""
        return ev.Process(
            pid=self.pid, parent=self.parent, group=self.group, session=self.session, state=self.state, start=self.start
        )


class Processes:
    """The table."""

    def __init__(self) -> None:
        #: Milliseconds.
        self.now = 0
        self.processes: dict[int, Process] = {}
        self.serial = 0
        self.last_pid = LAST_PID
        #: Whether sigroute adopts orphans: it is PID 1, or a subreaper.
        self.adopts = True
        #: Whether KILL ends a process (one in state D it does not).
        self.mortal = True

    def new(self, parent: int, *, group: int = 0, session: int = 0) -> Process | None:
        """Make a process, unless no pid is left."""
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
        """End a process: its children become ours, or another's; somebody else's zombie is reaped by its own parent."""
        process.state, process.status, process.signal = "Z", status, signal
        for each in list(self.processes.values()):
            if each.parent == process.pid:
                each.parent = ME if self.adopts else OTHER
        if process.parent != ME:
            del self.processes[process.pid]

    def living(self) -> list[Process]:
        """Return those that have not died."""
        return [process for process in self.processes.values() if process.state != "Z"]

    def own(self) -> list[Process]:
        """Return the living that descend from sigroute."""
        return [process for process in self.living() if process.parent != 0]

    def below(self, pid: int, programs: tuple[str, ...]) -> Iterator[ev.Below]:
        """Yield the topmost processes below one that are one of these programs."""
        for each in self.living():
            if each.parent == pid and set(each.names) & set(programs):
                yield ev.Below(process=each.row(), handled=each.handled, ignored=each.ignored, age=self.now - each.born)
            elif each.parent == pid:
                yield from self.below(each.pid, programs)

    def hit(self, target: Process, signal: int) -> None:
        """Let a signal do what cannot be handled: kill, stop, continue."""
        if target.parent == 0:
            message = "what entered from outside is not ours to signal"
            raise ForbiddenError(message)
        if target.state == "Z":
            return
        if signal == KILL and self.mortal:
            self.die(target, 128 + KILL, KILL)
        elif signal == CONT and target.state == "T":
            target.state = "S"
