"""Signal names are the ones of the libc and of kill -l."""

from __future__ import annotations

import signal
import subprocess

import pytest

from sigroute.language import parse_signal
from sigroute.pid1.names import STANDARD, name_of


def test_the_numbers_are_this_kernels() -> None:
    ours = {f"SIG{name}": number for name, number in STANDARD.items()}
    assert ours == {each.name: each for each in signal.Signals if each < signal.SIGRTMIN}


@pytest.mark.parametrize("number", [*range(1, 32), *range(34, 65)])
def test_a_name_is_what_bash_says_and_reads_back(number: int) -> None:
    told = subprocess.run(["bash", "-c", f"kill -l {number}"], check=True, capture_output=True, text=True).stdout
    assert name_of(number) == told.strip().removeprefix("SIG")
    assert parse_signal(name_of(number)) == number


@pytest.mark.parametrize("number", [0, 32, 33, 65])
def test_what_has_no_name_is_told_by_its_number(number: int) -> None:
    assert name_of(number) == str(number)
