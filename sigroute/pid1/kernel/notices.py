"""Descriptors that tell PID 1 by a signal that something has happened: its one blocking call hears of them, too.

A descriptor with F_SETSIG sends that signal to its owner (F_SETOWN, fcntl(2)), and si_fd says which descriptor it was.
Such a signal has one of the codes POLL_IN to POLL_HUP (sigaction(2)), and no process can send one with such a code
(rt_sigqueueinfo(2)). So it is told apart from the same signal by kill(1), which the rules route as ever. If the queue
of real-time signals is full, the kernel sends IO without a descriptor instead; then every descriptor is looked at.

A notice is a hint, no more: it may come late, twice, or of a descriptor whose number is another's by now.

PID 1 loads this only if a child needs it.
"""

from __future__ import annotations

from sigroute.pid1.kernel.origin import NOTICE, SI_KERNEL

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal as _signal
    from collections.abc import Callable, Iterable

    from sigroute.pid1.engine.events import Event

    Owner = Callable[[int], Iterable[Event]]
    """Looks at a descriptor, without waiting; returns what has happened, perhaps nothing."""
else:
    import _signal  # signal itself imports enum: 3 ms and 1 MB


class Notices:
    """The descriptors, and what they have told."""

    def __init__(self) -> None:
        self.owners: dict[int, Owner] = {}
        #: Descriptors to look at.
        self.due: list[int] = []
        #: What was found, and the engine does not know yet.
        self.found: list[Event] = []

    def readable(self, fd: int, owner: Owner) -> None:
        """Have a pipe or socket tell when there is something to read, or its other end is closed; look at it now, too.

        :raises OSError: the kernel refuses that.
        """
        from sigroute.pid1.kernel import telling  # noqa: PLC0415 - whoever has such a descriptor has loaded it

        telling.arm(fd)
        self.owners[fd] = owner
        self.due.append(fd)

    def changes(self, fd: int, what: int, owner: Owner) -> None:
        """Have a directory tell of the next change in it.

        :param what: telling.NAMES or ALL.
        :raises OSError: the kernel refuses that.
        """
        from sigroute.pid1.kernel import telling  # noqa: PLC0415 - as above

        telling.changes(fd, what)
        self.owners[fd] = owner

    def forget(self, fd: int) -> None:
        """Look at a descriptor no more; whoever has opened it closes it."""
        self.owners.pop(fd, None)

    def mute(self, fd: int) -> None:
        """Have it tell nothing until it is given to ``readable`` again, however much comes."""
        self.forget(fd)
        from sigroute.pid1.kernel import telling  # noqa: PLC0415 - as above

        telling.disarm(fd)

    def take(self, number: int, code: int, fd: int) -> bool:
        """Tell whether a signal is a notice; if so, remember which descriptors to look at."""
        if number == NOTICE and 0 < code < SI_KERNEL:
            self.due.append(fd)
            return True
        if code == SI_KERNEL and number in (_signal.SIGIO, NOTICE):
            self.due += self.owners
            return True
        return False

    def next(self) -> Event | None:
        """Return the next thing that has happened, if any; call it until there is none."""
        while not self.found and self.due:
            fd = self.due.pop(0)
            if fd in self.owners:
                self.found += self.owners[fd](fd)
        return self.found.pop(0) if self.found else None
