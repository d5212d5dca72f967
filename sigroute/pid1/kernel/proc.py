"""What /proc tells of processes. Where there is no /proc of ours, the answer is None.

An error is raised of what can't be read this time, for want of memory or descriptors: that says nothing of the process.
"""

from __future__ import annotations

import posix

from sigroute.pid1.engine.events import Process
from sigroute.pid1.engine.tree import is_same
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

#: So often /proc is listed at most, and those are read again whose parent has ended: in a storm of forks there always
#: is somebody.
LISTINGS = 10


def is_ours() -> bool:
    """Tell whether the numbers in /proc are those of our pid namespace.

    A /proc that was mounted before the namespace was made (``unshare --pid`` without
    ``--mount-proc``) tells of other processes by the same numbers (pid_namespaces(7), "/proc and
    PID namespaces"). Its "self" is us, by the number that we have there.
    """
    return answer(posix.readlink, "/proc/self") == str(posix.getpid())


def answer(call: Callable[..., Answer], *arguments: object) -> Answer | None:
    """Return what a call returns; None where it is refused for good: what is asked for is not there, or not ours.

    :raises OSError: it is refused for now.
    """
    try:
        return twice(call, *arguments)
    except OSError as error:
        if error.errno in PASSING:
            raise
    return None


def read(path: str) -> bytes | None:
    """Return a file of /proc, up to 64 KiB of it; None when it can't be read."""
    fd = answer(posix.open, path, posix.O_RDONLY | posix.O_CLOEXEC)
    if fd is None:
        return None
    try:
        return answer(posix.read, fd, 65536)
    finally:
        optional(posix.close, fd)


def processes() -> tuple[Process, ...] | None:
    """Return every process that /proc shows, this one included.

    /proc is listed first and read after, one by one: who forks and ends between the two is not found, and neither is
    what it forked. So it is listed again until nobody is new.
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
    """Read those again whose parent is not found: read before it, as pids wrap, they name one that has ended since.

    By then the kernel has given them another, which is the next subreaper or PID 1 (exit(3), prctl(2)). Whose parent is
    0 has none here; whose parent is hidden from us (hidepid, proc(5)) names it again.
    """
    for _ in range(LISTINGS):
        lost = [each for each in found.values() if each is not None and each.parent and not found.get(each.parent)]
        found.update([(each.pid, process(each.pid)) for each in lost])
        if all((now := found[each.pid]) is not None and now.parent == each.parent for each in lost):
            break


def process(pid: int) -> Process | None:
    """Return one line of the process list; None when it has gone (proc_pid_stat(5))."""
    text = read(f"/proc/{pid}/stat")
    if not text:
        return None
    # The name may hold spaces and brackets: what follows its last bracket is regular.
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

    The descriptor is opened first and the process read after: what the descriptor means cannot
    become another between the look and the signal (pidfd_open(2)).

    :param me: our own pid.
    :raises OSError: it can't be sent; ESRCH when the process has gone.
    """
    pid = listed.pid
    try:
        fd = posix.pidfd_open(pid)
    except ProcessLookupError:
        raise
    except (AttributeError, OSError):
        fd = -1  # a Python or Linux without it (before 5.3), or not allowed here: the look alone has to do
    try:
        now = process(pid)
        if now is None or not is_same(listed, now, me, lambda pid: process(pid) is not None):
            raise ProcessLookupError(ESRCH, posix.strerror(ESRCH))
        if not sent(fd, signal):
            posix.kill(pid, signal)
    finally:
        if fd >= 0:
            optional(posix.close, fd)


def sent(fd: int, signal: int) -> bool:
    """Tell whether a signal went by a descriptor; a filter may refuse that, and not kill(2).

    :raises ProcessLookupError: the process has gone.
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
