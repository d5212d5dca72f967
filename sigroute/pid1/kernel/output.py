"""Writing a text and ending: for what is said before there is a log, or in its place."""

from __future__ import annotations

import posix

from sigroute.pid1.kernel.refusals import optional, words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

STDIN, STDOUT, STDERR = 0, 1, 2

#: The type in a file's mode, and that of a regular file (inode(7)).
S_IFMT, S_IFREG = 0o170000, 0o100000


def end(code: int, text: str = "", fd: int = STDOUT) -> NoReturn:
    """Write a text, if that is possible, and end with this code.

    The process ends at once: sigroute has nothing to clean up (_exit(2)).
    """
    write(text, fd)
    posix._exit(code)  # noqa: SLF001 - its public name; the underscore is exit(2)'s


def write(text: str, fd: int) -> str:
    """Write all of a text, waiting for readers; return why that was not possible, or nothing."""
    data = text.encode("utf-8", "surrogateescape")
    try:
        while data:
            data = data[posix.write(fd, data) :]
    except OSError as error:
        return words(error)
    return ""


def is_regular(fd: int) -> bool:
    """Tell whether a descriptor is a regular file's."""
    try:
        return posix.fstat(fd).st_mode & S_IFMT == S_IFREG
    except OSError:
        return False


def complain(text: str) -> None:
    """Write an error. Wait for a reader only if standard error cannot be opened anew (``warn``)."""
    if not warn(text):
        write(text, STDERR)


def warn(text: str) -> bool:
    """Write to standard error without waiting; tell whether that was possible.

    It is opened anew, because O_NONBLOCK on the inherited one would hold for every child, too (open(2), "open file
    description"). A socket cannot be opened so, and without /proc nothing can. A regular file does not wait, and is
    not opened anew: it would not move the offset that all its writers share, and the next would overwrite this text.
    """
    if is_regular(STDERR):
        return not write(text, STDERR)
    flags = posix.O_WRONLY | posix.O_APPEND | posix.O_NONBLOCK | posix.O_NOCTTY | posix.O_CLOEXEC
    try:
        fd = posix.open(f"/proc/self/fd/{STDERR}", flags)
    except OSError:
        return False
    optional(posix.write, fd, text.encode("utf-8", "replace"))  # a pipe that nobody reads may be full
    optional(posix.close, fd)
    return True
