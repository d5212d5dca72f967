"""The runtime's own calendar says what the C library's does where no time zone is set."""

from __future__ import annotations

import ctypes
import random
import shutil
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from runtime.build import SOURCES
from tests.real.require import need

if TYPE_CHECKING:
    from pathlib import Path

DAY = 86_400


class Fields(ctypes.Structure):
    """``struct tm`` (mktime(3))."""

    _fields_ = [
        *((name, ctypes.c_int) for name in ("sec", "min", "hour", "mday", "mon", "year", "wday", "yday", "isdst")),
        ("gmtoff", ctypes.c_long), ("zone", ctypes.c_char_p),
    ]  # fmt: skip


@pytest.fixture(scope="module", name="calendar")
def _calendar(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    compiler = shutil.which("gcc")
    need(compiler, "gcc")
    path: Path = tmp_path_factory.mktemp("calendar") / "utc.so"
    subprocess.run([str(compiler), "-shared", "-fPIC", "-o", path, SOURCES / "utc.c"], check=True)
    return ctypes.CDLL(str(path))


def fields(calendar: ctypes.CDLL, seconds: int) -> Fields | None:
    found = Fields()
    convert = calendar["__wrap_gmtime_r"]
    convert.restype = ctypes.c_void_p
    return found if convert(ctypes.byref(ctypes.c_long(seconds)), ctypes.byref(found)) else None


def test_it_is_that_of_the_c_library(calendar: ctypes.CDLL) -> None:
    chance = random.Random(14)
    every_day = range(-150_000 * DAY, 150_000 * DAY, 11 * DAY)
    for seconds in [
        *every_day,
        *(day - 1 for day in every_day),
        *(chance.randrange(-(10**11), 10**11) for _ in range(10_000)),
    ]:
        found, wanted = fields(calendar, seconds), time.gmtime(seconds)
        assert found
        assert (found.year + 1900, found.mon + 1, found.mday, found.hour, found.min, found.sec) == wanted[:6], seconds
        assert ((found.wday - 1) % 7, found.yday + 1, found.isdst, found.gmtoff) == (*wanted[6:], 0), seconds


def test_a_year_that_no_field_can_hold_is_an_error(calendar: ctypes.CDLL) -> None:
    assert fields(calendar, 2**62) is None
    assert fields(calendar, -(2**62)) is None
