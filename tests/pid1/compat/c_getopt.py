"""The C library's getopt_long(3): reads command lines as JSON, and writes what it makes of each, with its words."""

from __future__ import annotations

import ctypes
import json
import os
import sys
from typing import Any

LIBC = ctypes.CDLL(None)
MISTAKE = ord("?")


class LongOption(ctypes.Structure):
    """``struct option``."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("has_arg", ctypes.c_int),
        ("flag", ctypes.c_void_p),
        ("val", ctypes.c_int),
    )


def read(words: list[str], short: str, long: dict[str, str] | None) -> dict[str, Any]:
    """Return the options, the rest, and the message of the first mistake."""
    line = [b"name", *map(os.fsencode, words)]
    argv = (ctypes.c_char_p * (len(line) + 1))(*line, None)
    table = (LongOption * (len(long or {}) + 1))()
    for row, (name, letter) in zip(table, (long or {}).items(), strict=False):
        row.name, row.has_arg, row.val = name.encode(), short.partition(letter)[2].startswith(":"), ord(letter)
    index, argument = ctypes.c_int.in_dll(LIBC, "optind"), ctypes.c_char_p.in_dll(LIBC, "optarg")
    index.value = 0  # begin anew, as if nothing had been read (getopt(3), NOTES)
    found: list[tuple[str, str]] = []
    while True:
        which = (
            LIBC.getopt(len(line), argv, short.encode())
            if long is None
            else LIBC.getopt_long(len(line), argv, short.encode(), table, None)
        )
        if which in (-1, MISTAKE):
            break
        found.append((chr(which), os.fsdecode(argument.value or b"")))
    rest = [] if which == MISTAKE else [os.fsdecode(word) for word in argv[index.value : len(line)] if word is not None]
    return {"found": found, "rest": rest, "mistaken": which == MISTAKE}


def main() -> None:
    """Read what each line says, with what the library says on standard error beside it."""
    said = os.memfd_create("said")
    os.dup2(said, 2)
    for case in json.load(sys.stdin):
        os.ftruncate(said, 0)
        os.lseek(said, 0, os.SEEK_SET)
        if case.pop("posixly"):
            os.environ["POSIXLY_CORRECT"] = ""
        else:
            os.environ.pop("POSIXLY_CORRECT", None)
        answer = read(**case)
        answer["message"] = os.pread(said, 10_000, 0).decode()
        print(json.dumps(answer))  # noqa: T201 - its output


if __name__ == "__main__":
    main()
