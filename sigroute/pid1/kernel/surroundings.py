"""What this process was started with: environment, command line, directory, descriptors, orphans to adopt."""

from __future__ import annotations

import posix
import sys

from sigroute.pid1.kernel.libc import PR_SET_CHILD_SUBREAPER, prctl
from sigroute.pid1.kernel.options import ADOPTS, ADOPTS_NOT
from sigroute.pid1.kernel.output import STDERR
from sigroute.pid1.kernel.refusals import optional, twice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

#: The -X option that tells a restarted Python which signals were blocked at its first start.
FIRST_BLOCKED = "sigroute-blocked"

#: What CPython itself puts into LC_CTYPE where it finds the C locale (PEP 538).
COERCED = (b"C.UTF-8", b"C.utf8", b"UTF-8")


def as_given() -> None:
    """Restore the environment that execv(3) passes on, to the byte.

    CPython changes one variable of it: in the C locale it sets LC_CTYPE (PEP 538). initdb, for one, would then create
    its database in another locale. The kernel keeps the original (proc_pid_environ(5)). Without /proc, a value that
    CPython may have set is removed.
    """
    if posix.environ.get(b"LC_CTYPE") not in COERCED:
        return
    words = words_of("/proc/self/environ")
    if not words and (posix.environ.get(b"LC_ALL") or posix.environ.get(b"LANG", b"C") != b"C"):
        return
    value = next((word[len(b"LC_CTYPE=") :] for word in words if word.startswith(b"LC_CTYPE=")), None)
    put(b"LC_CTYPE", value)


def put(name: bytes, value: bytes | None) -> None:
    """Set or remove a variable, for execv(3) and in ``environment``."""
    if value is None:
        posix.unsetenv(name)
        posix.environ.pop(name, None)
    else:
        posix.putenv(name, value)
        posix.environ[name] = value


def without_locale(blocked: Iterable[int]) -> frozenset[int]:
    """Restart Python in UTF-8 mode (PEP 540) if the locale has another encoding; return if that is not needed.

    In UTF-8 mode all bytes of the command line and of file names survive decoding and encoding. In EUC-JP CPython may
    fail to encode what it has decoded, in GB18030 it may encode other bytes. Without /proc nothing better is known.

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
        return frozenset(blocked)  # go on in this locale: most words survive


def words_of(path: str) -> list[bytes]:
    """Return the words of our command line or environment, as /proc has them; none if it cannot be read."""
    try:
        return contents(path).split(b"\0")[:-1]
    except OSError:
        return []


def contents(path: str) -> bytes:
    """Return the contents of a file.

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
    """Return our environment: the first value of each name, as getenv(3) finds it."""
    return posix.environ


def own_pid() -> int:
    """Return our pid."""
    return posix.getpid()


def parent_pid() -> int:
    """Return the pid of our parent."""
    return posix.getppid()


def leads_session() -> bool:
    """Tell whether this process leads its session (setsid(2)), as far as the kernel tells."""
    try:
        return posix.getsid(0) == posix.getpid()
    except OSError:
        return False


def in_bytes(word: str) -> bytes:
    """Return a word of the command line as the kernel gave it (os.fsencode)."""
    return word.encode(sys.getfilesystemencoding(), sys.getfilesystemencodeerrors())


def adapt(names: tuple[bytes, ...]) -> None:
    """In a forked child: give these variables our pid where they have our parent's."""
    parent, own = b"%d" % posix.getppid(), b"%d" % posix.getpid()
    for name in names:
        if posix.environ.get(name) == parent and (name != b"LISTEN_PID" or adapt_inode()):
            put(name, own)


def adapt_inode() -> bool:
    """Do the same with LISTEN_PIDFDID, which is unique where pids are not; return whether it meant our parent.

    It is the inode of a pidfd (sd_listen_fds(3)). Before Linux 6.9 all pidfds have the same.
    """
    given = posix.environ.get(b"LISTEN_PIDFDID")
    if given is None:
        return True
    parent, own = inode(posix.getppid()), inode(posix.getpid())
    if own in (parent, b""):
        put(b"LISTEN_PIDFDID", None)
        return True
    if given == parent:
        put(b"LISTEN_PIDFDID", own)
    return given == parent


def inode(pid: int) -> bytes:
    """Return the inode of a process's pidfd; empty if there is none."""
    try:
        fd = posix.pidfd_open(pid)
    except (AttributeError, OSError):  # Python or Linux lacks it, or it is forbidden here
        return b""
    try:
        return b"%d" % posix.fstat(fd).st_ino
    except OSError:
        return b""
    finally:
        optional(posix.close, fd)


def leave(*, directory: bool, descriptors: bool, spared: int) -> None:
    """Give up the directory, or the descriptors beside the standard ones, that sigroute was started with.

    :param spared: a descriptor of sigroute's own, which stays open.
    """
    if directory:
        optional(posix.chdir, "/")
    if descriptors:
        optional(close_all_but, {spared})


def close_all_but(spared: set[int]) -> None:
    """Close all descriptors but these and the standard ones, as far as /proc has them.

    :raises OSError: it does not.
    """
    for name in posix.listdir("/proc/self/fd"):
        if int(name) > STDERR and int(name) not in spared:
            posix.closerange(int(name), int(name) + 1)  # which does not mind one that is closed


def keep_to_ourselves(descriptors: Iterable[int]) -> None:
    """Have no program that is started from here get these descriptors, which were kept over our own exec."""
    for each in descriptors:
        posix.set_inheritable(each, False)  # noqa: FBT003 - posix's own signature


def subreaper() -> tuple[str, ...]:
    """Become a subreaper if we are not PID 1; return what the log says about it.

    A subreaper adopts the orphans among its descendants (PR_SET_CHILD_SUBREAPER(2const)). exec keeps this.
    """
    if posix.getpid() == 1:
        return ()
    return (ADOPTS if prctl(PR_SET_CHILD_SUBREAPER, 1) else ADOPTS_NOT,)
