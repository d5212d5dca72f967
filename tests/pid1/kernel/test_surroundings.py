"""The environment that sigroute was started with, whatever its own interpreter has made of it."""

from __future__ import annotations

import os
import posix
import subprocess
import sys
from pathlib import Path

import pytest

from sigroute.pid1.kernel import surroundings

TELLS = "from sigroute.pid1.kernel.surroundings import environment; print(sorted(environment().items()))"


def told(environ: dict[str, str]) -> dict[bytes, bytes]:
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(Path.cwd())!r}); {TELLS}"]
    shown = subprocess.run(command, check=True, capture_output=True, text=True, env=environ).stdout
    return dict(eval(shown))


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
    assert told(environ) == {os.fsencode(name): os.fsencode(value) for name, value in environ.items()}


def test_without_proc_what_cpython_may_have_set_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_proc(*_arguments: object) -> int:
        raise FileNotFoundError

    monkeypatch.setattr(posix, "open", no_proc)
    for given, expected in (
        ({b"LC_CTYPE": b"C.UTF-8"}, {}),
        ({b"LC_CTYPE": b"C.UTF-8", b"LANG": b"de_DE.UTF-8"}, {b"LC_CTYPE": b"C.UTF-8", b"LANG": b"de_DE.UTF-8"}),
    ):
        monkeypatch.setattr(posix, "environ", given)
        assert surroundings.environment() == expected


def test_of_two_of_a_name_the_first_counts() -> None:
    """As for getenv(3), so as for sigroute itself; what is no NAME=VALUE is nothing that can be passed on."""
    data = b"A=1\0B=\0A=2\0=odd\0none\0C=x=y\0D=\xff\n\0"
    assert surroundings.parsed(data) == {b"A": b"1", b"B": b"", b"C": b"x=y", b"D": b"\xff\n"}


def test_a_python_without_ctypes_is_told_to_be_no_subreaper(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ctypes", None)
    assert surroundings.subreaper() == ("not PID 1, and no subreaper: orphans are left to another",)
