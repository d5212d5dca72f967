"""Reading a regular file: never more of it than is sound, and without waiting for whoever would write to a FIFO."""

from __future__ import annotations

import posix

from sigroute.pid1.kernel.abi import S_IFMT, S_IFREG
from sigroute.pid1.kernel.refusals import optional, twice

#: Without O_NONBLOCK, to open a FIFO would wait for a writer (fifo(7)).
FLAGS = posix.O_RDONLY | posix.O_NONBLOCK | posix.O_NOCTTY | posix.O_CLOEXEC


NOT_REGULAR = "it is not a regular file"


def contents(path: str | bytes, most: int) -> bytes:
    """Return the contents of a regular file of up to ``most`` bytes.

    :raises OSError: there is no such file, or it can't be read.
    """
    fd = twice(posix.open, path, FLAGS)
    try:
        if posix.fstat(fd).st_mode & S_IFMT != S_IFREG:
            raise OSError(NOT_REGULAR)
        data = b""
        while len(data) <= most and (part := twice(posix.read, fd, most + 1)):
            data += part
    finally:
        optional(posix.close, fd)
    if len(data) > most:
        message = f"it has more than {most >> 10} KiB"
        raise OSError(message)
    return data
