"""Random histories of a machine: what happens to it whenever sigroute sleeps, the same for every sigroute."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.pid1.world import ALL_SIGNALS, STOP_SIGNALS
from tests.runtime.watch.machine import (
    ALRM,
    EAGAIN,
    EPERM,
    ESRCH,
    KILL,
    ME,
    MILLISECOND,
    POLL_IN,
    SI_KERNEL,
    SI_QUEUE,
    SI_TIMER,
    SI_TKILL,
    SI_USER,
    Info,
    Machine,
)

if TYPE_CHECKING:
    import random

    from tests.runtime.watch.machine import Process

#: Those of the plans, and some that no plan names.
SIGNALS = (15, 15, 2, 1, 10, 40, 10, 28, 12, 3, 18, 20, 64, 34)

#: Senders by their codes and pids: a terminal, the platform, a process of the container, somebody's descriptor.
SENDERS = ((SI_KERNEL, 0), (SI_USER, 0), (SI_TKILL, 0), (SI_USER, 120), (SI_TIMER, 0), (SI_USER, 7), (POLL_IN, 65))

ERRORS = (0, 0, 0, 0, 0, 0, EPERM, ESRCH, EAGAIN)


class History:
    """One of them; ``happen`` is for a machine."""

    def __init__(self, pick: random.Random, length: int) -> None:
        self.pick = pick
        self.left = length
        self.values = 0

    def happen(self, machine: Machine) -> None:
        """Let some things happen at the same time; at last, everything ends."""
        self.left -= 1
        if self.left <= 0:
            self.end(machine)
            return
        for _ in range(self.pick.choice((1, 1, 1, 2, 2, 3, 5))):
            getattr(self, self.pick.choice(HAPPENINGS))(machine)

    def meanwhile(self, machine: Machine) -> None:
        """Now and then something happens while sigroute works."""
        if self.left > 0 and self.pick.choice(range(5)) == 0:
            getattr(self, self.pick.choice(("signal", "value", "die", "halt", "go_on")))(machine)

    def pause(self) -> int:
        return self.pick.choice((0, 0, 0, 1, 10, 150, 300, 6000)) * MILLISECOND + self.pick.choice((0, 0, 1000, 30_000))

    def end(self, machine: Machine) -> None:
        """Everything is killed, one after the other; some that leave the container first are gone."""
        machine.refusals = []
        living = machine.living()
        if living:
            machine.die(living[0], 0)
        else:
            machine.post(Info(15, si_pid=0))

    def signal(self, machine: Machine) -> None:
        code, pid = self.pick.choice(SENDERS)
        machine.post(Info(self.pick.choice(SIGNALS), code, pid, self.pick.choice((0, 1000))))

    def value(self, machine: Machine) -> None:
        self.values -= 1
        number = self.pick.choice((*SIGNALS, 40, 64))
        machine.post(Info(number, SI_QUEUE, self.pick.choice((120, 0, machine.me)), 0, self.values))

    def own(self, machine: Machine) -> None:
        """What is not to be routed."""
        machine.post(
            Info(*self.pick.choice(((15, SI_USER, machine.me), (ALRM, SI_KERNEL, 0), (10, SI_TKILL, machine.me))))
        )

    def refuse(self, machine: Machine) -> None:
        machine.refusals = [self.pick.choice(ERRORS) for _ in range(self.pick.choice((1, 2, 5)))]

    def chosen(self, machine: Machine) -> Process | None:
        living = [each for each in machine.living() if each.parent]
        return self.pick.choice(living) if living else None

    def die(self, machine: Machine) -> None:
        process = self.chosen(machine)
        if process is not None:
            signal = self.pick.choice((0, 0, 0, KILL, 11, 15))
            machine.die(process, 128 + signal if signal else self.pick.choice((0, 1, 143, 255)), signal)

    def orphan(self, machine: Machine) -> None:
        """A process of a child's ends with its parent: sigroute adopts what is left of it."""
        process = self.chosen(machine)
        if process is None or process.late:
            return
        middle = machine.fork(process, alone=False)
        if middle is not None:
            last = machine.fork(middle, alone=self.pick.choice((False, True)))
            machine.die(middle)
            if last is not None and self.pick.choice((True, False)):
                machine.die(last, self.pick.choice((0, 3)))

    def zombie(self, machine: Machine) -> None:
        """A process that was adopted ends."""
        adopted = [each for each in machine.living() if each.parent == ME and each.child is None]
        if len(adopted) > 1:
            machine.die(adopted[-1])

    def fork(self, machine: Machine) -> None:
        process = self.chosen(machine)
        if process is not None and not process.late:
            machine.fork(process, alone=self.pick.choice((False, True)))

    def halt(self, machine: Machine) -> None:
        process = self.chosen(machine)
        if process is not None:
            machine.stop(process, self.pick.choice(STOP_SIGNALS))

    def go_on(self, machine: Machine) -> None:
        process = self.chosen(machine)
        if process is not None:
            machine.go_on(process)

    def leave(self, machine: Machine) -> None:
        """A process leaves its group for one of its own."""
        process = self.chosen(machine)
        if process is not None:
            process.group = process.group if process.late else 1000 + process.start

    def become(self, machine: Machine) -> None:
        process = self.chosen(machine)
        if process is not None:
            process.late = False
            process.names = self.pick.choice((("server",), ("nginx",), ("server",), ()))
            process.handled = self.pick.choice((ALL_SIGNALS, 0, 1 << 14, 1 << 9 | 1 << 14, None))
            process.ignored = self.pick.choice((0, 1 << 14))

    def fail(self, machine: Machine) -> None:
        """An exec that takes long fails."""
        late = [each for each in machine.living() if each.late and each.parent == ME]
        if late:
            process = self.pick.choice(late)
            process.never_ran = self.pick.choice((2, 13, 11))
            machine.die(process, 126)

    def nothing(self, machine: Machine) -> None:
        """CHLD alone: who has ended was reaped by chance before."""
        machine.post(Info(17, 1))


HAPPENINGS = (
    "signal", "signal", "signal", "signal", "signal", "value", "own", "refuse", "die", "die", "orphan", "orphan",
    "zombie", "fork", "halt", "halt", "go_on", "leave", "become", "become", "fail", "nothing",
)  # fmt: skip
