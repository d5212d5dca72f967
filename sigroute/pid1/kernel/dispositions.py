"""Which signals a process would survive: it catches or ignores them, or every thread blocks or awaits them."""

from __future__ import annotations

import posix
import sys
import time

from sigroute.pid1.kernel.proc import answer, is_ours, read
from sigroute.pid1.kernel.refusals import optional
from sigroute.pid1.kernel.surroundings import machine

#: The numbers of rt_sigtimedwait(2), which sigwait(3) calls. First this machine's own; most machines use arm64's
#: (asm-generic/unistd.h). Then the two of 32-bit programs on x86 and arm, with times of 32 and of 64 bits
#: (asm/unistd_32.h). No 64-bit call of these numbers waits for anything. s390x uses 177, too.
SIGTIMEDWAIT = (b"%d" % {"x86_64": 128, "ppc64le": 176}.get(machine(), 137), b"177", b"421")

ALL = (1 << 64) - 1

#: How many threads are looked at. With more, the rest are taken to be like them.
MOST = 512

#: How often a thread is looked at. In a storm of signals, one that waits for them keeps leaving and entering the call.
LOOKS = 5

#: Seconds between two looks at a thread that is about to run.
MOMENT = 0.0002


def handled(pid: int) -> tuple[int | None, int]:
    """Return two masks, bit n-1 for signal n: the signals that a process survives, and those of them that it ignores.

    The first is None if it cannot be read: gVisor's /proc has the file without these lines (proc_pid_status(5)).
    """
    status = (read(f"/proc/{pid}/status") if is_ours() else None) or b""
    ignored, caught = mask(status, b"SigIgn"), mask(status, b"SigCgt")
    if ignored is None or caught is None:
        return None, 0
    return ignored | caught | untaken(pid), ignored


def mask(status: bytes, name: bytes) -> int | None:
    """Return the mask on a line of a status file; None without such a line."""
    begin = status.find(b"\n" + name + b":")
    return None if begin < 0 else int(status[begin + len(name) + 2 :].split(b"\n", 1)[0], 16)


def untaken(pid: int) -> int:
    """Return the signals that every thread of a process blocks or waits for, so that none dies of them.

    One thread that blocks a signal is not enough: any other takes it (signal(7)). Node has a thread that blocks all.
    A thread in sigwait(3) does not show as blocked what it waits for (do_sigtimedwait()): the set is in its memory.
    Without CAP_SYS_PTRACE we cannot read the memory of another user's process. Then, if a single thread leaves open
    what all the others block, it is taken to wait for it, as is usual.
    """
    threads = answer(posix.listdir, f"/proc/{pid}/task") or []
    number = once = twice = 0
    sees = True
    for thread in threads[:MOST]:
        task = f"/proc/{pid}/task/{thread}"
        exposed = exposed_of(task)
        if exposed is None:
            continue
        number += 1
        if exposed & ~once:
            exposed, seen = taken_by(task, exposed)
            sees = sees and seen
        twice |= once & exposed
        once |= exposed
    if not number:
        return 0
    return ALL & ~(once if sees or number == 1 else twice)


def exposed_of(task: str) -> int | None:
    """Return the signals that a thread does not block; None if it has ended."""
    status = read(f"{task}/status") or b""
    blocked = mask(status, b"SigBlk")
    return None if blocked is None or b"\nState:\tZ" in status else ALL & ~blocked


def taken_by(task: str, exposed: int) -> tuple[int, bool]:
    """Return which of these signals a thread would die of, and whether its call could be read.

    While such a thread handles one signal, it blocks those that it will wait for. So a thread that does not wait is
    looked at again. It dies only of what it has left open at every look.
    """
    for _ in range(LOOKS):
        call = (read(f"{task}/syscall") or b"").split()
        if call == [b"running"]:  # or it has just been woken and waits for a processor
            time.sleep(MOMENT)
        awaited = awaited_by(task, call)
        if awaited is None:
            return exposed, False
        exposed &= ~awaited if awaited else exposed_of(task) or 0
        if awaited or not exposed:
            break
    return exposed, True


def awaited_by(task: str, call: list[bytes]) -> int | None:
    """Return the signals that a thread waits for in sigwait(3); 0 in another call, None if that cannot be read.

    /proc/PID/task/TID/syscall shows the call and its arguments (proc_pid_syscall(5)): the first is the address of the
    set. The thread's own ``mem`` is read, because the process's is empty once its first thread has ended.
    """
    if not call:
        return None
    if call[0] not in SIGTIMEDWAIT:
        return 0
    try:
        fd = posix.open(f"{task}/mem", posix.O_RDONLY | posix.O_CLOEXEC)
    except OSError:
        return None
    try:
        awaited = posix.pread(fd, 8, int(call[1], 16))
    except OSError:
        return None
    finally:
        optional(posix.close, fd)
    return int.from_bytes(awaited, sys.byteorder) if awaited else None
