"""The lines of tagged outputs: whole, each with a name, none longer than what a pipe takes in one piece."""

from __future__ import annotations

import os
import random

from sigroute.pid1.kernel.abi import PIPE_BUF
from sigroute.pid1.kernel.tagging import BREAK, Stream, serve, together


def told(*parts: bytes, name: bytes = b"web") -> list[bytes]:
    """Return the lines of what comes in these parts."""
    stream = Stream(name, 0, 1)
    return [line for part in parts for line in stream.lines(part)] + list(stream.last())


def test_each_line_has_the_name() -> None:
    assert told(b"one\ntw", b"o\n", b"\n\xff\xfe\nrest") == [
        b"web | one\n", b"web | two\n", b"web | \n", b"web | \xff\xfe\n", b"web | rest\n",
    ]  # fmt: skip


def test_a_new_life_ends_the_line_of_the_last_one_and_nothing_else() -> None:
    assert told(BREAK, b"cut", BREAK, b"whole\n", BREAK, b"\n") == [b"web | cut\n", b"web | whole\n", b"web | \n"]
    assert told(BREAK[:1], BREAK[1:]) == []


def test_no_line_is_longer_than_what_a_pipe_takes_at_once_and_no_byte_is_lost() -> None:
    chance = random.Random(15)
    for _ in range(200):
        name = b"n" * chance.randrange(1, 600)
        text = b"".join(chance.choice([b"x", "ä".encode(), b"\xff"]) * chance.randrange(3000) for _ in range(9))
        text = text.replace(b"\xff\xc3", b"\xff")
        at = sorted(chance.randrange(len(text) + 1) for _ in range(4))
        parts = [text[begin:end] for begin, end in zip([0, *at], [*at, len(text)], strict=True)]
        lines = told(*parts, b"\n", name=name)
        assert max(map(len, lines)) <= PIPE_BUF
        assert b"".join(line[:-1].removeprefix(name[:256] + b" | ") for line in lines) == text


def test_no_character_is_cut() -> None:
    for lines in (told("€".encode() * 9000 + b"\n"), told(b"x" + "😀".encode() * 9000)):
        assert len(lines) > 5
        for line in lines:
            line.decode()


def test_lines_go_out_together_as_far_as_a_pipe_takes_them_at_once() -> None:
    lines = [b"x" * size + b"\n" for size in (1000, 3000, 94, 4095, 1)]
    assert [len(some) for some in together(lines)] == [1001 + 3001, 95, 4096, 2]


def test_the_last_lines_are_written_although_a_writer_is_left() -> None:
    """A process that the children left behind may keep the pipe."""
    (reader, writer), (other, kept), (life, lives) = os.pipe(), os.pipe(), os.pipe()
    out = os.memfd_create("out")
    os.write(writer, b"first\nlast")
    os.close(lives)
    pid = os.fork()
    if not pid:
        try:
            os.dup2(out, 1)
            serve([(b"web", ((reader, writer), (other, kept)))], life)
        finally:
            os._exit(0)
    assert os.waitpid(pid, 0)[1] == 0
    assert os.pread(out, 100, 0) == b"web | first\nweb | last\n"
    for fd in (reader, writer, other, kept, life, out):
        os.close(fd)
