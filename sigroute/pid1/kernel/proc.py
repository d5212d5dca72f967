"""What /proc tells of processes. The answer is None if there is no /proc for sigroute's own pid namespace.

OSError is raised if something can't be read this time, for want of memory or descriptors: the next try may succeed.
"""

from __future__ import annotations

import posix

from sigroute.pid1.engine import tree
from sigroute.pid1.engine.events import Process
from sigroute.pid1.kernel.abi import ESRCH
from sigroute.pid1.kernel.refusals import PASSING, optional, twice

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal as _signal
    from collections.abc import Callable
    from typing import TypeVar

    Answer = TypeVar("Answer")
else:
    import _signal  # signal itself imports enum: 3 ms and 1 MB

#: The most times to list /proc, and to read processes again whose parent has ended: while processes fork all the time,
#: each list has new ones.
LISTINGS = 10


def is_ours() -> bool:
    """Tell whether the pids in /proc are those of sigroute's pid namespace.

    A /proc that was mounted before the namespace was made (``unshare --pid`` without
    ``--mount-proc``) shows other processes under the same pids (pid_namespaces(7), "/proc and
    PID namespaces"). There, /proc/self names sigroute by its pid in the outer namespace.
    """
    return answer(posix.readlink, "/proc/self") == str(posix.getpid())


def answer(call: Callable[..., Answer], *arguments: object) -> Answer | None:
    """Return what a call returns; None if the file or process does not exist, or may not be read.

    :raises OSError: the call has failed for now, for want of memory or descriptors.
    """
    try:
        return twice(call, *arguments)
    except OSError as error:
        if error.errno in PASSING:
            raise
    return None


def read_all(path: str) -> bytes:
    """Return a file in /proc that may be long; what can't be read of it is left out."""
    data = b""
    fd = answer(posix.open, path, posix.O_RDONLY | posix.O_CLOEXEC)
    if fd is None:
        return data
    try:
        while more := answer(posix.read, fd, 65536):
            data += more
    finally:
        optional(posix.close, fd)
    return data


def read(path: str) -> bytes | None:
    """Return the first 64 KiB of a file in /proc; None if it does not exist, or may not be read."""
    fd = answer(posix.open, path, posix.O_RDONLY | posix.O_CLOEXEC)
    if fd is None:
        return None
    try:
        return answer(posix.read, fd, 65536)
    finally:
        optional(posix.close, fd)


def processes() -> tuple[Process, ...] | None:
    """Return every process that /proc shows, this one included.

    The pids are listed first, and each process is read afterwards. A process that forks and ends in between is missing,
    and so is its child. So /proc is listed again until it shows no new pid.
    """
    if not is_ours():
        return None
    found: dict[int, Process | None] = {}
    for _ in range(LISTINGS):
        entries = answer(posix.listdir, "/proc") or ()
        fresh = [int(entry) for entry in entries if entry.isdigit() and int(entry) not in found]
        if not fresh:
            break
        found.update([(pid, process(pid)) for pid in fresh])
    find_parents(found)
    listed = tuple([each for each in found.values() if each is not None])
    return listed or None


def find_parents(found: dict[int, Process | None]) -> None:
    """Read the processes again whose parent was not found: it has ended since they were read.

    By then the kernel has given them a new parent: the next subreaper, or PID 1 (exit(3), prctl(2)). A process with
    parent 0 has no parent in this namespace. If the parent is only hidden (hidepid, proc(5)), it stays the same.
    """
    for _ in range(LISTINGS):
        lost = [each for each in found.values() if each is not None and each.parent and not found.get(each.parent)]
        found.update([(each.pid, process(each.pid)) for each in lost])
        if all((now := found[each.pid]) is not None and now.parent == each.parent for each in lost):
            break


def process(pid: int) -> Process | None:
    """Return a process as a line of the list; None if it has ended (proc_pid_stat(5))."""
    text = read(f"/proc/{pid}/stat")
    if not text:
        return None
    # The name may hold spaces and brackets, so the other fields begin after the last bracket.
    words = text[text.rindex(b")") + 2 :].split(None, 20)
    state = words[0].decode()
    if state == "Z" and int(words[17]) > 1:
        state = "S"  # only its first thread has ended (pthread_exit(3)); the others get its signals
    return Process(
        pid=pid,
        state=state,
        parent=int(words[1]),
        group=int(words[2]),
        session=int(words[3]),
        start=int(words[19]),
    )


def kill_same(listed: Process, signal: int, me: int) -> None:
    """Send a signal to a process if it still is the one that was listed.

    The pidfd is opened before the process is read. So the signal goes to the process that was read, or to none
    (pidfd_open(2)).

    :param me: sigroute's own pid.
    :raises OSError: the signal can't be sent; ESRCH if the process has ended.
    """
    pid = listed.pid
    try:
        fd = posix.pidfd_open(pid)
    except ProcessLookupError:
        raise
    except (AttributeError, OSError):
        fd = -1  # a Linux (before 5.3) or Python without it, or it is not allowed: reading the process has to suffice
    try:
        now = process(pid)
        if now is None or not tree.is_same(listed, now, me, lambda pid: process(pid) is not None):
            raise ProcessLookupError(ESRCH, posix.strerror(ESRCH))
        if not sent(fd, signal):
            posix.kill(pid, signal)
    finally:
        if fd >= 0:
            optional(posix.close, fd)


def sent(fd: int, signal: int) -> bool:
    """Send a signal by a pidfd; tell whether that was possible: a filter may refuse it, but permit kill(2).

    :raises ProcessLookupError: the process has ended.
    """
    if fd < 0:
        return False
    try:
        _signal.pidfd_send_signal(fd, signal)
    except ProcessLookupError:
        raise
    except OSError:
        return False
    return True
