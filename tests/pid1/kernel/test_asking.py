"""The client: what it writes and ends with, whoever listens there, or nobody."""

from __future__ import annotations

import os
import signal
import socket
import stat
import threading
from typing import TYPE_CHECKING

import pytest

from sigroute.pid1.control import protocol
from sigroute.pid1.exit_codes import CANNOT_WRITE, NO_PERMISSION, SUCCESS, UNAVAILABLE, USAGE
from sigroute.pid1.kernel import asking, polling, sockets
from tests.real.require import need

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

NAME = "sigroute status"
ALL = 65536


@pytest.fixture(name="path")
def _path(tmp_path: Path) -> Path:
    return tmp_path / "socket"


@pytest.fixture(name="served")
def _served(path: Path) -> Iterator[Callable[[Callable[[socket.socket], object]], list[bytes]]]:
    """Have somebody listen there, who does this with the first connection; return what has been asked."""
    threads, asked = [], []
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen()
    over = threading.Event()

    def serve(does: Callable[[socket.socket], object]) -> list[bytes]:
        def run() -> None:
            with listener.accept()[0] as client:
                asked.append(client.recv(ALL))
                does(client)
                over.wait(0 if does is not nothing else 60)

        threads.append(threading.Thread(target=run))
        threads[-1].start()
        return asked

    yield serve
    over.set()
    for thread in threads:
        thread.join()
    listener.close()


def nothing(_client: socket.socket) -> None:
    """Say nothing, and stay."""


def sends(*pieces: bytes) -> Callable[[socket.socket], None]:
    """Send these, then close the connection."""

    def does(client: socket.socket) -> None:
        for piece in pieces:
            client.sendall(piece)

    return does


def ask(path: Path, *words: bytes) -> int:
    return asking.run(NAME, bytes(path), list(words or (b"status",)))


def whole(code: int, text: bytes) -> bytes:
    return protocol.head(code, len(text)) + text


def test_an_answer(path: Path, served: Callable[..., list[bytes]], capfd: pytest.CaptureFixture[str]) -> None:
    asked = served(sends(whole(SUCCESS, b"all is well\n")))
    assert ask(path, b"status", b"--json") == SUCCESS
    assert capfd.readouterr() == ("all is well\n", "")
    assert asked == [b"status\t--json\n"]


@pytest.mark.parametrize("code", [1, USAGE, UNAVAILABLE, NO_PERMISSION])
def test_a_refusal(path: Path, served: Callable[..., object], capfd: pytest.CaptureFixture[str], code: int) -> None:
    served(sends(whole(code, b"no\n")))
    assert ask(path) == code
    assert capfd.readouterr() == ("", "no\n")


def test_an_answer_in_pieces_and_one_that_is_large(
    path: Path, served: Callable[..., object], capfd: pytest.CaptureFixture[str]
) -> None:
    text = b"x" * (3 << 20)
    data = whole(SUCCESS, text)
    served(sends(*[data[at : at + 1] for at in range(20)], data[20:]))
    assert ask(path) == SUCCESS
    assert capfd.readouterr() == (text.decode(), "")


def test_an_answer_that_lasts_until_the_end(
    path: Path, served: Callable[..., object], capfd: pytest.CaptureFixture[str]
) -> None:
    served(sends(protocol.head(0, None), b"one\n", b"two\n"))
    assert ask(path) == SUCCESS
    assert capfd.readouterr() == ("one\ntwo\n", "")


@pytest.mark.parametrize("data", [b"", b"sigro", b"sigroute 1 0 100", whole(0, b"x" * 100)[:-1], whole(7, b"no")[:-2]])
def test_an_answer_that_is_cut_off(
    path: Path, served: Callable[..., object], capfd: pytest.CaptureFixture[str], data: bytes
) -> None:
    served(sends(data))
    assert ask(path) == UNAVAILABLE
    assert f"{NAME}: sigroute has closed the connection to {path}" in capfd.readouterr().err


@pytest.mark.parametrize("data", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\0\0\0\7", b"sigroute 2 0 0\n", b"220 mail\n"])
def test_another_program_listens_there(
    path: Path, served: Callable[..., object], capfd: pytest.CaptureFixture[str], data: bytes
) -> None:
    served(sends(data))
    assert ask(path) == UNAVAILABLE
    assert capfd.readouterr() == ("", f"{NAME}: what listens at {path} is no sigroute, or of another version\n")


def test_who_listens_and_never_answers(
    path: Path,
    served: Callable[..., object],
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waits: list[int] = []

    def readable(fds: list[int], wait: int) -> list[int]:
        waits.append(wait)
        return found(fds, 50)

    found = polling.readable
    monkeypatch.setattr(polling, "readable", readable)
    served(nothing)
    assert ask(path) == UNAVAILABLE
    assert capfd.readouterr() == ("", f"{NAME}: sigroute does not answer at {path}\n")
    assert waits == [asking.PATIENCE]


def test_nobody_listens_there(path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    hint = "no sigroute has its control socket there ([control] path, --control)"
    assert ask(path) == UNAVAILABLE
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))
    assert ask(path) == UNAVAILABLE
    assert capfd.readouterr() == ("", f"{NAME}: cannot ask at {path}: {hint}\n" * 2)


@pytest.mark.parametrize(("mode", "reason"), [(0o755, "it is a directory"), (0o644, "it is a file")])
def test_something_else_is_there(path: Path, capfd: pytest.CaptureFixture[str], mode: int, reason: str) -> None:
    assert reason
    path.mkdir(mode) if mode == 0o755 else path.touch(mode)
    assert stat.S_IMODE(path.stat().st_mode) == mode
    assert ask(path) == UNAVAILABLE
    assert "no sigroute has its control socket there" in capfd.readouterr().err


def test_a_path_that_is_too_long(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert ask(tmp_path / ("x" * 120)) == USAGE
    assert asking.run(NAME, b"", [b"status"]) == USAGE
    assert capfd.readouterr().err.count("the path of a control socket has 1 to 107 bytes") == 2


def test_a_path_is_shown_as_far_as_it_is_text(capfd: pytest.CaptureFixture[str]) -> None:
    assert asking.run(NAME, b"/nowhere/\xff", [b"status"]) == UNAVAILABLE
    assert "cannot ask at /nowhere/\ufffd: no sigroute" in capfd.readouterr().err


def test_another_user(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    need(os.geteuid() == 0, "root, to become another user")
    os.chmod(tmp_path, 0o755)  # noqa: PTH101 - as the folders above have it or not, the child is in there
    folder = os.open(tmp_path, os.O_PATH)
    with socket.socket(socket.AF_UNIX) as listener:
        path = f"/proc/self/fd/{folder}/socket"
        listener.bind(path)
        os.chmod(path, 0o600)  # noqa: PTH101 - as above
        listener.listen()
        pid = os.fork()
        if not pid:
            os.chdir(folder)
            os.setresuid(65534, 65534, 65534)
            os._exit(asking.run(NAME, b"socket", [b"status"]))
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    os.close(folder)
    assert code in (UNAVAILABLE, NO_PERMISSION)
    assert "cannot ask at socket: only root and the user that sigroute runs as may do that" in capfd.readouterr().err


def test_too_many_others_wait(path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    connected = sockets.connected
    monkeypatch.setattr(sockets, "connected", lambda path: connected(path, 0))
    with socket.socket(socket.AF_UNIX) as listener, socket.socket(socket.AF_UNIX) as first:
        listener.bind(str(path))
        listener.listen(0)
        first.connect(str(path))
        assert ask(path) == UNAVAILABLE
    assert "cannot ask at" in capfd.readouterr().err


@pytest.mark.parametrize("words", [(b"send", b"a\tb", b"HUP"), (b"send", b"web\n", b"HUP"), (b"x" * 5000,)])
def test_what_cannot_be_asked(path: Path, capfd: pytest.CaptureFixture[str], words: tuple[bytes, ...]) -> None:
    assert ask(path, *words) == USAGE
    assert "cannot ask for that: words with a tab or a newline" in capfd.readouterr().err


def test_standard_output_that_is_full(
    path: Path, served: Callable[..., object], capfd: pytest.CaptureFixture[str]
) -> None:
    served(sends(whole(SUCCESS, b"x\n")))
    kept, full = os.dup(1), os.open("/dev/full", os.O_WRONLY)
    os.dup2(full, 1)
    try:
        assert ask(path) == CANNOT_WRITE
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(full)
    assert "cannot write the answer" in capfd.readouterr().err


def test_who_was_answered_before_it_has_asked(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A refusal comes at once, and then the connection is closed: to write to that would end most programs by PIPE."""
    connected = sockets.connected

    def late(path: bytes) -> int:
        fd = connected(path)
        client, _ = listener.accept()
        client.sendall(whole(NO_PERMISSION, b"no\n"))
        client.close()
        return fd

    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        pid = os.fork()
        if not pid:
            signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # as cli.py and entry/about.py have it
            monkeypatch.setattr(sockets, "connected", late)
            code = ask(path)
            os._exit(code if signal.getsignal(signal.SIGPIPE) == signal.SIG_DFL else 99)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == NO_PERMISSION
