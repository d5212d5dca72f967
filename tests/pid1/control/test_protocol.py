"""What a client and the server write to each other: what is asked arrives, and nothing else is taken for an answer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigroute.pid1.control import protocol
from sigroute.pid1.control.protocol import HEAD, MOST, head, parsed, request

words = st.lists(st.binary(max_size=40).map(lambda each: each.replace(b"\t", b" ").replace(b"\n", b" ")), min_size=1)


@given(words)
def test_a_request_is_one_line_of_its_words(asked: list[bytes]) -> None:
    if sum(map(len, asked)) + len(asked) > MOST:
        return
    line = request(asked)
    assert line.removesuffix(b"\n").split(b"\t") == asked


@pytest.mark.parametrize("asked", [[b"a\tb"], [b"a\n"], [b"a", b"b\tc", b"d"], [b"x" * MOST], [b"x"] * (MOST // 2 + 1)])
def test_what_is_no_request(asked: list[bytes]) -> None:
    with pytest.raises(ValueError, match="a tab or a newline, or more than 4096 bytes"):
        request(asked)


def test_the_longest_request() -> None:
    assert len(request([b"x" * (MOST - 1)])) == MOST


@given(st.integers(0, 255), st.none() | st.integers(0, 2**40), st.binary(max_size=80), st.integers(0, HEAD))
def test_an_answer_in_pieces(code: int, size: int | None, rest: bytes, cut: int) -> None:
    whole = head(code, size)
    assert len(whole) <= HEAD
    assert parsed(whole + rest) == (code, size, rest)
    assert parsed(whole[: min(cut, len(whole) - 1)]) is None


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1 400 Bad Request\r\n", b"x", b"sigroutes", b"sigroute 2 0 5\n", b"sigroute 1 0\n",
        b"sigroute 1 x 5\n", b"sigroute 1 0 x\n", b"sigroute 1 0 5 6\n", b"\n", b"sigroute " + b"1" * HEAD,
        b"SIGROUTE 1 0 5\n",
    ],
)  # fmt: skip
def test_what_is_no_answer(data: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whatever it says: the client has words of its own
        parsed(data)


def test_the_version_is_in_every_answer() -> None:
    assert head(0, 7) == b"sigroute 1 0 7\n"
    assert head(77, None) == b"sigroute 1 77 -\n"
    assert protocol.VERSION == b"1"
