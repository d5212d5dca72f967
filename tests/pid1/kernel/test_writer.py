"""Writing on real descriptors: whole lines or none, and never waiting for whoever does not read."""

from __future__ import annotations

import errno
import fcntl
import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sigroute.pid1.kernel.abi import PIPE_BUF
from sigroute.pid1.kernel.writer import TRIES, Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LINE = b"a line\n"


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    reader, writer = os.pipe()
    os.set_blocking(reader, False)  # to read what is not there fails, and does not wait
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
    yield reader, writer
    os.close(reader)
    os.close(writer)


def fill(out: Writer, line: bytes) -> int:
    """Write until nothing more fits; return how many lines have begun."""
    for number in range(100_000):
        if not (out.flush() and out.write(line)):
            return number
    pytest.fail("it takes everything")


def empty(reader: int) -> bytes:
    """Read all there is."""
    found = b""
    try:
        while part := os.read(reader, 1 << 16):
            found += part
    except BlockingIOError:
        pass
    return found


def test_a_full_pipe_takes_whole_lines_only(pipe: tuple[int, int]) -> None:
    out = Writer(pipe[1])
    line = b"x" * 299 + b"\n"
    number = fill(out, line)
    assert number > 5
    assert empty(pipe[0]) == line * number
    assert out.write(LINE)
    assert empty(pipe[0]) == LINE


def test_the_descriptor_is_left_as_it_was(pipe: tuple[int, int]) -> None:
    before = fcntl.fcntl(pipe[1], fcntl.F_GETFL)
    assert Writer(pipe[1]).write(LINE)
    assert fcntl.fcntl(pipe[1], fcntl.F_GETFL) == before
    assert not before & os.O_NONBLOCK


def test_a_line_that_was_cut_is_finished_first() -> None:
    """A stream takes what there is room for, also of a line that there can never be room for."""
    ours, theirs = socket.socketpair()
    theirs.setblocking(False)  # noqa: FBT003 - socket's own signature
    out = Writer(ours.fileno())
    line = b"x" * 299_998 + b"y\n"
    said, number = b"", 0
    for _ in range(5):
        number += fill(out, line)
        said += empty(theirs.fileno())
    while not out.flush():
        said += empty(theirs.fileno())
    said += empty(theirs.fileno())
    assert said == line * number
    assert os.get_blocking(ours.fileno()), "it is shared with the children"
    ours.close()
    theirs.close()


@pytest.fixture(params=["RWF_NOWAIT", "splice"])
def foreign(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """A pipe of another user's, which may not be opened anew; by a kernel that knows this for pipes."""

    def refuse(number: int) -> Callable[..., int]:
        def refused(*_: object) -> int:
            raise OSError(number, os.strerror(number))

        return refused

    monkeypatch.setattr("posix.open", refuse(errno.EACCES))
    way = request.param
    if way == "splice":
        monkeypatch.setattr("posix.pwritev", refuse(errno.EOPNOTSUPP))
    assert isinstance(way, str)
    return way


@pytest.mark.usefixtures("foreign")
@pytest.mark.parametrize("size", [1, 300, PIPE_BUF])
def test_a_full_pipe_of_another_users_takes_whole_lines_only(pipe: tuple[int, int], size: int) -> None:
    fcntl.fcntl(pipe[1], fcntl.F_SETPIPE_SZ, 4 * PIPE_BUF)
    out = Writer(pipe[1])
    line = b"x" * (size - 1) + b"\n"
    number = fill(out, line)
    assert number >= 3
    assert empty(pipe[0]) == line * number
    assert out.write(LINE)
    assert empty(pipe[0]) == LINE
    assert os.get_blocking(pipe[1]), "it is shared with the children"


@pytest.mark.usefixtures("foreign")
def test_another_users_pipe_without_a_reader() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    out = Writer(writer)
    assert [out.write(LINE), out.write(LINE), out.dry] == [False, False, False]
    os.close(writer)


@pytest.mark.usefixtures("foreign")
@pytest.mark.parametrize("has_splice", [True, False])
def test_a_python_that_lacks_a_way_takes_another_or_is_dry(
    pipe: tuple[int, int], monkeypatch: pytest.MonkeyPatch, *, has_splice: bool
) -> None:
    """As one for every Linux does: it is built with an old C library."""
    monkeypatch.delattr("posix.RWF_NOWAIT")
    if not has_splice:
        monkeypatch.delattr("posix.splice")
    out = Writer(pipe[1])
    assert [out.write(LINE), out.dry] == [has_splice, not has_splice]
    assert not has_splice or empty(pipe[0]) == LINE


def test_where_no_way_is_sure_not_to_block_it_is_dry(monkeypatch: pytest.MonkeyPatch, foreign: str) -> None:
    reader, writer = os.pipe()
    monkeypatch.setattr("posix.RWF_NOWAIT", 1 << 30)  # no kernel knows it
    monkeypatch.setattr("posix.SPLICE_F_NONBLOCK", 1 << 30)
    out = Writer(writer)
    assert [out.write(LINE), out.write(LINE), out.dry] == [False, False, True]
    os.close(writer)
    assert os.read(reader, 1) == b"", foreign
    os.close(reader)


def test_a_regular_file_is_appended_to(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"before\n")
    with path.open("ab") as file:
        assert Writer(file.fileno()).write(LINE)
    assert path.read_bytes() == b"before\n" + LINE


def test_a_full_disk_and_a_pipe_without_a_reader() -> None:
    with Path("/dev/full").open("wb", buffering=0) as file:
        assert not Writer(file.fileno()).write(LINE)
    reader, writer = os.pipe()
    os.close(reader)
    assert not Writer(writer).write(LINE)
    os.close(writer)


def test_a_closed_descriptor_is_dry(tmp_path: Path) -> None:
    with (tmp_path / "log").open("wb") as file:
        number = file.fileno()
    assert Writer(number).dry


@pytest.mark.parametrize(("busy", "told"), [(3, 1), (1000, 0)])
def test_a_terminal_that_another_writes_to_is_tried_again(
    monkeypatch: pytest.MonkeyPatch, busy: int, told: int
) -> None:
    """What tty_write_lock() in the kernel says meanwhile, so many times; the real one can't be held for a test."""
    master, slave = os.openpty()
    out = Writer(slave)
    write, tries = os.write, iter(range(busy))

    def busy_write(number: int, data: bytes) -> int:
        if next(tries, None) is not None:
            raise BlockingIOError
        return write(number, data)

    monkeypatch.setattr("posix.write", busy_write)
    assert out.write(LINE) is bool(told)
    write(slave, b"end\n")
    assert os.read(master, 4096).count(b"a line") == told
    assert next(tries, busy) < 2 * TRIES, "it goes on for ever"
    for each in (master, slave):
        os.close(each)
