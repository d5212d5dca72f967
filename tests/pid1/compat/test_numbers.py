"""Numbers against strtol(3) and sscanf(3), over random texts."""

from __future__ import annotations

import ctypes
import random

import pytest

from sigroute.pid1.compat.dumb_init import rewriting
from sigroute.pid1.compat.numbers import number_at

LIBC = ctypes.CDLL(None)

#: What numbers are made of, and what they are not.
PIECES = (
    "",
    "",
    " ",
    "\t",
    "\n",
    "\v",
    "\f",
    "\r",
    "+",
    "-",
    "0",
    "1",
    "31",
    "32",
    "007",
    "x",
    "0x1",
    ":",
    "9" * 9,
    ".",
)

TEXTS = 20_000


def texts(number: int = TEXTS) -> list[str]:
    pick = random.Random(number)
    return ["".join(pick.choices(PIECES, k=pick.choice(range(5)))) for _ in range(number)]


def strtol(text: str) -> tuple[int, int]:
    """Return the number, and how many bytes it took."""
    data = ctypes.create_string_buffer(text.encode())
    end = ctypes.c_void_p()
    LIBC.strtol.restype = ctypes.c_long
    number = LIBC.strtol(data, ctypes.byref(end), 10)
    return number, (end.value or 0) - ctypes.addressof(data)


def clamped(number: int) -> int:
    """Return the nearest that a long can hold, as strtol(3) does."""
    most = (1 << ctypes.sizeof(ctypes.c_long) * 8 - 1) - 1
    return max(min(number, most), -most - 1)


def test_they_are_read_as_by_strtol() -> None:
    for text in texts():
        number, rest = number_at(text)
        expected, taken = strtol(text)
        assert rest == text[taken:], repr(text)
        assert clamped(number or 0) == expected, repr(text)
        assert (number is None) == (taken == 0), repr(text)


@pytest.mark.parametrize(("zeros", "nines"), [(5000, 1), (0, 5000), (0, 19), (0, 20), (5000, 0)])
def test_however_long(zeros: int, nines: int) -> None:
    text = "0" * zeros + "9" * nines
    number, rest = number_at(f"{text}x")
    assert number is not None
    assert (clamped(number), rest) == (strtol(text)[0], "x")


@pytest.mark.parametrize("text", ["٣", "²", "\uff11", "\xa05", "\x1c5", "\x855", "\ud8005", ""])
def test_only_the_digits_and_blanks_that_the_c_library_knows(text: str) -> None:
    """Python's own int() and isspace() would take some of these."""
    assert number_at(text) == (None, text)


def test_rewritings_are_read_as_by_sscanf() -> None:
    """What sscanf(3) would refuse ends the process: left to test_dumb_init.py."""
    read = 0
    for text in map(":".join, zip(texts(), texts(TEXTS + 1), strict=False)):
        signal, replacement = ctypes.c_int(), ctypes.c_int()
        number = LIBC.sscanf(text.encode(), b"%d:%d", ctypes.byref(signal), ctypes.byref(replacement))
        if number == 2 and 1 <= signal.value <= 31 and 0 <= replacement.value <= 31:
            assert rewriting(text) == (signal.value, replacement.value), repr(text)
            read += 1
    assert read > 100
