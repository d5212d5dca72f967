"""A connection as its server has it: what comes in pieces, what is too long, who takes too long, who has gone."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

import pytest

from sigroute.pid1.control import protocol
from sigroute.pid1.exit_codes import FAILURE, SUCCESS, UNAVAILABLE, USAGE
from sigroute.pid1.kernel import connection
from sigroute.pid1.kernel.connection import PATIENCE, ROOM, Connection

if TYPE_CHECKING:
    from collections.abc import Iterator

ALL = 65536


class Pair:
    """Both ends of a connection, and a clock that is a number."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1_000
        monkeypatch.setattr(connection, "milliseconds", lambda: self.now)
        self.client, self.server = socket.socketpair()
        self.server.setblocking(False)  # noqa: FBT003 - its own signature
        self.made = Connection(self.server.fileno(), 1, 99, 1000)

    def send(self, data: bytes) -> bytes | None:
        """Send something, and have it read."""
        self.client.sendall(data)
        return self.made.read(ALL)

    def got(self) -> tuple[int, bytes]:
        """Return code and text of the answer."""
        parsed = protocol.parsed(self.client.recv(1 << 20))
        assert parsed is not None
        code, size, text = parsed
        assert size == len(text)
        return code, text

    def later(self, ms: int) -> None:
        self.now += ms
        self.made.look_at_the_time(self.now)


@pytest.fixture(name="pair")
def _pair(monkeypatch: pytest.MonkeyPatch) -> Iterator[Pair]:
    made = Pair(monkeypatch)
    yield made
    made.client.close()
    made.server.close()


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_a_request(pair: Pair, end: bytes) -> None:
    assert pair.send(b"send\tweb\tHUP" + end) == b"send\tweb\tHUP"
    assert pair.made.has_asked
    assert not pair.made.is_over


def test_a_request_in_pieces(pair: Pair) -> None:
    assert pair.made.read(ALL) is None  # nothing has come
    for each in b"status":
        assert pair.send(bytes([each])) is None
    assert pair.send(b"\nmore") == b"status"


def test_who_goes_away_in_the_middle_of_a_word(pair: Pair) -> None:
    assert pair.send(b"stat") is None
    pair.client.close()
    assert pair.made.read(ALL) is None
    assert pair.made.is_over


def test_whose_process_has_ended_with_something_unread(pair: Pair) -> None:
    """The kernel tells so by ECONNRESET."""
    pair.server.send(b"unread")
    pair.client.close()
    assert pair.made.read(ALL) is None
    assert pair.made.is_over


@pytest.mark.parametrize("sent", [b"x" * protocol.MOST, b"x" * protocol.MOST + b"\n", b"x" * ALL])
def test_what_is_too_long(pair: Pair, sent: bytes) -> None:
    assert pair.send(sent) is None
    assert pair.got() == (USAGE, b"a request is one line of less than 4096 bytes\n")
    assert pair.made.has_asked
    assert pair.made.is_over


def test_the_longest_request(pair: Pair) -> None:
    line = b"x" * (protocol.MOST - 1)
    assert pair.send(line + b"\n") == line


def test_answers(pair: Pair) -> None:
    pair.made.answer("web ü\ud800\n")
    assert pair.got() == (SUCCESS, "web ü?\n".encode())
    assert pair.made.is_over


@pytest.mark.parametrize(
    ("refused", "did", "code", "text"),
    [("", "a\nb", SUCCESS, b"a\nb\n"), ("", "", SUCCESS, b""), ("web is exited", "x", FAILURE, b"web is exited\n")],
)
def test_replies(pair: Pair, refused: str, did: str, code: int, text: bytes) -> None:
    pair.made.reply(refused, did)
    assert pair.got() == (code, text)


def test_there_is_one_answer(pair: Pair) -> None:
    pair.made.refuse(USAGE, "no")
    pair.made.answer("yes")
    pair.made.reply("", "yes")
    assert pair.got() == (USAGE, b"no\n")


def test_who_sends_nothing(pair: Pair) -> None:
    pair.later(PATIENCE - 1)
    assert not pair.made.has_asked
    pair.later(1)
    assert pair.got() == (USAGE, b"no request has come in 5 s\n")
    assert pair.made.is_over


def test_who_sends_a_byte_now_and_then_has_no_more_time(pair: Pair) -> None:
    for _ in range(9):
        pair.send(b"x")
        pair.later(PATIENCE // 10)
        assert not pair.made.has_asked
    pair.later(PATIENCE // 10)
    assert pair.made.has_asked


def test_where_no_reply_comes(pair: Pair) -> None:
    pair.later(PATIENCE - 1)
    pair.send(b"status\n")
    pair.made.await_reply(long=False)
    pair.later(PATIENCE - 1)
    assert not pair.made.is_over
    pair.later(1)
    assert pair.got() == (UNAVAILABLE, b"sigroute has not replied\n")


def test_an_answer_that_is_larger_than_the_socket_takes(pair: Pair) -> None:
    text = "x" * (4 << 20)
    pair.made.answer(text)
    assert not pair.made.is_over
    data = b""
    while not pair.made.is_over:
        data += pair.client.recv(ALL)
        pair.later(PATIENCE - 1)  # each piece that is read gives more time
        pair.made.write()
    pair.server.close()
    while piece := pair.client.recv(ALL):
        data += piece
    assert protocol.parsed(data) == (SUCCESS, len(text), text.encode())


def test_who_does_not_read_its_answer(pair: Pair) -> None:
    pair.made.answer("x" * (4 << 20))
    pair.later(PATIENCE - 1)
    assert not pair.made.is_over
    pair.later(1)
    assert pair.made.is_over


def test_who_has_gone_before_its_answer(pair: Pair) -> None:
    pair.client.close()
    pair.made.answer("x")  # Python ignores PIPE, as PID 1 blocks it
    assert pair.made.is_over
    pair.later(10 * PATIENCE)


def test_nothing_is_read_from_a_descriptor_that_is_closed(pair: Pair) -> None:
    os.close(pair.server.detach())
    assert pair.made.read(ALL) is None
    assert pair.made.is_over


def test_who_waits_long_is_asked_whether_it_is_there(pair: Pair) -> None:
    pair.send(b"restart\tweb\n")
    pair.made.await_reply(long=True)
    for _ in range(100):
        pair.later(PATIENCE)
        assert not pair.made.is_over
    pair.client.close()
    pair.later(PATIENCE)
    assert pair.made.is_over


def test_who_has_said_all_may_wait_long_all_the_same(pair: Pair) -> None:
    pair.send(b"restart\tweb\n")
    pair.made.await_reply(long=True)
    pair.client.shutdown(socket.SHUT_WR)
    pair.later(PATIENCE)
    assert not pair.made.is_over


def test_who_follows_gets_lines_for_as_long_as_it_reads(pair: Pair) -> None:
    pair.send(b"events\t--follow\n")
    pair.made.follow()
    pair.made.tell(b"one\n")
    pair.later(PATIENCE * 10)
    assert not pair.made.is_over
    assert pair.client.recv(1 << 16) == b"sigroute 1 0 -\none\n"
    pair.client.close()
    pair.later(PATIENCE)
    assert pair.made.is_over


def test_who_follows_and_does_not_read_misses_lines_and_is_told_how_many(pair: Pair) -> None:
    pair.send(b"events\t--follow\n")
    pair.made.follow()
    line = b"x" * 1023 + b"\n"
    for _ in range(2_000):
        pair.made.tell(line)
    data = b""
    while pair.made.out:
        data += pair.client.recv(1 << 20)
        pair.made.write()
    pair.made.tell(b"last\n")
    data += pair.client.recv(1 << 20)
    number = 2_000 - data.count(line)
    assert 0 < number < 2_000
    assert data.endswith(b'{"event": "lost", "number": %d}\nlast\n' % number)


def test_who_follows_and_never_reads_is_kept_until_it_goes(pair: Pair) -> None:
    pair.send(b"events\t--follow\n")
    pair.made.follow()
    for _ in range(2_000):
        pair.made.tell(b"x" * 1024)
    assert len(pair.made.out or b"") <= ROOM
    for _ in range(10):
        pair.later(PATIENCE)
        assert not pair.made.is_over
    pair.client.close()
    pair.later(PATIENCE)
    assert pair.made.is_over


def test_a_request_without_its_end_is_not_done(pair: Pair) -> None:
    pair.client.sendall(b"stop\tweb")
    pair.client.shutdown(socket.SHUT_WR)
    pair.made.read(1 << 16)
    assert pair.made.read(1 << 16) is None
    assert pair.got() == (USAGE, b"the request has no end: it is one line\n")
