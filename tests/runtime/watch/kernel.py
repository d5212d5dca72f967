"""The watch's ``struct kernel`` over a machine of numbers."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING

from tests.runtime.watch.machine import SI_QUEUE, START, Info, Machine

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

ENOSYS = 38


class SigInfo(ctypes.Structure):
    """A siginfo_t, as asm-generic/siginfo.h has it."""

    _fields_ = (
        ("signo", ctypes.c_int),
        ("errno", ctypes.c_int),
        ("code", ctypes.c_int),
        ("pad", ctypes.c_int),
        ("pid", ctypes.c_int),
        ("uid", ctypes.c_uint),
        ("value", ctypes.c_int64),
        ("rest", ctypes.c_char * 96),
    )

    def fill(self, info: Info) -> None:
        self.signo, self.code, self.pid, self.uid = info.si_signo, info.si_code, info.si_pid, info.si_uid
        self.value = info.si_status if info.si_code == SI_QUEUE else 0


INT, PID, SIGNALS, TIME = ctypes.c_int, ctypes.c_int, ctypes.c_uint64, ctypes.c_int64
#: The functions of struct kernel in their order, with what they return and take (runtime/src/kernel.h).
FUNCTIONS = {
    "take": ctypes.CFUNCTYPE(INT, SIGNALS, ctypes.POINTER(SigInfo), TIME),
    "reap": ctypes.CFUNCTYPE(PID, INT, ctypes.POINTER(INT)),
    "has_stopped": ctypes.CFUNCTYPE(INT),
    "pending": ctypes.CFUNCTYPE(INT, ctypes.POINTER(SIGNALS)),
    "send": ctypes.CFUNCTYPE(INT, PID, INT),
    "group_of": ctypes.CFUNCTYPE(PID, PID),
    "now": ctypes.CFUNCTYPE(TIME),
    "give_way": ctypes.CFUNCTYPE(None),
    "handled": ctypes.CFUNCTYPE(ctypes.c_bool, PID, ctypes.POINTER(SIGNALS)),
}


class Table(ctypes.Structure):
    """A struct kernel."""

    _fields_ = tuple(FUNCTIONS.items())


class Calls:
    """The functions, for whichever machine is there."""

    def __init__(self, watch: ctypes.PyDLL) -> None:
        self.shared = watch
        self.machine = Machine(lambda _machine: None)
        #: By name: errors that the next calls have, each once; 0: none.
        self.faults: dict[str, list[int]] = {}
        #: Likewise, until Python is up; "wait" is a "take" that waits.
        self.forced: dict[str, list[int]] = {}
        self.kept = [kind(self.guarded(name)) for name, kind in FUNCTIONS.items()]
        table = Table.in_dll(watch, "kernel")
        for name, function in zip(FUNCTIONS, self.kept, strict=True):
            setattr(table, name, function)

    def guarded(self, name: str) -> Callable[..., int | None]:
        function: Callable[..., Any] = getattr(self, name)

        def call(*arguments: Any) -> int | None:
            if name in ("now", "give_way"):
                simple: int | None = function(*arguments)
                return simple
            if self.machine.error is not None:
                return 0 if name == "handled" else -ENOSYS
            faults = self.faults.get(name) or self.forced.get(name)
            error = faults.pop(0) if faults else 0
            try:
                answer: int | None = -error if error else function(*arguments)
            except BaseException as wrong:  # noqa: BLE001 - ctypes only prints it; whoever runs the watch raises it
                self.machine.error = wrong
                return 0 if name == "handled" else -ENOSYS
            finally:
                self.tell_time()
            return answer if not error or name != "handled" else 0

        return call

    def tell_time(self) -> None:
        """Have the watch's log see the time of the machine."""
        ctypes.c_int64.in_dll(self.shared, "monotonic").value = self.machine.nanoseconds
        ctypes.c_int64.in_dll(self.shared, "realtime").value = START + self.machine.nanoseconds

    def take(self, among: int, info: Any, most: int) -> int:
        waits = self.forced.get("wait")
        if most and waits and (error := waits.pop(0)):
            return -error
        found = self.machine.take(lambda number: bool(among >> (number - 1) & 1), None if most < 0 else most)
        if isinstance(found, int):
            return found
        info.contents.fill(found)
        return found.si_signo

    def reap(self, options: int, status: Any) -> int:
        pid, status.contents.value = self.machine.reap(stops=bool(options & 2))
        return pid

    def has_stopped(self) -> int:
        return self.machine.has_stopped()

    def pending(self, found: Any) -> int:
        found.contents.value = sum(1 << number - 1 for number in self.machine.waiting())
        return 0

    def send(self, pid: int, number: int) -> int:
        return self.machine.send(pid, number)

    def group_of(self, pid: int) -> int:
        return self.machine.group_of(pid)

    def now(self) -> int:
        return self.machine.nanoseconds

    def give_way(self) -> None:
        pass

    def handled(self, pid: int, found: Any) -> bool:
        handled, _ = self.machine.handled(pid)
        found.contents.value = handled or 0
        return handled is not None
