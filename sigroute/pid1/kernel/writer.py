"""A non-blocking writer: it never waits for a reader, and never leaves a line cut."""

from __future__ import annotations

import posix

from sigroute.pid1.kernel.abi import EINVAL, ENOSYS, EOPNOTSUPP, S_IFCHR, S_IFIFO, S_IFMT, S_IFREG

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

#: How often to try a terminal: these tries take microseconds, and another writer holds it for less.
TRIES = 20

#: Errors of a file that does not support RWF_NOWAIT, by kernel and kind of file.
UNSUPPORTED = (EINVAL, ENOSYS, EOPNOTSUPP)


class Writer:
    """Writes lines; it loses a line if it would have to wait."""

    def __init__(self, fd: int) -> None:
        self.fd = fd
        self.rest = b""
        #: No way to write is left that is sure not to block.
        self.dry = False
        self.once: Callable[[bytes], int] = self._plainly
        #: The ways to try if this kernel does not support ``once``.
        self.others: list[Callable[[bytes], int]] = []
        self.own = (-1, -1)
        self._open()

    def _open(self) -> None:
        """Find a way to write that cannot block.

        Every child would share O_NONBLOCK on standard error itself (open(2), "open file description").
        So a terminal or a FIFO is opened anew, if that is permitted. Else a single write can be told
        not to wait: by RWF_NOWAIT (preadv2(2); for pipes since Linux 6.4), or for a pipe by
        SPLICE_F_NONBLOCK, from a pipe of sigroute's own (splice(2)). A regular file blocks only if its
        file system is frozen, or its server is away, and then every call blocks: RWF_NOWAIT, if it is
        supported, waits for the thaw, too (sb_start_write() in the kernel).
        """
        try:
            kind = posix.fstat(self.fd).st_mode & S_IFMT
        except OSError:
            self.dry = True  # the descriptor is closed
            return
        if kind in (S_IFIFO, S_IFCHR):
            flags = posix.O_WRONLY | posix.O_NONBLOCK | posix.O_NOCTTY | posix.O_CLOEXEC
            try:
                self.fd = posix.open(f"/proc/self/fd/{self.fd}", flags)
                self.once = self._plainly if kind == S_IFIFO else self._to_terminal
            except OSError:  # no /proc, or the pipe is another user's
                self.once = self._without_waiting
                self.others = [self._through_own_pipe] if kind == S_IFIFO else []
        elif kind != S_IFREG:
            self.once = self._without_waiting

    def flush(self) -> bool:
        """Write the rest of a line that was cut; tell whether all of it is written."""
        return (not self.rest or self.write(self.rest)) and not self.rest

    def write(self, data: bytes) -> bool:
        """Write a line, and keep for later the part that does not fit; tell whether at least its beginning is out."""
        try:
            written = self.once(data)
        except OSError as error:
            if error.errno in UNSUPPORTED and self.once != self._plainly:
                return self._otherwise(data)
            return False
        except (AttributeError, NotImplementedError):  # Python was built with an old C library (glibc 2.25, musl 1.2.4)
            return self._otherwise(data)
        self.rest = data[written:]
        return True

    def _otherwise(self, data: bytes) -> bool:
        """Write in the next way, if there is one; else stay silent, as every other way may block."""
        if self.others:
            self.once = self.others.pop()
            return self.write(data)
        self.dry = True
        return False

    def _plainly(self, data: bytes) -> int:
        return posix.write(self.fd, data)

    def _to_terminal(self, data: bytes) -> int:
        """Try several times: a non-blocking write fails while another process writes there (tty_write_lock())."""
        for _ in range(TRIES):
            try:
                return posix.write(self.fd, data)
            except BlockingIOError:
                posix.sched_yield()
        return posix.write(self.fd, data)

    def _without_waiting(self, data: bytes) -> int:
        return posix.pwritev(self.fd, [data], -1, posix.RWF_NOWAIT)

    def _through_own_pipe(self, data: bytes) -> int:
        """Move the data as a page: a pipe has room for 16 pages only (pipe(7)), so RWF_NOWAIT comes first."""
        if self.own == (-1, -1):
            self.own = posix.pipe2(posix.O_CLOEXEC)
        reader, writer = self.own
        posix.write(writer, data)
        try:
            return posix.splice(reader, self.fd, len(data), flags=posix.SPLICE_F_NONBLOCK)
        except OSError:
            posix.read(reader, len(data))  # the data did not fit: empty the own pipe
            raise
