"""Sockets with a path, and waiting for several descriptors: in C, as the forms in Python have them."""

from __future__ import annotations

import errno
import fcntl
import gc
import os
import socket
import stat
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from sigroute.pid1.kernel import polling, sockets
from tests.real.container import state
from tests.real.traffic import until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.runtime.watch.runs import Watch

    Opened = Callable[[int], int]

#: Where it fails, the form in Python leaves it to the last reference to close its socket.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(params=["Python", "C"], name="form")
def _form(request: pytest.FixtureRequest, watch: Watch) -> Iterator[Any]:
    """What both forms have."""
    core = watch.core
    yield (
        SimpleNamespace(
            listening=sockets.listening, connected=sockets.connected, accepted=sockets.accepted, ready=polling.ready
        )
        if request.param == "Python"
        else SimpleNamespace(
            listening=core.socket_listening, connected=core.socket_connected, accepted=core.socket_accepted,
            ready=core.poll,
        )
    )  # fmt: skip
    gc.collect()  # see pytestmark: those references end here, and not in another test


@pytest.fixture(name="opened")
def _opened() -> Iterator[Opened]:
    """Have a descriptor closed after the test."""
    fds: list[int] = []

    def opened(fd: int) -> int:
        fds.append(fd)
        return fd

    yield opened
    for fd in fds:
        os.close(fd)


@pytest.fixture(name="path")
def _path(tmp_path: Path) -> Path:
    return tmp_path / "socket"


def left_over(path: Path) -> int:
    """Leave a socket there at which nobody listens; return its inode."""
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(path))
    return path.lstat().st_ino


def flags(fd: int) -> tuple[bool, bool]:
    """Tell whether a descriptor blocks, and whether a program inherits it."""
    return os.get_blocking(fd), os.get_inheritable(fd)


def test_a_socket_is_for_its_owner_alone_whatever_the_umask_is(form: Any, opened: Opened, path: Path) -> None:
    mask = os.umask(0)
    try:
        fd = opened(form.listening(os.fsencode(path)))
    finally:
        os.umask(mask)
    assert path.lstat().st_mode == stat.S_IFSOCK | 0o600
    assert flags(fd) == (False, False)


def test_what_an_ended_process_has_left_is_replaced(form: Any, opened: Opened, path: Path) -> None:
    left_over(path)
    opened(form.listening(os.fsencode(path)))
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(path))


def test_nothing_else_is_replaced(form: Any, opened: Opened, path: Path) -> None:
    path.write_text("kept")
    link, target = path.with_name("link"), path.with_name("target")
    left = left_over(target)
    link.symlink_to(target)
    live = path.with_name("live")
    opened(form.listening(os.fsencode(live)))
    for place, error in {
        path: errno.EADDRINUSE, link: errno.EADDRINUSE, live: errno.EADDRINUSE, path.parent: errno.EADDRINUSE,
        path / "below": errno.ENOTDIR, path.with_name("none") / "below": errno.ENOENT,
    }.items():  # fmt: skip
        with pytest.raises(OSError, match=os.strerror(error)) as caught:
            form.listening(os.fsencode(place))
        assert caught.value.errno == error
    assert path.read_text() == "kept"
    assert link.is_symlink()
    assert target.lstat().st_ino == left
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(live))


def test_a_listener_whose_queue_is_full_is_alive(form: Any, path: Path) -> None:
    """And PID 1 waits for nobody to find that out."""
    with socket.socket(socket.AF_UNIX) as listener, socket.socket(socket.AF_UNIX) as waiting:
        listener.bind(str(path))
        listener.listen(0)
        waiting.connect(str(path))
        began = time.monotonic()
        with pytest.raises(OSError, match="in use"):
            form.listening(os.fsencode(path))
        assert time.monotonic() - began < sockets.PATIENCE


def test_a_path_is_as_long_as_an_address_has_room(form: Any, opened: Opened, path: Path) -> None:
    folder = os.open(path.parent, os.O_PATH)
    try:
        least = f"/proc/self/fd/{folder}/"
        opened(form.listening(os.fsencode(least.ljust(107, "x"))))
        with pytest.raises(OSError, match="too long"):
            form.listening(os.fsencode(least.ljust(108, "x")))
        with pytest.raises(OSError, match="too long"):
            form.connected(os.fsencode(least.ljust(108, "x")))
    finally:
        os.close(folder)


def test_a_connection_and_who_has_made_it(form: Any, opened: Opened, path: Path) -> None:
    listener = opened(form.listening(os.fsencode(path)))
    with pytest.raises(BlockingIOError):
        form.accepted(listener)
    ours = opened(form.connected(os.fsencode(path)))
    fd, pid, uid = form.accepted(listener)
    theirs = opened(fd)
    assert (pid, uid) == (os.getpid(), os.getuid())
    assert flags(ours) == (True, False)
    assert flags(theirs) == (False, False)
    os.write(ours, b"asked")
    assert os.read(theirs, 10) == b"asked"
    with socket.socket(fileno=os.dup(ours)) as made:
        assert made.getsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, 16) == bytes(16)


def test_where_nobody_listens(form: Any, path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        form.connected(os.fsencode(path))
    left_over(path)
    with pytest.raises(ConnectionRefusedError):
        form.connected(os.fsencode(path))


def test_a_connection_waits_for_its_turn(form: Any, opened: Opened, path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener, socket.socket(socket.AF_UNIX) as first:
        listener.bind(str(path))
        listener.listen(0)
        first.connect(str(path))
        pid = os.fork()
        if not pid:
            until(lambda: state(os.getppid()) == "S", "it waits")
            listener.accept()
            os._exit(0)
        opened(form.connected(os.fsencode(path)))
        os.waitpid(pid, 0)
        with pytest.raises(TimeoutError):  # after 5 s
            form.connected(os.fsencode(path))


def test_no_descriptor_takes_the_place_of_a_standard_one(watch: Watch, path: Path) -> None:
    pid = os.fork()
    if not pid:
        for fd in range(3):
            os.close(fd)
        core = watch.core
        listener = core.socket_listening(os.fsencode(path))
        made = [listener, core.socket_connected(os.fsencode(path)), core.socket_accepted(listener)[0]]
        closed = 0
        for fd in range(3):
            try:
                os.fstat(fd)
            except OSError:
                closed += 1
        inherited = any(fcntl.fcntl(fd, fcntl.F_GETFD) != fcntl.FD_CLOEXEC for fd in made)
        os._exit(0 if min(made) > 2 and closed == 3 and not inherited else 1)
    assert os.waitpid(pid, 0)[1] == 0


def fill(fd: int) -> None:
    """Write until no more goes in."""
    while True:
        os.write(fd, bytes(4096))


def test_which_can_be_read_and_which_can_be_written_to(form: Any, opened: Opened) -> None:
    def ends() -> tuple[int, int]:
        reader, writer = os.pipe()
        return opened(reader), opened(writer)

    (empty, some), (full, filled), (ended, last), (away, left) = [ends() for _ in range(4)]
    os.set_blocking(filled, False)
    with pytest.raises(BlockingIOError):
        fill(filled)
    os.dup2(os.open("/dev/null", os.O_WRONLY), last)  # the writing end is closed
    os.dup2(os.open("/dev/null", os.O_RDONLY), away)
    reads, writes = form.ready([empty, full, ended], [some, filled, left], 60_000)
    assert (sorted(reads), sorted(writes)) == (sorted([full, ended]), sorted([some, left]))
    assert form.ready([empty], [filled], 0) == ([], [])
    assert form.ready([], [], 0) == ([], [])
    first, other = socket.socketpair()
    with first, other:
        assert form.ready([first.fileno()], [first.fileno()], -1) == ([], [first.fileno()])
        other.send(b"x")
        assert form.ready({first.fileno()}, {first.fileno()}, -1) == ([first.fileno()], [first.fileno()])
    assert form.ready([10_000], [], 0)[0] == [10_000]  # it is closed: to read tells that
    with pytest.raises(TypeError):
        form.ready(["x"], [], 0)
    with pytest.raises(TypeError):
        form.ready([], ["x"], 0)
