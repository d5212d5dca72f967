"""Holds PID 1 at each of its system calls, by ptrace(2): between two of them a test can let anything happen.

Only the calls that others can notice are recorded, with their results. Its clock stands still while it does something:
PID 1 looks at signals again after some milliseconds of reaping, and held by a tracer it is slow.
"""

from __future__ import annotations

import ctypes
import os
import platform
import signal
import struct
import time
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

CONT, SYSCALL, SEIZE, INTERRUPT, GET_SYSCALL_INFO = 7, 24, 0x4206, 0x4207, 0x420E
TRACESYSGOOD, TRACEEXEC, EXITKILL = 1, 16, 1 << 20
EXECS = 4
AT_NULL, AT_IGNORE, AT_SYSINFO_EHDR = 0, 1, 33
ENTRY, EXIT = 1, 2
#: Where in the answer the stack pointer is, then number and arguments, or the result (struct ptrace_syscall_info).
STACK, INFO = 16, 24

STOPPED_AT_CALL = signal.SIGTRAP | 0x80
WALL = 0x40000000

#: By machine: the numbers of the calls that matter (asm/unistd.h).
NUMBERS = {
    "x86_64": {
        128: "wait", 38: "timer", 61: "wait4", 62: "kill", 129: "queue", 297: "queue to a thread",
        424: "kill by pidfd", 231: "exit", 228: "clock", 56: "fork", 57: "fork", 58: "fork", 435: "fork",
    },
    "aarch64": {
        137: "wait", 103: "timer", 260: "wait4", 129: "kill", 138: "queue", 240: "queue to a thread",
        424: "kill by pidfd", 94: "exit", 113: "clock", 220: "fork", 435: "fork",
    },
}[platform.machine()]  # fmt: skip

SENDS = {"kill", "queue", "queue to a thread", "kill by pidfd"}

libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = (ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p)
libc.ptrace.restype = ctypes.c_long


class Call(NamedTuple):
    """A call that others notice; pids as the process itself knows them."""

    name: str
    pid: int
    """Of whom it is about. A process group is negative."""
    number: int = 0
    """The signal, the wait status or the exit code."""
    value: int = 0
    """What was queued."""
    result: int = 0


def ptrace(request: int, pid: int, address: int = 0, data: object = 0) -> int:
    """Make a request."""
    done: int = libc.ptrace(request, pid, address, data)
    if done < 0:
        raise OSError(ctypes.get_errno(), f"ptrace {request:#x}: {os.strerror(ctypes.get_errno())}")
    return done


class Tracer:
    """A process that stops at each call.

    :param reacted: called when the process has sent a signal or has forked, before it goes on.
    """

    def __init__(self, pid: int, reacted: Callable[[], None]) -> None:
        self.pid, self.reacted = pid, reacted
        self.calls: list[Call] = []
        #: How it ended, as waitpid(2) has it.
        self.status: int | None = None
        #: Milliseconds until its timer fires, which CPython's seam sets before it waits; 0: it does not.
        self.timer = 0
        self.info = ctypes.create_string_buffer(128)
        #: The call it is in: number and arguments.
        self.entered: tuple[int, ...] = ()
        self.signal = 0
        self.memory = -1
        #: What its clock says, in nanoseconds. It stands still from one wait to the next.
        self.now = 0
        #: By how many nanoseconds it is ahead of time.
        self.ahead = 0
        self.waits = False
        ptrace(SEIZE, pid, 0, TRACESYSGOOD | TRACEEXEC | EXITKILL)

    def starts(self) -> None:
        """Let it go on if it has stopped; where that was for an exec, take its clock away."""
        if self._stopped(os.WNOHANG):
            ptrace(CONT, self.pid, 0, self.signal)

    def hold(self) -> None:
        """Hold it where it is."""
        ptrace(INTERRUPT, self.pid)
        self._stopped()

    def _take_clock(self) -> None:
        """Hide from a program where it can read clocks without a call (vdso(7), getauxval(3))."""
        if self.memory >= 0:
            os.close(self.memory)
        self.memory = os.open(f"/proc/{self.pid}/mem", os.O_RDWR)
        self._look()
        (place,) = struct.unpack_from("<Q", self.info.raw, STACK)
        place += 8 * (self._word(place) + 2)  # the number of words, they, 0; then the environment, 0, what is sought
        while self._word(place):
            place += 8
        place += 8
        while self._word(place) not in (AT_NULL, AT_SYSINFO_EHDR):
            place += 16
        if self._word(place) == AT_SYSINFO_EHDR:
            os.pwrite(self.memory, struct.pack("<Q", AT_IGNORE), place)

    def _look(self) -> None:
        ptrace(GET_SYSCALL_INFO, self.pid, ctypes.sizeof(self.info), ctypes.addressof(self.info))

    def close(self) -> None:
        """Forget it: with its tracer it is killed (PTRACE_O_EXITKILL) if it lives."""
        if self.memory >= 0:
            os.close(self.memory)
        if self.status is None:
            os.kill(self.pid, signal.SIGKILL)
            while self.status is None:
                self._stopped()

    def run(self) -> int | None:
        """Let it go on until it is about to wait with nothing pending; return for how many milliseconds.

        -1: for ever; None: it has ended.
        """
        while self.status is None:
            ptrace(SYSCALL, self.pid, 0, self.signal)
            if not self._stopped():
                continue
            self._look()
            if self.info.raw[0] == ENTRY:
                self.entered = struct.unpack_from("<7Q", self.info.raw, INFO)
                wait = self._enters()
                if wait is not None:
                    return wait
            elif self.info.raw[0] == EXIT and self.entered:
                self._left(*struct.unpack_from("<q", self.info.raw, INFO))
        return None

    def _stopped(self, options: int = 0) -> bool:
        """Wait until it stops; tell whether it does, and at a call where it is not about to start."""
        pid, status = os.waitpid(self.pid, WALL | options)
        self.signal = 0
        if not pid:
            return False
        if not os.WIFSTOPPED(status):
            self.status = status
            return False
        if status >> 16 == EXECS:
            self._take_clock()
        elif os.WSTOPSIG(status) != STOPPED_AT_CALL and not status >> 16:
            self.signal = os.WSTOPSIG(status)  # it is about to get this
        return bool(options) or os.WSTOPSIG(status) == STOPPED_AT_CALL

    def _enters(self) -> int | None:
        """Record that it ends; return how long it will wait, if it will."""
        name = NUMBERS.get(self.entered[0])
        if name == "exit":
            self.calls.append(Call("exit", 0, self.entered[1]))
        if name != "wait" or pending(self.pid):
            return None
        self.waits = True
        if not self.entered[3]:
            return self.timer or -1
        seconds, nanoseconds = struct.unpack("<qq", self._read(self.entered[3], 16))
        return int(seconds * 1000 + nanoseconds // 1_000_000) or None

    def _left(self, result: int) -> None:
        """Record a call that is done."""
        number, one, two, *_ = self.entered
        name = NUMBERS.get(number)
        if name == "wait" and self.waits:
            self.now, self.waits = time.monotonic_ns() + self.ahead, False
        elif name == "clock" and one == time.CLOCK_MONOTONIC and self.now:
            os.pwrite(self.memory, struct.pack("<qq", *divmod(self.now, 10**9)), two)
        elif name == "timer" and two:
            seconds, micros = struct.unpack("<qq", self._read(two + 16, 16))
            self.timer = seconds * 1000 + micros // 1000
        elif name == "wait4" and result > 0:
            self.calls.append(Call("wait4", result, *struct.unpack("<i", self._read(two, 4))))
        elif name in SENDS:
            self.calls.append(self._sent(name, result))
        if result >= 0 and (name in SENDS or name == "fork"):
            self.reacted()

    def _sent(self, name: str, result: int) -> Call:
        _, one, two, three, four, *_ = self.entered
        target = ctypes.c_int(one).value
        if name == "kill by pidfd":
            with open(f"/proc/{self.pid}/fdinfo/{one}") as file:  # noqa: PTH123 - it is read often
                target = next(int(line.split()[-1]) for line in file if line.startswith("NSpid"))
        number, place = (three, four) if name == "queue to a thread" else (two, three)
        # Of a value, Python alone knows the int in it.
        value = struct.unpack("<i", self._read(place + 24, 4))[0] if name.startswith("queue") else 0
        return Call(name, target, number, value, result)

    def _word(self, place: int) -> int:
        return int.from_bytes(self._read(place, 8), "little")

    def _read(self, place: int, size: int) -> bytes:
        return os.pread(self.memory, size, place)


def pending(pid: int) -> bool:
    """Tell whether a signal waits for a process (proc_pid_status(5))."""
    with open(f"/proc/{pid}/status") as file:  # noqa: PTH123 - it is read often
        return any(int(line[7:], 16) for line in file if line.startswith(("SigPnd:", "ShdPnd:")))
