"""The environment that sigroute was started with, whatever its own interpreter has made of it."""

from __future__ import annotations

import posix
import subprocess
import sys

import pytest

from sigroute.pid1.kernel import surroundings

#: Runs the program in its words with the environment that it was given itself.
GIVES = """
import os, sys
sys.path.insert(0, os.getcwd())
from sigroute.pid1.kernel.surroundings import as_given
as_given()
os.execv(sys.argv[1], sys.argv[1:])
"""


def given(environ: dict[str, str]) -> set[str]:
    """Return what a program gets that this is given to."""
    command = [sys.executable, "-c", GIVES, "/usr/bin/env", "-0"]
    return {*subprocess.run(command, check=True, capture_output=True, text=True, env=environ).stdout.split("\0")[:-1]}


@pytest.mark.parametrize(
    "environ",
    [
        {},  # the C locale: CPython sets LC_CTYPE for itself (PEP 538)
        {"LANG": "C", "A": "1"},
        {"LC_CTYPE": "C.UTF-8"},
        {"LC_CTYPE": "C.utf8", "LC_ALL": ""},
        {"LANG": "C.UTF-8", "B": "x=y"},
        {"LC_ALL": "POSIX"},
    ],
)
def test_it_is_as_it_was_at_the_start(environ: dict[str, str]) -> None:
    assert given(environ) == {f"{name}={value}" for name, value in environ.items()}


def test_without_proc_what_cpython_may_have_set_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(surroundings, "words_of", lambda _path: [])
    done: list[tuple[bytes, ...]] = []
    monkeypatch.setattr(posix, "unsetenv", lambda *names: done.append(names))
    monkeypatch.setattr(posix, "environ", {b"LC_CTYPE": b"C.UTF-8", b"LANG": b"de_DE.UTF-8"})
    surroundings.as_given()
    assert not done
    monkeypatch.setattr(posix, "environ", {b"LC_CTYPE": b"C.UTF-8"})
    surroundings.as_given()
    assert done == [(b"LC_CTYPE",)]


def test_a_python_without_ctypes_is_told_to_be_no_subreaper(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ctypes", None)
    assert surroundings.subreaper() == ("not PID 1, and no subreaper: orphans are left to another",)
