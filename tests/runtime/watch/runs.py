"""One history by the loop of Python alone, and by the watch with that loop above it."""

from __future__ import annotations

import ctypes
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

import sigroute.pid1.watch
from sigroute.pid1 import loop
from sigroute.pid1.kernel.seam import Kernel
from sigroute.pid1.log.log import LEVELS, Log
from sigroute.pid1.log.observer import Narrator
from sigroute.pid1.log.sink import Sink
from tests.runtime.watch.kernel import Calls
from tests.runtime.watch.seams import Begun, replaced

if TYPE_CHECKING:
    from collections.abc import Callable

    from sigroute.pid1.plan import Launch
    from tests.runtime.watch.machine import Machine

RUNS, LATE, NOT_MADE = range(3)


class Ended(BaseException):
    """The engine has ended; a base exception, as nothing in between may take it for an error."""


def by_the_loop(launch: Launch, machine: Machine, log: int) -> int:
    """Run it by the loop of Python; return its exit code."""
    with replaced(machine):
        kernel = Kernel(launch.plan)
        told = Log(launch.log_format, launch.log_level, log, Sink)
        return loop.run(launch, kernel, [Narrator(launch.plan, told)])


class Watch:
    """The watch in C, loaded once."""

    def __init__(self, library: ctypes.PyDLL) -> None:
        self.shared = library
        library.module_init.restype = ctypes.py_object
        core = library.module_init()
        sys.modules["sigroute.pid1.watch.core"] = core
        sigroute.pid1.watch.core = core
        self.core = core
        self.calls = Calls(library)
        self.engine: Callable[[], bytes | None] = lambda: None
        self.brought_up = 0
        self.kept = [
            self.give("spawned", ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p), self.spawned),
            self.give("python", ctypes.CFUNCTYPE(ctypes.c_void_p), self.python),
            self.give("rests", ctypes.CFUNCTYPE(ctypes.c_int), lambda: int(self.calls.machine.error is not None)),
        ]

    def give(self, name: str, kind: Any, function: Callable[..., Any]) -> object:
        made = kind(function)
        ctypes.c_void_p.in_dll(self.shared, name).value = ctypes.cast(made, ctypes.c_void_p).value
        return made

    def set(self, name: str, value: int) -> None:
        ctypes.c_int.in_dll(self.shared, name).value = value

    def spawned(self, _words: object) -> int:
        try:
            made = self.calls.machine.spawn(self.command)
            assert made is not None
            self.first = Begun(self.calls.machine, made.pid)
        except BaseException as error:  # noqa: BLE001 - as in Calls
            self.calls.machine.error = error
            return 1
        return made.pid

    def python(self) -> int | None:
        """Return the address of the reason why it can't be brought up; None: it has run, and has ended."""
        self.brought_up += 1
        try:
            self.why = ctypes.create_string_buffer(self.engine() or b"")
            return ctypes.addressof(self.why) if self.why.value else None
        except BaseException as error:  # noqa: BLE001 - as in Calls
            self.calls.machine.error = self.calls.machine.error or error  # the first is the cause of others
            return None

    def run(  # noqa: PLR0913 - what is given to the executable
        self,
        launch: Launch,
        table: bytes,
        machine: Machine,
        log: int,
        *,
        notes: tuple[str, ...] = (),
        fails: bytes | None = None,
    ) -> int:
        """Run it by the watch, and by the engine above it once that is needed; return its exit code.

        :param fails: why Python can't be brought up.
        """
        from sigroute.pid1.watch import supervise  # noqa: PLC0415 - they import its module in C

        self.calls.machine, self.brought_up = machine, 0
        self.calls.tell_time()
        self.command = launch.plan.children[0].argv if launch.plan.children else ()
        room = ctypes.create_string_buffer(table, len(table))
        for name, value in {"outcome": LATE if machine.late else RUNS, "adopts": 0, "log_fd": log}.items():
            self.set(name, value)
        ctypes.c_bool.in_dll(self.shared, "proc_is_ours").value = machine.proc
        self.set("own_pid", machine.me)
        self.set("parent_pid", machine.parent)
        part = (ctypes.c_size_t * 2).in_dll(self.shared, "table_part")
        part[0], part[1] = ctypes.addressof(room), len(table)
        code: list[int] = []

        def end(number: int, *_: object) -> None:
            code.append(number)
            raise Ended

        def engine() -> bytes | None:
            if fails is not None:
                return fails
            self.calls.forced.clear()
            _, pid, _, told, _, first, level = self.core.before()
            begun = self.first if pid else None
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(supervise, "output", SimpleNamespace(end=end))
                patch.setattr(supervise, "gc", SimpleNamespace(freeze=lambda: None, enable=lambda: None))
                patch.setattr("sigroute.pid1.kernel.job.take_back", lambda _group: None)
                supervise.supervise(
                    launch.but(log_level=LEVELS[level], notes=notes), begun, handed=(first,) if told else None
                )
            return None

        self.engine = engine
        words = [b"init", *([b"--", *self.command] if launch.plan.command is not None else []), None]
        with replaced(machine):
            ended: int = self.shared.run(len(words) - 1, (ctypes.c_char_p * len(words))(*words))
        error = self.calls.machine.error
        if isinstance(error, Ended):
            return code[0]
        if error is not None:
            raise error
        assert ended >= 0
        return ended
