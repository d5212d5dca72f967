"""The way by which one life of a child says how it is: a pipe (``ready.fd``) or a socket (``ready.notify``)."""

from __future__ import annotations

import posix

from sigroute.pid1.engine.events import Notified
from sigroute.pid1.kernel import datagrams, sd_notify, sender
from sigroute.pid1.kernel.refusals import optional
from sigroute.pid1.kernel.start import NONE
from sigroute.pid1.kernel.surroundings import environment
from sigroute.pid1.kernel.unmet import unmet

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sigroute.pid1.engine.events import Event

#: The most bytes that are read of a pipe at a time.
PIECE = 4096


class Channel:
    """One of these."""

    def __init__(self, child: int, fd: int, *, number: int = 0, writer: int = NONE, address: bytes = b"") -> None:
        self.child = child
        #: Our end of the pipe, or the socket.
        self.fd = fd
        #: The child's descriptor, and its end of the pipe; 0: it is a socket.
        self.number, self.writer = number, writer
        #: The address of the socket.
        self.address = address
        #: The child's process; 0: it is not started yet.
        self.pid = 0
        #: When the present second began, and what was read since.
        self.since = self.count = 0
        #: Nothing more is to come: it has said what it can say, or its end has come.
        self.is_over = self.is_closed = False

    def give(self, environ: dict[bytes, bytes] | None) -> dict[bytes, bytes] | None:
        """In the forked child: put it where the program finds it; return the environment, None: as it is.

        The descriptor may be open: then it is PID 1's, and the program has no use for it.

        :raises CannotRunError: the descriptor is too high for the child's limit.
        """
        if not self.number:
            return {**(environment() if environ is None else environ), b"NOTIFY_SOCKET": named(self.address)}
        try:
            posix.dup2(self.writer, self.number)
            posix.set_inheritable(self.number, True)  # noqa: FBT003 - posix's own signature; dup2 leaves it where both are one
        except OSError as error:
            unmet(f"ready.fd {self.number}", error, " (limits.nofile must be above it)")
        return environ

    def read(self) -> Event | None:
        """Read a piece; return what it says, if that matters.

        :raises OSError: there is nothing to read now.
        """
        if not self.number:
            return self._message()
        data = posix.read(self.fd, PIECE)
        self.is_closed = not data
        self.is_over = b"\n" in data
        return Notified(child=self.child, pid=self.pid, ready=True) if self.is_over else None

    def _message(self) -> Event | None:
        message, pid, uid = datagrams.taken(self.fd, sd_notify.MOST + 1)
        ready, stopping, extend = sd_notify.parse(message)
        if not (ready or stopping or extend):
            return None
        who = sender.found(pid, uid, self.pid)
        return Notified(child=self.child, pid=self.pid, sender=who, ready=ready, stopping=stopping, extend=extend)

    def close(self) -> None:
        """Close what is open of it here."""
        self.close_writer()
        if self.fd != NONE:
            optional(posix.close, self.fd)
            self.fd = NONE

    def close_writer(self) -> None:
        """Close the child's end of the pipe."""
        if self.writer != NONE:
            optional(posix.close, self.writer)
            self.writer = NONE


def named(address: bytes) -> bytes:
    """Return an address as NOTIFY_SOCKET has it (sd_notify(3)): ``@`` in place of the null byte of an abstract one."""
    return b"@" + address[1:] if address.startswith(b"\0") else address
