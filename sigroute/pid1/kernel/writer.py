"""Writing to a descriptor that may be a pipe which nobody reads: never blocking, never a line in part."""

from __future__ import annotations

import posix

from sigroute.pid1.kernel.abi import EINVAL, ENOSYS, EOPNOTSUPP, S_IFCHR, S_IFIFO, S_IFMT, S_IFREG

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

#: A write of up to so many bytes to a pipe is all or nothing (pipe(7), PIPE_BUF).
MOST = 4096

#: How often a terminal is tried: microseconds where nobody reads it, and one writer holds it for less.
TRIES = 20

#: What a file that knows no RWF_NOWAIT says, by kernel and kind of file.
UNSUPPORTED = (EINVAL, ENOSYS, EOPNOTSUPP)


class Writer:
    """Writes lines, and loses them rather than wait."""

    def __init__(self, fd: int) -> None:
        self.fd = fd
        self.rest = b""
        #: There is no way to write, or none that may not block.
        self.dry = False
        self.once: Callable[[bytes], int] = self._plainly
        #: What is left to try where ``once`` turns out to be nothing that this kernel can do.
        self.others: list[Callable[[bytes], int]] = []
        self.own = (-1, -1)
        self._open()

    def _open(self) -> None:
        """Find a way to write that cannot block.

        O_NONBLOCK on standard error itself would be shared with every child (open(2), "open file
        description"). So: a terminal or a FIFO is opened anew, if we may; else there are ways not to
        wait for one write at a time: RWF_NOWAIT (preadv2(2); of pipes, since Linux 6.4), or for a
        pipe SPLICE_F_NONBLOCK, from one of our own (splice(2)). A regular file blocks only with
        its file system, frozen or on a server that is away, and then by any call: RWF_NOWAIT
        waits for the thaw as well (sb_start_write() in the kernel), where it is known at all.
        """
        try:
            kind = posix.fstat(self.fd).st_mode & S_IFMT
        except OSError:
            self.dry = True  # closed: there is nobody to tell
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
        """Write what is left of a line that was cut; tell whether it is out."""
        return (not self.rest or self.write(self.rest)) and not self.rest

    def write(self, data: bytes) -> bool:
        """Write at least the beginning; what does not fit is kept for later, so that no line stays cut."""
        try:
            written = self.once(data)
        except OSError as error:
            if error.errno in UNSUPPORTED and self.once != self._plainly:
                return self._otherwise(data)
            return False
        except (AttributeError, NotImplementedError):  # built with an older C library (glibc 2.25, musl 1.2.4)
            return self._otherwise(data)
        self.rest = data[written:]
        return True

    def _otherwise(self, data: bytes) -> bool:
        """Write in another way, if there is one; else no way is sure not to block: rather be silent."""
        if self.others:
            self.once = self.others.pop()
            return self.write(data)
        self.dry = True
        return False

    def _plainly(self, data: bytes) -> int:
        return posix.write(self.fd, data)

    def _to_terminal(self, data: bytes) -> int:
        """Try some times: a write that may not block fails while another writes there (tty_write_lock())."""
        for _ in range(TRIES):
            try:
                return posix.write(self.fd, data)
            except BlockingIOError:
                posix.sched_yield()
        return posix.write(self.fd, data)

    def _without_waiting(self, data: bytes) -> int:
        return posix.pwritev(self.fd, [data], -1, posix.RWF_NOWAIT)

    def _through_own_pipe(self, data: bytes) -> int:
        """Move it as a page: the second best, as a pipe has room for 16 pages (pipe(7)), however little is on each."""
        if self.own == (-1, -1):
            self.own = posix.pipe2(posix.O_CLOEXEC)
        reader, writer = self.own
        posix.write(writer, data)
        try:
            return posix.splice(reader, self.fd, len(data), flags=posix.SPLICE_F_NONBLOCK)
        except OSError:
            posix.read(reader, len(data))  # it did not fit
            raise
