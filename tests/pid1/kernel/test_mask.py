"""The signals of this process, in one of its own: what is blocked, caught and ignored, and what is left of it."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sigroute.pid1.kernel.mask import RECEIVABLE
from sigroute.pid1.names import FAULTS
from tests.real.programs import OF_LIBC

ROOT = Path(__file__).parent.parent.parent.parent

SETUP = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
import signal, os
from sigroute.pid1.kernel import mask, restore
from sigroute.pid1.names import FAULTS
def masks():
    status = dict(line.split(":", 1) for line in open("/proc/self/status"))
    return [int(status[name], 16) for name in ("SigBlk", "SigIgn", "SigCgt")]
"""


def told(code: str, *, before: set[int] | None = None, ignored: set[int] | None = None) -> object:
    """Run code in a process that is started with these signals blocked and ignored; return what it prints."""

    def inherit() -> None:
        for number in ignored or ():
            signal.signal(number, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_SETMASK, before or set())

    done = subprocess.run(
        [sys.executable, "-ISB", "-c", SETUP + code],
        check=True,
        stdout=subprocess.PIPE,
        timeout=60,
        preexec_fn=inherit,
    )
    value: object = eval(done.stdout)
    return value


def bits(numbers: set[int] | frozenset[int]) -> int:
    return sum(1 << number - 1 for number in numbers) & ~OF_LIBC


def masks(code: str, *, before: set[int] | None = None, ignored: set[int] | None = None) -> list[int]:
    found = told(code + "\nprint(masks())", before=before, ignored=ignored)
    assert isinstance(found, list)
    return [mask & ~OF_LIBC for mask in found]


def test_what_can_be_received() -> None:
    assert {1, 15, 17, 20, 31, 34, 64} <= RECEIVABLE
    assert not RECEIVABLE & {0, 9, 19, 32, 33, 65}


def test_every_signal_is_blocked_and_caught() -> None:
    every = bits(RECEIVABLE)
    assert masks("mask.block()", before={15}, ignored={1, 17, 12, 40}) == [every, 0, every]


def test_deaf_ones_are_left_to_the_kernel() -> None:
    """Whatever was blocked before: what kills for a mistake is to do so."""
    rest = bits(RECEIVABLE - FAULTS)
    assert masks("mask.block(FAULTS)", before={11, 15}) == [rest, 0, rest & ~bits({13, 25}) | bits({13, 25})]


def test_spared_ones_stay_ignored_where_they_were() -> None:
    """For the children, which inherit that; blocked, they arrive all the same, and CHLD can't be spared."""
    code = "mask.block(spared=mask.RECEIVABLE - {17})"
    every = bits(RECEIVABLE)
    ignored = bits({1, 12, 40})
    assert masks(code, ignored={1, 12, 17, 40}) == [every, ignored, every & ~ignored]


@pytest.mark.parametrize("spared", ["frozenset()", "mask.RECEIVABLE - {17}"])
def test_what_is_ignored_arrives_all_the_same(spared: str) -> None:
    code = f"""
mask.block(spared={spared})
os.kill(os.getpid(), 12)
print(signal.sigtimedwait(mask.RECEIVABLE, 10).si_signo)
"""
    assert told(code, ignored={12}) == 12


def test_it_asks_what_was_ignored_at_the_start() -> None:
    """Of PIPE and XFSZ nobody can tell: Python ignores them itself."""
    assert told("print(set(mask.ignored(mask.RECEIVABLE)))", ignored={1, 13, 25, 40}) == {1, 40}
    assert told("print(set(mask.ignored({2, 40})))", ignored={1, 40}) == {40}
    code = "mask.block(spared=frozenset({40})); print(set(mask.ignored(mask.RECEIVABLE)))"
    assert told(code, ignored={1, 40}) == {40}


def test_a_program_finds_it_as_it_expects_it() -> None:
    assert masks("mask.block(); restore.restore()", before={15}, ignored={1}) == [0, 0, 0]
    code = "mask.block(spared=mask.RECEIVABLE); restore.restore(frozenset({10, 41}), mask.ignored(mask.RECEIVABLE))"
    assert masks(code, ignored={1, 40}) == [bits({10, 41}), bits({1, 40}), 0]


def test_nothing_falls_between_when_it_is_restored() -> None:
    """What is pending does what it does by default, here: it kills."""
    code = "mask.block(); os.kill(os.getpid(), 15); restore.restore(); print('alive')"
    with pytest.raises(subprocess.CalledProcessError) as caught:
        told(code)
    assert caught.value.returncode == -15
