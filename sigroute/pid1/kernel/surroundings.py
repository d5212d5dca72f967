"""What this process was started in: its environment, and whose orphans come to it."""

from __future__ import annotations

import posix
import sys

STDERR = 2

#: What CPython itself puts into LC_CTYPE where it finds the C locale (PEP 538).
COERCED = (b"C.UTF-8", b"C.utf8", b"UTF-8")

#: prctl(2).
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER, PR_GET_CHILD_SUBREAPER = 1, 36, 37


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


def leave(*, directory: bool, descriptors: bool) -> None:
    """Hold on to nothing that sigroute was started with: its directory, and all but the standard descriptors."""
    try:
        if directory:
            posix.chdir("/")
        if descriptors:
            for name in posix.listdir("/proc/self/fd"):
                if int(name) > STDERR:
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


def prctl(option: int, value: int) -> bool:
    """Set an attribute of this process (prctl(2)); tell whether that was possible."""
    try:
        import ctypes  # noqa: PLC0415 - slow to load and large, and PID 1 rarely needs it

        return bool(ctypes.CDLL(None).prctl(option, value, 0, 0, 0) == 0)
    except (ImportError, OSError, AttributeError):  # a Python without libffi; a C library that is linked in
        return False


def is_subreaper() -> bool:
    """Tell whether orphans come to us although we are not PID 1: exec kept what a former program had set."""
    try:
        import ctypes  # noqa: PLC0415

        found = ctypes.c_int(0)
        ctypes.CDLL(None).prctl(PR_GET_CHILD_SUBREAPER, ctypes.byref(found), 0, 0, 0)
    except (ImportError, OSError, AttributeError):
        return False
    return found.value == 1


def queue(pid: int, signal: int, value: int) -> bool:
    """Send a process a signal with a value (sigqueue(3)); tell whether it was sent.

    Where it was not, kill(2) is what is left, as the signal counts more than its value: without ctypes, under a
    filter that knows no rt_sigqueueinfo(2), and where the queue of the receiver's user is full (EAGAIN,
    RLIMIT_SIGPENDING). There kill(2) does not fail: one of that number is pending then, at least (the kernel's
    __send_signal_locked(): "We still send the signal, but the *info bits are lost"). To wait for room would hold up
    everything else for a child that does not take its signals.
    """
    try:
        import ctypes  # noqa: PLC0415 - 3 ms and up to half a MB: only whoever gets values pays, at the first

        # union sigval as a pointer of the same bytes: by value both are passed alike. The rest of the pointer that
        # it may have been is lost: Python's siginfo shows only the int.
        sigval = ctypes.c_void_p.from_buffer_copy(value.to_bytes(4, sys.byteorder, signed=True) + bytes(4))
        # pythonapi: the whole process, the C library with it, opened once.
        return bool(ctypes.pythonapi.sigqueue(pid, signal, sigval) == 0)
    except (ImportError, OSError, AttributeError, MemoryError):  # as for subreaper(); no memory that can be executed
        return False
