"""The log's last stage in C, and the Python that it has to equal; both with one virtual clock and the same refusals."""

from __future__ import annotations

import ctypes
import os
import time
from typing import TYPE_CHECKING

from sigroute.pid1.kernel import clock

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pytest

    from sigroute.pid1.log.sink import Numbered

#: Nanoseconds that pass at each look at the time of day: so the number of looks and their order is compared, too.
PACE = 1_234_567

START = 1_769_860_800_000_000_000


class Bytes(ctypes.Structure):
    """A struct line."""

    _fields_ = (("bytes", ctypes.c_char_p), ("length", ctypes.c_size_t))


class Parts(ctypes.Structure):
    """A struct numbered."""

    _fields_ = (("before", Bytes), ("after", Bytes))


def line(data: bytes) -> Bytes:
    return Bytes(data, len(data))


class Sink:
    """What Log hands its lines to in the static runtime: runtime/src/log.c."""

    def __init__(self, runtime: ctypes.CDLL, fd: int, stamp_at: int, lost: Numbered) -> None:
        self.runtime = runtime
        self.runtime.log_silent.restype = ctypes.c_bool
        self.runtime.log_needs_again.restype = ctypes.c_bool
        self.kept = Parts(line(lost[0]), line(lost[1]))
        self.runtime.log_open(ctypes.c_int(fd), ctypes.c_size_t(stamp_at), self.kept)

    @property
    def silent(self) -> bool:
        return bool(self.runtime.log_silent())

    def tell(self, lines: Sequence[bytes], again: Callable[[], Numbered]) -> None:
        told = (Bytes * len(lines))(*map(line, lines))
        parts = None
        if self.runtime.log_needs_again(told, len(lines)):
            before, after = again()
            parts = ctypes.byref(Parts(line(before), line(after)))
        self.runtime.log_tell(told, len(lines), parts)


class Clock:
    """Stands in for the module time in kernel/clock.py, and tells C the same."""

    strftime = staticmethod(time.strftime)
    gmtime = staticmethod(time.gmtime)

    def __init__(self, runtime: ctypes.CDLL) -> None:
        self.runtime = runtime
        self.real, self.mono = START, 0
        self.give("pace", PACE)
        self.sleep(1)

    def give(self, name: str, value: int) -> None:
        ctypes.c_int64.in_dll(self.runtime, name).value = value

    def time_ns(self) -> int:
        self.real += PACE
        return self.real - PACE

    def monotonic_ns(self) -> int:
        return self.mono

    def sleep(self, nanoseconds: int) -> None:
        """Let time pass for both. What Python's looks have taken counts for both, too."""
        self.mono += nanoseconds
        self.give("monotonic", self.mono)
        self.real += nanoseconds
        self.give("realtime", self.real)


def virtual_clock(runtime: ctypes.CDLL, patch: pytest.MonkeyPatch) -> Clock:
    made = Clock(runtime)
    patch.setattr(clock, "time", made)
    return made


def refuse(runtime: ctypes.CDLL, patch: pytest.MonkeyPatch, **errors: int) -> None:
    """Have the kernel refuse these calls, in C and in Python (pwritev2 is pwritev there).

    *most* is no call: so many bytes a write takes.
    """
    most = errors.pop("most", 1 << 30)
    ctypes.c_size_t.in_dll(runtime, "most").value = most
    write = os.write
    patch.setattr("posix.write", lambda fd, data: write(fd, data[:most]))
    for name in ("open", "pwritev2", "splice", "pipe2"):
        ctypes.c_int.in_dll(runtime, f"refuse_{name}").value = errors.get(name, 0)

    def refusal(error: int) -> Callable[..., int]:
        def refused(*_: object, **__: object) -> int:
            raise OSError(error, os.strerror(error))

        return refused

    for name, error in errors.items():
        patch.setattr(f"posix.{name.removesuffix('2') if name == 'pwritev2' else name}", refusal(error))
