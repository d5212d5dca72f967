"""Functions of the C library by ctypes, each in a process of its own, and the answer where there is no ctypes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent.parent

SETUP = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
import os, signal
from sigroute.pid1.kernel.libc import *
from sigroute.pid1.kernel.libc import PR_GET_CHILD_SUBREAPER
"""

WITHOUT = "sys.modules['ctypes'] = None\n"


def told(code: str) -> str:
    command = [sys.executable, "-ISB", "-c", SETUP + code]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout.strip()


def test_ctypes_is_loaded_by_the_first_that_is_needed() -> None:
    assert told("print('ctypes' in sys.modules); is_subreaper(); print('ctypes' in sys.modules)") == "False\nTrue"


def test_a_subreaper_is_one_over_an_exec() -> None:
    again = f"os.execv(sys.executable, [sys.executable, '-ISBc', {SETUP + 'print(is_subreaper())'!r}])"
    assert told(f"print(prctl(PR_SET_CHILD_SUBREAPER, 1), flush=True); {again}") == "True\nTrue"
    assert told(f"print(is_subreaper(), flush=True); {again}") == "False\nFalse"


def test_the_signal_at_the_death_of_the_parent() -> None:
    code = """
import ctypes
PR_GET_PDEATHSIG = 2
found = ctypes.c_int()
print(prctl(PR_SET_PDEATHSIG, 10))
ctypes.pythonapi.prctl(PR_GET_PDEATHSIG, ctypes.byref(found), 0, 0, 0)
print(found.value)
"""
    assert told(code) == "True\n10"


def test_what_the_kernel_refuses_is_no() -> None:
    assert told("print(prctl(PR_SET_PDEATHSIG, 65), prctl(9999, 1))") == "False False"


@pytest.mark.parametrize("value", [0, 1, -1, 2**31 - 1, -(2**31)])
def test_a_signal_with_a_value(value: int) -> None:
    code = f"""
signal.pthread_sigmask(signal.SIG_BLOCK, {{40}})
print(queue(os.getpid(), 40, {value}))
info = signal.sigtimedwait({{40}}, 10)
print(info.si_signo, info.si_code, info.si_status)
"""
    assert told(code) == f"True\n40 -1 {value}"


def test_one_who_is_not_there_gets_none() -> None:
    code = "pid = os.fork() or os._exit(0); os.waitpid(pid, 0); print(queue(pid, 40, 1))"
    assert told(code) == "False"


def test_without_ctypes_the_answer_is_no() -> None:
    code = WITHOUT + "print(prctl(PR_SET_PDEATHSIG, 10), is_subreaper(), queue(os.getpid(), 0, 1))"
    assert told(code) == "False False False"
