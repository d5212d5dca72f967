"""What /proc tells of the sender of a message: the processes that it descends from, while it is there."""

from __future__ import annotations

import posix

from sigroute.pid1.engine.events import Sender
from sigroute.pid1.kernel import proc

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sigroute.pid1.engine.events import Process

#: The most processes from a sender up to a child.
DEPTH = 64


def found(pid: int, uid: int, child: int) -> Sender:
    """Return what is known of a sender.

    :param pid: 0: it is outside this pid namespace.
    :param uid: its user.
    :param child: the pid of the child that it speaks of.
    """
    try:
        if not pid or pid == child or not proc.is_ours():
            return Sender(pid=pid)
        line = line_of(pid, posix.getpid())
        return Sender(pid=pid, line=line, kin=not line and uid in (0, user_of(child)))
    except (OSError, MemoryError):  # for want of memory or descriptors
        return Sender(pid=pid)


def line_of(pid: int, me: int) -> tuple[Process, ...]:
    """Return a process, its parent, and so on, up to a child of ours; nothing if it has ended."""
    line: list[Process] = []
    while pid not in (0, me) and len(line) < DEPTH:
        process = proc.process(pid)
        if process is None:
            break
        line.append(process)
        pid = process.parent
    return tuple(line)


def user_of(pid: int) -> int | None:
    """Return the real user of a process; None if it has ended (proc_pid_status(5))."""
    status = proc.read(f"/proc/{pid}/status") or b""
    _, _, rest = status.partition(b"\nUid:")
    return int(rest.split(None, 1)[0]) if rest else None
