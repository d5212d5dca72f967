"""Which signals a process would survive: what it catches or ignores, and what no thread of it would take."""

from __future__ import annotations

import posix
import sys
import time

from sigroute.pid1.kernel.proc import answer, is_ours, read
from sigroute.pid1.kernel.refusals import optional
from sigroute.pid1.kernel.surroundings import machine

#: The numbers of rt_sigtimedwait(2), which sigwait(3) is, too. This machine's own: most have arm64's
#: (asm-generic/unistd.h). And those of a 32-bit program, on x86 and arm (asm/unistd_32.h): the second is the one with a
#: time of 64 bits. There 64-bit programs have nothing by these numbers that waits. s390x has the first, too.
SIGTIMEDWAIT = (b"%d" % {"x86_64": 128, "ppc64le": 176}.get(machine(), 137), b"177", b"421")

ALL = (1 << 64) - 1

#: So many threads are looked at; the rest of so many will be like them.
MOST = 512

#: So often a thread is looked at that may wait for signals: in a storm of them it begins and ends to, again and again.
LOOKS = 5

#: Seconds: between two of these, where the thread is about to run.
MOMENT = 0.0002


def handled(pid: int) -> tuple[int | None, int]:
    """Return which signals do not end a process by default, bit n-1 for signal n, and which of them it ignores.

    None where that can't be read: gVisor's /proc has the file, but not these lines (proc_pid_status(5)).
    """
    status = (read(f"/proc/{pid}/status") if is_ours() else None) or b""
    ignored, caught = mask(status, b"SigIgn"), mask(status, b"SigCgt")
    if ignored is None or caught is None:
        return None, 0
    return ignored | caught | untaken(pid), ignored


def mask(status: bytes, name: bytes) -> int | None:
    """Return a line of a status file, as bits."""
    begin = status.find(b"\n" + name + b":")
    return None if begin < 0 else int(status[begin + len(name) + 2 :].split(b"\n", 1)[0], 16)


def untaken(pid: int) -> int:
    """Return the signals that no thread of a process takes and dies of: each blocks them, or waits for them.

    That one thread blocks them is not enough: any other takes them (signal(7); Node has a thread that blocks all). And
    a thread in sigwait(3) seems not to block what it waits for (do_sigtimedwait()): its set is in its memory. Where
    that is closed to us (another user's process, without CAP_SYS_PTRACE), and one thread alone does not block what
    all the others do, that one is taken to wait for it, as is usual.
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
    """Return what a thread does not block; None for one that has ended."""
    status = read(f"{task}/status") or b""
    blocked = mask(status, b"SigBlk")
    return None if blocked is None or b"\nState:\tZ" in status else ALL & ~blocked


def taken_by(task: str, exposed: int) -> tuple[int, bool]:
    """Return what a thread takes of what it seems not to block, and whether that could be seen.

    It blocks what it waits for while it deals with one. So a thread that is not waiting is looked at again, and takes
    only what it blocks at no look.
    """
    for _ in range(LOOKS):
        call = (read(f"{task}/syscall") or b"").split()
        if call == [b"running"]:  # or woken from that wait, and not on a processor yet
            time.sleep(MOMENT)
        awaited = awaited_by(task, call)
        if awaited is None:
            return exposed, False
        exposed &= ~awaited if awaited else exposed_of(task) or 0
        if awaited or not exposed:
            break
    return exposed, True


def awaited_by(task: str, call: list[bytes]) -> int | None:
    """Return what a thread waits for in sigwait(3); 0 in another call, None where that can't be read.

    Its call and the arguments of that are in /proc/PID/task/TID/syscall (proc_pid_syscall(5)): the first is where the
    set is. The thread's own ``mem`` is read, as the process's is empty once its first thread has ended.
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
