"""The file of the journal: lines are appended without waiting, and a regular file has an end.

Where it can't be written, the run goes on: the caller learns why, and tries again later. PID 1 is root, and the
directory may be anybody's: so a link is not followed, and a regular file must be sigroute's own, under one name.
"""

from __future__ import annotations

import fcntl
import posix

from sigroute.pid1.kernel.abi import S_IFMT, S_IFREG
from sigroute.pid1.kernel.refusals import optional, words

#: A regular file of so many bytes gets the name of the old one, and a new one begins: both together have twice that.
MOST = 4 << 20

#: What is added to the name of the old one.
OLD = b".1"

#: A FIFO is not waited for (fifo(7)); with O_NONBLOCK a full one refuses the write (pipe(7)).
FLAGS = posix.O_WRONLY | posix.O_CREAT | posix.O_APPEND | posix.O_NONBLOCK | posix.O_NOCTTY | posix.O_CLOEXEC
FLAGS |= posix.O_NOFOLLOW

#: For its owner only: it has command lines and messages.
MODE = 0o600


class JournalFile:
    """The file, as far as it can be had."""

    def __init__(self, path: bytes) -> None:
        self.path = path
        self.fd = -1
        self.size = 0
        #: The file is a regular one.
        self.regular = False
        #: What was written last may be cut.
        self.cut = False

    def open(self) -> str:
        """Open the file, if it is not open; return why that is not possible, or nothing."""
        if self.fd >= 0:
            return ""
        try:
            self.fd = posix.open(self.path, FLAGS, MODE)
        except OSError as error:
            return words(error)
        trouble = self._take()
        if trouble:
            optional(posix.close, self.fd)
            self.fd = -1
        return trouble

    def _take(self) -> str:
        """Make a regular file sigroute's own; return why that is not possible, or nothing."""
        try:
            status = posix.fstat(self.fd)
            self.regular, self.size = status.st_mode & S_IFMT == S_IFREG, status.st_size
            if not self.regular:
                return ""
            if status.st_uid != posix.geteuid() or status.st_nlink != 1:
                return "it belongs to somebody else, or has another name"
            posix.fchmod(self.fd, MODE)
            fcntl.flock(self.fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return "another sigroute writes to it"
        except OSError as error:
            return words(error)
        self.cut = self.size > 0  # its last line may be: whoever wrote it may have been killed
        return ""

    def is_full(self) -> bool:
        """Tell whether a new file is due."""
        return self.regular and self.size >= MOST

    def turn(self) -> None:
        """Begin a new file. If the old one can't be kept, it is emptied: its size has a limit in any case."""
        try:
            here, named = posix.fstat(self.fd), posix.stat(self.path, follow_symlinks=False)
            if (here.st_dev, here.st_ino) == (named.st_dev, named.st_ino):  # else somebody has moved it
                posix.rename(self.path, self.path + OLD)
        except FileNotFoundError:
            pass
        except OSError:
            optional(posix.ftruncate, self.fd, 0)
        optional(posix.close, self.fd)
        self.fd = -1

    def write(self, data: bytes) -> str:
        """Append a line; return why that is not possible, or nothing."""
        if self.cut:
            data = b"\n" + data
        try:
            written = posix.write(self.fd, data)
        except OSError as error:
            return words(error)
        self.size += written
        self.cut = written < len(data)
        return "only a part of a line could be written" if self.cut else ""
