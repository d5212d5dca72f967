"""The exit codes are those of sysexits.h, as Python has them."""

from __future__ import annotations

import os

from sigroute.pid1 import exit_codes


def test_they_are_those_of_the_system() -> None:
    assert (exit_codes.SUCCESS, exit_codes.USAGE, exit_codes.CANNOT_WRITE, exit_codes.BAD_RULES) == (
        os.EX_OK, os.EX_USAGE, os.EX_IOERR, os.EX_CONFIG,
    )  # fmt: skip
