"""What this process was started in: its environment, and whose orphans come to it."""

from __future__ import annotations

import posix
import sys

from sigroute.pid1.kernel.libc import PR_SET_CHILD_SUBREAPER, prctl
from sigroute.pid1.kernel.output import STDERR
from sigroute.pid1.kernel.refusals import optional, twice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

#: The name of the option by which a Python that begins anew is told what was blocked at its first start.
FIRST_BLOCKED = "sigroute-blocked"

#: What CPython itself puts into LC_CTYPE where it finds the C locale (PEP 538).
COERCED = (b"C.UTF-8", b"C.utf8", b"UTF-8")


def as_given() -> None:
    """Have the environment that execv(3) passes on as it was given, to the byte.

    CPython leaves that of the C library alone, words without ``=`` and a name's second value too; but in the C locale
    it sets LC_CTYPE there (PEP 538), and initdb, to name one, would make its database in another locale for it. The
    kernel keeps the original (proc_pid_environ(5)); without /proc, what CPython may have set is left out.
    """
    if posix.environ.get(b"LC_CTYPE") not in COERCED:
        return
    words = words_of("/proc/self/environ")
    if not words and (posix.environ.get(b"LC_ALL") or posix.environ.get(b"LANG", b"C") != b"C"):
        return
    value = next((word[len(b"LC_CTYPE=") :] for word in words if word.startswith(b"LC_CTYPE=")), None)
    if value is None:
        posix.unsetenv(b"LC_CTYPE")
    else:
        posix.putenv(b"LC_CTYPE", value)


def without_locale(blocked: Iterable[int]) -> frozenset[int]:
    """Begin anew in UTF-8 mode (PEP 540) where the locale has another encoding; return where that is not needed.

    In UTF-8 every byte of the command line and of a file's name is decoded to what is encoded to it again. What CPython
    decodes by EUC-JP it may not encode, and by GB18030 to other bytes. Without /proc only its word can be taken.

    :param blocked: the signals that were blocked when this process was started.
    :returns: those that were blocked when it was first started: an exec keeps what is blocked by us (execve(2)).
    """
    options = sys._xoptions  # noqa: SLF001 - its public name (python(1), -X)
    first = options.get(FIRST_BLOCKED)
    if isinstance(first, str):
        blocked = [int(number) for number in first.split(",") if number]
    if sys.getfilesystemencoding() == "utf-8" or "utf8" in options:
        return frozenset(blocked)
    as_given()
    mask = f"-X{FIRST_BLOCKED}={','.join([str(int(number)) for number in blocked])}".encode()
    try:
        words = words_of("/proc/self/cmdline") or [in_bytes(word) for word in sys.orig_argv]
        python = in_bytes(sys.executable) or b"/proc/self/exe"
        posix.execv(python, [python, b"-Xutf8", mask, *words[1:]])
    except (OSError, UnicodeEncodeError):
        return frozenset(blocked)  # what can be encoded in this locale goes through


def words_of(path: str) -> list[bytes]:
    """Return what /proc tells of our own command line or environment; nothing where it can't be read."""
    try:
        return contents(path).split(b"\0")[:-1]
    except OSError:
        return []


def contents(path: str) -> bytes:
    """Return what is in a file.

    :raises OSError: it can't be read.
    """
    return taken(twice(posix.open, path, posix.O_RDONLY | posix.O_CLOEXEC))


def taken(fd: int) -> bytes:
    """Read a descriptor to its end, and close it.

    :raises OSError: it can't be read.
    """
    data = b""
    try:
        while part := twice(posix.read, fd, 1 << 20):
            data += part
    finally:
        optional(posix.close, fd)
    return data


def environment() -> dict[bytes, bytes]:
    """Return our environment, as it was given."""
    return posix.environ


def own_pid() -> int:
    """Return our pid."""
    return posix.getpid()


def leads_session() -> bool:
    """Tell whether this process leads its session (setsid(2))."""
    return posix.getsid(0) == posix.getpid()


def machine() -> str:
    """Return the architecture (uname(2)); empty where nobody tells."""
    try:
        return posix.uname().machine
    except OSError:
        return ""


def in_bytes(word: str) -> bytes:
    """Return a word of the command line as the kernel gave it (os.fsencode)."""
    return word.encode(sys.getfilesystemencoding(), sys.getfilesystemencodeerrors())


def adapt(names: tuple[bytes, ...]) -> None:
    """Make these variables mean us, a forked child, where they mean our parent by its pid."""
    parent, own = b"%d" % posix.getppid(), b"%d" % posix.getpid()
    for name in names:
        if posix.environ.get(name) == parent and (name != b"LISTEN_PID" or adapt_inode()):
            posix.putenv(name, own)


def adapt_inode() -> bool:
    """Do the same with LISTEN_PIDFDID, which tells a process from others of its pid; tell whether our parent was meant.

    It is the inode of a pidfd (sd_listen_fds(3)); of no use where all have the same, as before Linux 6.9.
    """
    given = posix.environ.get(b"LISTEN_PIDFDID")
    if given is None:
        return True
    parent, own = inode(posix.getppid()), inode(posix.getpid())
    if own in (parent, b""):
        posix.unsetenv(b"LISTEN_PIDFDID")
        return True
    if given == parent:
        posix.putenv(b"LISTEN_PIDFDID", own)
    return given == parent


def inode(pid: int) -> bytes:
    """Return what a process has to itself, or nothing."""
    try:
        fd = posix.pidfd_open(pid)
    except (AttributeError, OSError):  # a Python or Linux without it, or not allowed here
        return b""
    try:
        return b"%d" % posix.fstat(fd).st_ino
    except OSError:
        return b""
    finally:
        optional(posix.close, fd)


def leave(*, directory: bool, descriptors: bool, spared: int) -> None:
    """Hold on to nothing that sigroute was started with: its directory, and all but the standard descriptors.

    :param spared: a descriptor of our own.
    """
    if directory:
        optional(posix.chdir, "/")
    if descriptors:
        optional(_close_all_but, spared)


def _close_all_but(spared: int) -> None:
    for name in posix.listdir("/proc/self/fd"):
        if int(name) > STDERR and int(name) != spared:
            posix.closerange(int(name), int(name) + 1)  # which does not mind one that is closed


def subreaper() -> tuple[str, ...]:
    """Where we are not PID 1, become a subreaper; return what to say of it.

    It makes orphans ours (PR_SET_CHILD_SUBREAPER(2const)), and exec keeps it.
    """
    if posix.getpid() == 1:
        return ()
    if prctl(PR_SET_CHILD_SUBREAPER, 1):
        return ("not PID 1: orphans are adopted as a subreaper",)
    return ("not PID 1, and no subreaper: orphans are left to another",)
