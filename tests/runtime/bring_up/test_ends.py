"""Python comes up, and then something ends or hangs it: PID 1 goes on without it."""

from __future__ import annotations

import os
import signal
import sys
from dis import opmap
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.real.traffic import until
from tests.runtime.bring_up.life import Scene, live

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType

    Running = Callable[[CodeType], Scene]

#: A marshalled code is run by the same Python only.
pytestmark = pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="the runtime's Python is 3.11")

HEAD = """
import sys
posix, core = sys.modules["posix"], sys.modules["sigroute.pid1.watch.core"]
"""

#: What an engine does, by what is said of it.
ENDS = {
    "RuntimeError('spoiled')": "raise RuntimeError('spoiled')",
    "SystemExit(3)": "raise SystemExit(3)",
    "KeyError('surrogate \\udc80')": "raise KeyError('surrogate \\udc80')",
    "MemoryError()": "bytes(1 << 46)",
    "Python has aborted": "posix.abort()",
    "Python comes to no end": "while True: pass",
    "Python has crashed (SIGSEGV)": "deep = ()\nfor _ in range(1000000): deep = (deep,)\nhash(deep)",
}


def compiled(text: str) -> CodeType:
    return compile(HEAD + text, "engine", "exec")


@pytest.mark.parametrize("reason", ENDS)
def test_it_ends_while_it_comes_up(running: Running, reason: str) -> None:
    life = live(running(compiled(ENDS[reason])))
    assert not life.faults()
    assert life.reasons == [reason]


def test_it_touches_what_is_not_there(running: Running) -> None:
    """A constant far beyond those that the code has."""
    far = [opmap["EXTENDED_ARG"], 0x7F, opmap["EXTENDED_ARG"], 0xFF, opmap["EXTENDED_ARG"], 0xFF]
    code = compiled("").replace(co_code=bytes([*far, opmap["LOAD_CONST"], 0xFF, opmap["RETURN_VALUE"], 0]))
    life = live(running(code))
    assert not life.faults()
    assert life.reasons == ["Python has crashed (SIGSEGV)"]


def test_faults_that_somebody_has_sent_are_signals_as_any_other(running: Running) -> None:
    """Python comes to no end; until the guard ends it, such signals run a handler."""

    def send(pid: int) -> None:
        until(lambda: not blocked(pid) >> signal.SIGSEGV - 1 & 1, "the guard is there")
        for number in (signal.SIGPROF, signal.SIGSEGV, signal.SIGSEGV):
            os.kill(pid, number)

    expected = ["READY", "QUIT", "SEGV", "PROF", "USR2"]
    life = live(running(compiled(ENDS["Python comes to no end"])), meanwhile=send, expected=expected)
    assert life.code == 7, life.log
    assert sorted(life.got) == sorted(expected)  # a child that gets several at once takes SEGV first (signal(7))


def blocked(pid: int) -> int:
    """Return the signals that a process blocks."""
    (line,) = (line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("SigBlk"))
    return int(line.split()[1], 16)


def test_it_aborts_later_with_an_event_in_hand(running: Running) -> None:
    """The engine has dealt with the stop, and has taken the next signal from the watch."""
    code = "core.ready(); posix.kill(core.before()[1], 3); told = core.wait(-1); posix.abort()"
    life = live(running(compiled(code)))
    assert not life.faults()
    assert life.reasons == ["Python has aborted"]


def test_it_aborts_with_the_exit_of_the_child_in_hand(running: Running) -> None:
    code = "core.ready(); posix.kill(core.before()[1], 1)\nwhile core.wait(-1)[0] != 2: pass\nposix.abort()"
    life = live(running(compiled(code)))
    assert (life.code, life.got, life.reasons) == (7, ["READY"], ["Python has aborted"])


def test_it_is_brought_up_at_the_start_and_ends(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGROUTE_ENGINE", "early")
    life = live(running(compiled("posix.abort()")))
    assert not life.faults()
    assert life.reasons == ["Python has aborted"]
