"""Functions of the C library that Python lacks. The first call loads ctypes.

That takes 3 ms and half a MB. PID 1 pays it only when the first signal with a value arrives. Where Python has no ctypes
(python3-minimal), or the kernel refuses its memory, each function reports failure.
"""

from __future__ import annotations

import sys

#: prctl(2).
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER, PR_GET_CHILD_SUBREAPER = 1, 36, 37

#: Without libffi; with a C library that is linked in; without memory that can be executed.
MISSING = (ImportError, OSError, AttributeError, MemoryError)


def prctl(option: int, value: int) -> bool:
    """Set an attribute of this process (prctl(2)); return whether that worked."""
    try:
        import ctypes  # noqa: PLC0415 - 1 MB, where it is needed only

        return bool(ctypes.pythonapi.prctl(option, value, 0, 0, 0) == 0)
    except MISSING:
        return False


def is_subreaper() -> bool:
    """Return whether this process is a subreaper: exec keeps what an earlier program has set."""
    try:
        import ctypes  # noqa: PLC0415 - 1 MB, where it is needed only

        found = ctypes.c_int(0)
        ctypes.pythonapi.prctl(PR_GET_CHILD_SUBREAPER, ctypes.byref(found), 0, 0, 0)
    except MISSING:
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
    except MISSING:
        return False
