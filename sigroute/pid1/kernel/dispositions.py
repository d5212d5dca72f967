"""Which signals a process handles: it catches or ignores them, or each of its threads blocks or waits for them."""

from __future__ import annotations

import posix
import sys
import time

from sigroute.pid1.kernel import proc
from sigroute.pid1.kernel.machine import machine
from sigroute.pid1.kernel.refusals import optional

#: The numbers of rt_sigtimedwait(2), which sigwait(3) calls, too. First this machine's own: most machines have the one
#: of arm64 (asm-generic/unistd.h). Then those of 32-bit programs on x86 and arm (asm/unistd_32.h): the old call, and
#: the one with 64 bits of time. In 64-bit programs these two are calls that do not wait; on s390x 177 is this call.
SIGTIMEDWAIT = (b"%d" % {"x86_64": 128, "ppc64le": 176}.get(machine(), 137), b"177", b"421")

ALL = (1 << 64) - 1

#: The most threads to inspect: with so many, the others are most likely the same.
MOST = 512

#: How often to inspect a thread that may wait for signals: while many arrive, it leaves its wait for each of them.
LOOKS = 5

#: Seconds between two of these, if the thread is running.
MOMENT = 0.0002


def handled(pid: int) -> tuple[int | None, int]:
    """Return the signals that a process handles, bit n-1 for signal n, and those of them that it ignores.

    The first is None if it can't be read: gVisor's /proc has the file, but not these lines (proc_pid_status(5)).
    """
    status = (proc.read(f"/proc/{pid}/status") if proc.is_ours() else None) or b""
    ignored, caught = mask(status, b"SigIgn"), mask(status, b"SigCgt")
    if ignored is None or caught is None:
        return None, 0
    return ignored | caught | untaken(pid), ignored


def mask(status: bytes, name: bytes) -> int | None:
    """Return a mask in a status file; None if it has no line of that name."""
    begin = status.find(b"\n" + name + b":")
    return None if begin < 0 else int(status[begin + len(name) + 2 :].split(b"\n", 1)[0], 16)


def untaken(pid: int) -> int:
    """Return the signals that each thread of a process blocks or waits for.

    If only some threads block a signal, the kernel delivers it to another one (signal(7)); Node has one thread that
    blocks all. A thread in sigwait(3) does not seem to block the signals that it waits for (do_sigtimedwait()): the set
    of these is in its memory. sigroute may not read that of another user's process without CAP_SYS_PTRACE. Then a
    signal that all threads but one block is supposed to be awaited by that one, as is usual.
    """
    threads = proc.answer(posix.listdir, f"/proc/{pid}/task") or []
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
    """Return the signals that a thread does not block; None if the thread has ended."""
    status = proc.read(f"{task}/status") or b""
    blocked = mask(status, b"SigBlk")
    return None if blocked is None or b"\nState:\tZ" in status else ALL & ~blocked


def taken_by(task: str, exposed: int) -> tuple[int, bool]:
    """Return the signals that a thread neither blocks nor waits for, and whether its wait could be read.

    Such a thread blocks all signals of its set, and leaves its wait only to deal with one. So a thread that is not in a
    wait is inspected again; a signal that it blocks in any of these inspections is left out.

    :param exposed: the signals that it seems not to block.
    """
    for _ in range(LOOKS):
        call = (proc.read(f"{task}/syscall") or b"").split()
        if call == [b"running"]:  # it runs, or it was woken from its wait and has no processor yet
            time.sleep(MOMENT)
        awaited = awaited_by(task, call)
        if awaited is None:
            return exposed, False
        exposed &= ~awaited if awaited else exposed_of(task) or 0
        if awaited or not exposed:
            break
    return exposed, True


def awaited_by(task: str, call: list[bytes]) -> int | None:
    """Return the signals that a thread waits for in sigwait(3); 0 if it does not; None if that can't be read.

    /proc/PID/task/TID/syscall has the number of its system call and the arguments (proc_pid_syscall(5)): the first is
    the address of the set. The set is read from the thread's own ``mem``, as the process's ``mem`` is empty once its
    first thread has ended.
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
