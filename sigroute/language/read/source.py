"""The text of a rule file, or of one to convert. The path may lead to a FIFO, a huge file, or a secret."""

from __future__ import annotations

import errno
import os
import re
import stat

import attrs

from sigroute.language.read.problems import Problem, RuleError

LARGEST = 256 * 1024
"""Bytes. A rule file with a thousand children has a third of that."""

#: The name of rules that are in no file: the default.
NO_FILE = "no rules"

#: A line that only rule files have.
_HEADER = (
    r"(?m)^[ \t]*(?:\[[ \t]*(?:child|task|group|on|signals|exit|drain|journal|control)[ \t]*[].]"
    r"|grace[ \t]*=|(?:child|task|group|on|signals|exit|drain|journal|control)(?:\.\S+[ \t]*=|[ \t]*=[ \t]*\{))"
)


@attrs.frozen(eq=False, repr=False)
class Source:
    """A text that rules are read from."""

    name: str
    """Its name in messages: the path as it was given, or ``--on``."""
    text: str
    """Its lines end in a newline alone."""
    path: str | None = None
    identity: tuple[int, int] | None = None
    """Device and inode."""

    @property
    def quotable(self) -> bool:
        """Whether messages may quote its lines. A file that is no rule file may hold secrets."""
        return self.path is None or is_like_rules(self.text)


def is_like_rules(text: str) -> bool:
    """Tell whether a text has a line that only rule files have."""
    return re.search(_HEADER, text) is not None


def read_source(path: str, name: str, *, obeyed: bool = True) -> Source:
    """Return the text of a file.

    :param name: its name in messages.
    :param obeyed: it has rules that are to be followed.
    :raises RuleError: it can't be read, is no regular file, is too large or not UTF-8; or it is obeyed, everybody may
        write it, and sigroute runs as root.
    """
    try:
        # Without these flags a FIFO blocks until somebody writes, and a terminal becomes the controlling one (open(2)).
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    except (OSError, ValueError) as error:
        raise _unreadable(name, error) from error
    try:
        return _read(fd, path, name, obeyed=obeyed)
    except OSError as error:
        raise _unreadable(name, error) from error
    finally:
        os.close(fd)


def _read(fd: int, path: str, name: str, *, obeyed: bool) -> Source:
    status = os.fstat(fd)
    if not stat.S_ISREG(status.st_mode):
        raise _refused(name, f"cannot read: it is {_kind(status.st_mode)}", "rules are read from a regular file")
    if obeyed and os.geteuid() == 0 and status.st_mode & stat.S_IWOTH:
        message = "cannot trust it: others may write it, and its commands would run as root"
        raise _refused(name, message, f"chmod o-w {name}")
    data = b""
    # A file in /proc has size 0 and content all the same: only reading tells.
    while len(data) <= LARGEST and (more := os.read(fd, LARGEST + 1 - len(data))):
        data += more
    if len(data) > LARGEST:
        message = f"cannot read: it has over {LARGEST // 1024} KiB ({max(status.st_size, len(data))} bytes)"
        raise _refused(name, message, "give children that share rules a group")
    return Source(name, _decode(data, name), path, (status.st_dev, status.st_ino))


def _decode(data: bytes, name: str) -> str:
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = f"cannot read: byte {error.start + 1} (line {line}) is not UTF-8"
        raise _refused(name, message, "save it as UTF-8") from error
    if text.startswith("\ufeff"):
        raise _refused(name, "cannot read: it begins with a byte order mark", "save it as UTF-8 without one")
    return text.replace("\r\n", "\n")


def _kind(mode: int) -> str:
    kinds = {
        stat.S_IFDIR: "a directory",
        stat.S_IFIFO: "a FIFO or a pipe",
        stat.S_IFCHR: "a device",
        stat.S_IFBLK: "a device",
        stat.S_IFSOCK: "a socket",
    }
    return kinds.get(stat.S_IFMT(mode), "no regular file")


def _unreadable(name: str, error: OSError | ValueError) -> RuleError:
    if not isinstance(error, OSError):
        return _refused(name, "cannot read: a path can't contain a NUL", "")
    hints = {
        errno.EACCES: f"its user is {os.geteuid()} here",
    }
    what = "no such file" if error.errno == errno.ENOENT else (error.strerror or str(error)).lower()
    # ENXIO: it is a socket (open(2)).
    what = "it is a socket" if error.errno == errno.ENXIO else what
    return _refused(name, f"cannot read: {what}", hints.get(error.errno or 0, ""))


def _refused(name: str, message: str, hint: str) -> RuleError:
    return RuleError((Problem(name, message, hint),))
