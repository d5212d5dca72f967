"""What this process was started in: its environment, and whose orphans come to it."""

from __future__ import annotations

import posix
import sys

from sigroute.pid1.kernel.libc import PR_SET_CHILD_SUBREAPER, prctl

STDERR = 2

#: What CPython itself puts into LC_CTYPE where it finds the C locale (PEP 538).
COERCED = (b"C.UTF-8", b"C.utf8", b"UTF-8")


def environment() -> dict[bytes, bytes]:
    """Return the environment that sigroute was started with.

    In the C locale CPython has set LC_CTYPE in its own (PEP 538), and initdb, to name one, would
    make its database in another locale for it. The kernel keeps the original (proc_pid_environ(5));
    without /proc, what CPython may have set is left out.
    """
    environ: dict[bytes, bytes] = {**posix.environ}
    environ.pop(b"", None)  # can't be passed on (execve(2) takes it, CPython does not)
    if environ.get(b"LC_CTYPE") not in COERCED:
        return environ
    try:
        fd = posix.open("/proc/self/environ", posix.O_RDONLY | posix.O_CLOEXEC)
    except OSError:
        if not environ.get(b"LC_ALL") and environ.get(b"LANG", b"C") == b"C":
            del environ[b"LC_CTYPE"]
        return environ
    data = b""
    while part := posix.read(fd, 1 << 16):
        data += part
    posix.close(fd)
    return parsed(data)


def in_bytes(word: str) -> bytes:
    """Return a word of the command line as the kernel gave it (os.fsencode)."""
    return word.encode(sys.getfilesystemencoding(), sys.getfilesystemencodeerrors())


def leave(*, directory: bool, descriptors: bool, spared: int) -> None:
    """Hold on to nothing that sigroute was started with: its directory, and all but the standard descriptors.

    :param spared: a descriptor of our own.
    """
    try:
        if directory:
            posix.chdir("/")
        if descriptors:
            for name in posix.listdir("/proc/self/fd"):
                if int(name) > STDERR and int(name) != spared:
                    posix.closerange(int(name), int(name) + 1)  # which does not mind one that is closed
    except OSError:
        return  # as the programs do that do this


def parsed(data: bytes) -> dict[bytes, bytes]:
    """Return an environment by name; of two of a name the first counts (getenv(3))."""
    environ: dict[bytes, bytes] = {}
    for word in data.split(b"\0"):
        name, equals, value = word.partition(b"=")
        if name and equals:
            environ.setdefault(name, value)
    return environ


def subreaper() -> tuple[str, ...]:
    """Where we are not PID 1, become a subreaper; return what to say of it.

    It makes orphans ours (PR_SET_CHILD_SUBREAPER(2const)), and exec keeps it.
    """
    if posix.getpid() == 1:
        return ()
    if prctl(PR_SET_CHILD_SUBREAPER, 1):
        return ("not PID 1: orphans are adopted as a subreaper",)
    return ("not PID 1, and no subreaper: orphans are left to another",)
