"""The writer in C beyond what the log shows of it: which descriptors it takes, and how it stands a busy terminal."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import os
import pty
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sigroute.pid1.kernel.abi import PIPE_BUF
from sigroute.pid1.kernel.writer import TRIES
from tests.runtime.log.last_stage import refuse
from tests.runtime.log.test_log import descriptors

if TYPE_CHECKING:
    from collections.abc import Iterator

LINE = b"a line\n"


class State(ctypes.Structure):
    """A struct writer."""

    _fields_ = (
        ("fd", ctypes.c_int),
        ("dry", ctypes.c_bool),
        ("once", ctypes.c_void_p),
        ("other", ctypes.c_void_p),
        ("own", ctypes.c_int * 2),
        ("left", ctypes.c_size_t),
        ("rest", ctypes.c_void_p),
    )


class Writer:
    """As the class in kernel/writer.py."""

    def __init__(self, runtime: ctypes.CDLL, fd: int) -> None:
        self.runtime = runtime
        runtime.writer_flush.restype = runtime.writer_write.restype = ctypes.c_bool
        self.room = ctypes.create_string_buffer(PIPE_BUF)
        self.state = State()
        runtime.writer_open(ctypes.byref(self.state), fd, self.room)

    def flush(self) -> bool:
        return bool(self.runtime.writer_flush(ctypes.byref(self.state)))

    def write(self, data: bytes) -> bool:
        return bool(self.runtime.writer_write(ctypes.byref(self.state), data, ctypes.c_size_t(len(data))))


@pytest.fixture(autouse=True)
def _own_descriptors_are_closed() -> Iterator[None]:
    before = descriptors()
    yield
    for each in descriptors() - before:
        os.close(each)


def test_the_descriptor_is_left_as_it_was_and_its_own_goes_to_no_child(runtime: ctypes.CDLL) -> None:
    for reader, writer in (os.pipe(), pty.openpty()):
        before = fcntl.fcntl(writer, fcntl.F_GETFL)
        out = Writer(runtime, writer)
        assert out.write(LINE)
        assert os.read(reader, 100).rstrip() == LINE.rstrip()
        assert fcntl.fcntl(writer, fcntl.F_GETFL) == before
        assert not before & os.O_NONBLOCK
        assert out.state.fd != writer
        assert fcntl.fcntl(out.state.fd, fcntl.F_GETFD) == fcntl.FD_CLOEXEC


@pytest.mark.parametrize("size", [1, 1000, PIPE_BUF])
def test_a_line_that_a_stream_cuts_is_finished_first(runtime: ctypes.CDLL, size: int) -> None:
    ours, theirs = socket.socketpair()
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1)
    theirs.setblocking(False)  # noqa: FBT003 - socket's own signature
    out = Writer(runtime, ours.fileno())
    line = b"x" * (size - 1) + b"\n"
    said, begun = b"", 0
    for _ in range(20):
        while out.flush() and out.write(line):
            begun += 1
        with contextlib.suppress(BlockingIOError):
            said += theirs.recv(777)
    while not out.flush():
        said += theirs.recv(777)
    with contextlib.suppress(BlockingIOError):
        while True:
            said += theirs.recv(1 << 16)
    assert said == line * begun
    assert os.get_blocking(ours.fileno()), "it is shared with the children"
    ours.close()
    theirs.close()


def test_a_terminal_is_cut_and_goes_on_where_it_was(runtime: ctypes.CDLL) -> None:
    """A terminal takes what it has room for: the rest comes first, once there is room again."""
    master, slave = pty.openpty()
    out = Writer(runtime, slave)
    line = b"x" * (PIPE_BUF - 1) + b"\n"
    begun = 0
    while out.flush() and out.write(line):
        begun += 1
    cut = out.state.left
    assert 0 < cut < PIPE_BUF
    assert out.room.raw[:cut] == line[-cut:]
    said = b""
    while not out.flush():
        said += os.read(master, 1 << 16)
    while said.count(b"\n") < begun:
        said += os.read(master, 1 << 16)
    assert said.replace(b"\r\n", b"\n") == line * begun


@pytest.mark.parametrize(("busy", "told"), [(0, 1), (3, 1), (TRIES, 1), (TRIES + 1, 0), (1000, 0)])
def test_a_terminal_that_another_writes_to_is_tried_again(runtime: ctypes.CDLL, busy: int, told: int) -> None:
    """What tty_write_lock() in the kernel says meanwhile, so many times; the real one can't be held for a test."""
    master, slave = pty.openpty()
    out = Writer(runtime, slave)
    left = ctypes.c_int.in_dll(runtime, "busy")
    left.value = busy
    assert out.write(LINE) is bool(told)
    assert left.value == max(busy - TRIES - 1, 0), "it tries so often, and does not go on for ever"
    left.value = 0
    os.write(slave, b"end\n")
    assert os.read(master, 4096).count(b"a line") == told


@pytest.mark.parametrize("way", ["open", "splice"])
def test_what_it_opens_is_never_a_standard_descriptor(runtime: ctypes.CDLL, way: str) -> None:
    """Where one of these is closed, it stays so for the children, and is seen as closed by whoever asks."""
    name = runtime._name  # noqa: SLF001 - where it was loaded from
    code = f"""
import ctypes, errno, os
from tests.runtime.log.test_writer import Writer
runtime = ctypes.CDLL({name!r})
reader, writer = os.pipe()
if {way == "splice"}:
    for name in ("open", "pwritev2"):
        ctypes.c_int.in_dll(runtime, "refuse_" + name).value = errno.EOPNOTSUPP
os.close(0), os.close(1)
out = Writer(runtime, writer)
assert out.write(b"x") and os.read(reader, 2) == b"x"
taken = [*out.state.own] if {way == "splice"} else [out.state.fd]
assert min(taken) > 2, taken
assert not any(map(os.get_inheritable, taken))
assert not {{0, 1}} & {{int(name) for name in os.listdir("/proc/self/fd") if os.path.lexists("/proc/self/fd/" + name)}}
"""
    root = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_another_users_pipe_by_an_old_kernel(runtime: ctypes.CDLL) -> None:
    """Its own pipe is emptied where a line does not fit, so that no line comes twice or late."""
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 2 * PIPE_BUF)
    with pytest.MonkeyPatch.context() as patch:
        refuse(runtime, patch, open=errno.EACCES, pwritev2=errno.EOPNOTSUPP)
        out = Writer(runtime, writer)
        told = [out.write(b"%d\n" % number) for number in range(100)]
        begun = told.count(True)
        assert told == [True] * begun + [False] * (100 - begun)
        assert os.read(reader, 1 << 16) == b"".join(b"%d\n" % number for number in range(begun))
        assert out.write(LINE)
        assert os.read(reader, 1 << 16) == LINE
        refuse(runtime, patch, pwritev2=errno.EOPNOTSUPP, splice=errno.EINVAL)
        assert [out.write(LINE), out.state.dry] == [False, True]
