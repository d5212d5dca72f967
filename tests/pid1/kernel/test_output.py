"""Writing and ending: all of a text, a reason where that fails, and no wait for whoever does not read."""

from __future__ import annotations

import fcntl
import os
import socket
import subprocess
import sys
from pathlib import Path

from sigroute.pid1.kernel import output

ROOT = Path(__file__).parent.parent.parent.parent

PROGRAM = """
import sys
sys.path.insert(0, sys.argv[1])
from sigroute.pid1.kernel import output
"""


def run(code: str, **options: object) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-ISBc", PROGRAM + code, str(ROOT)]
    return subprocess.run(command, check=False, timeout=60, **options)  # type: ignore[call-overload,no-any-return]


def test_all_of_a_text_is_written_before_the_end() -> None:
    done = run(f"output.end(5, {'x' * 70_000!r} * 4 + '\\udcff')", capture_output=True)
    assert (done.returncode, done.stdout, done.stderr) == (5, b"x" * 280_000 + b"\xff", b"")


def test_it_ends_with_its_code_where_nothing_can_be_written() -> None:
    with Path("/dev/full").open("wb") as full:
        assert run("output.end(7, 'text')", stdout=full).returncode == 7


def test_the_reason_is_returned_where_it_cannot_be_written() -> None:
    with Path("/dev/full").open("wb") as full:
        assert output.write("text", full.fileno()) == "No space left on device"
        assert output.write("", full.fileno()) == ""


def test_an_error_waits_for_no_reader() -> None:
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    try:
        while True:
            os.write(writer, b"x" * fcntl.fcntl(writer, fcntl.F_GETPIPE_SZ))
    except BlockingIOError:
        os.set_blocking(writer, True)
    with os.fdopen(reader), os.fdopen(writer, "wb", closefd=True) as full:
        assert run("output.complain('text'); output.end(3)", stderr=full).returncode == 3


def test_an_error_and_what_others_write_to_the_same_file_are_both_kept(tmp_path: Path) -> None:
    file = tmp_path / "errors"
    with file.open("wb") as opened:  # without O_APPEND, as by the shell's 2>
        run("import os; os.write(2, b'1'); output.complain('2'); os.write(2, b'3')", stderr=opened)
    assert file.read_bytes() == b"123"


def test_an_error_reaches_a_socket_which_cannot_be_opened_anew() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert run("print(output.warn('text')); output.complain('told')", stderr=theirs, stdout=-1).stdout == b"False\n"
        assert ours.recv(99) == b"told"
