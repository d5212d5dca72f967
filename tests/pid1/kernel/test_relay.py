"""What a relay passes on, and the last lines that it notes."""

from __future__ import annotations

import os
import signal
import time

import pytest

from sigroute.pid1.kernel.abi import PIPE_BUF
from sigroute.pid1.kernel.relay import LEFT, LINES, MOST, LastLines, Output, serve, told
from sigroute.pid1.kernel.tagging import PART, together


def noted(*parts: tuple[int, bytes]) -> str:
    """Return what is told of what has come in these parts, each from a descriptor."""
    notes = os.memfd_create("notes")
    last = LastLines(notes)
    for fd, data in parts:
        last.add(fd, data)
    try:
        return told(os.pread(notes, 2 * MOST, 0))
    finally:
        os.close(notes)


def test_the_last_lines_are_those_of_both_outputs_in_the_order_of_their_ends() -> None:
    assert noted((1, b"one\ntw"), (2, b"error\n"), (1, b"o\n")) == "one\nerror\ntwo"


def test_lines_without_an_end_come_last() -> None:
    assert (
        noted((1, b"Password: "), (2, b"no terminal\nhint: set PGPASS")) == "no terminal\nPassword:\nhint: set PGPASS"
    )


def test_empty_lines_do_not_count_and_there_are_no_more_than_five() -> None:
    text = b"".join(b"line %d\n\n   \n" % number for number in range(9))
    assert noted((1, text)).split("\n") == [f"line {number}" for number in range(9)][-LINES:]
    assert noted((1, b"\n\n")) == noted() == ""


def test_of_a_line_that_is_written_over_the_last_state_is_told() -> None:
    assert noted((1, b"10%\r50%\r"), (1, b"99%\r\ndone\r\n")) == "99%\ndone"


def test_what_is_too_long_ago_is_forgotten_and_no_half_line_is_told() -> None:
    assert noted((1, b"x" * 600 + b"\n" + b"y" * 600 + b"\nend\n")) == "y" * 600 + "\nend"
    told_of_one = noted((1, "ä".encode() * 5000 + b"!"))
    assert told_of_one == "..." + "ä" * (MOST // 2 - 1) + "!"


def test_any_bytes_can_be_told() -> None:
    assert noted((1, b"\xff\xfe\n\0\n")) == "��\n\0"


def test_without_room_for_notes_the_output_still_comes_out() -> None:
    last = LastLines(-1)
    last.add(1, b"one\n")
    assert last.noted() == b"one\n"


class Relayed:
    """A relay for two pipes, the second one tagged, that writes both to one file."""

    def __init__(self, notes: bytes = b"", *, single: bool = False) -> None:
        self.count = 1 if single else 2
        self.pipes = [os.pipe() for _ in range(3)]
        self.out, self.notes = os.memfd_create("out"), os.memfd_create("notes")
        os.pwrite(self.notes, notes, 0)

    def run(self, *, closes: bool = True) -> int:
        """Let it run until its end; return its exit code."""
        (reader, _), (other, _), (over, _) = self.pipes
        pid = os.fork()
        if not pid:
            if closes:
                self.close_writers()
            outputs = [Output(b"", reader, self.out), Output(b"job", other, self.out)]
            os._exit(serve(outputs[: self.count], LastLines(self.notes), over))
        if closes:
            self.close_writers()
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

    def close_writers(self) -> None:
        for _, writer in self.pipes[:2]:
            os.close(writer)

    def write(self, which: int, data: bytes) -> None:
        os.write(self.pipes[which][1], data)

    def written(self) -> bytes:
        return os.pread(self.out, 1 << 20, 0)

    def noted(self) -> bytes:
        return os.pread(self.notes, MOST, 0)


def test_what_is_not_tagged_goes_out_as_it_is_and_the_relay_ends_with_its_writers() -> None:
    relay = Relayed()
    relay.write(0, b"\0no end")
    relay.write(1, b"one\ntwo")
    assert relay.run() == 0
    assert relay.written() in {b"job | one\n\0no endjob | two\n", b"\0no endjob | one\njob | two\n"}
    assert relay.noted() == b"one\n\0no end\ntwo"


def test_it_ends_when_the_task_has_although_others_can_still_write() -> None:
    relay = Relayed()
    relay.write(0, b"first\nlast")
    relay.write(1, b"one\ntwo")
    os.write(relay.pipes[2][1], b".")
    assert relay.run(closes=False) == LEFT
    assert relay.written() == b"first\nlastjob | one\njob | two\n"


def test_the_next_relay_goes_on_with_the_notes() -> None:
    relay = Relayed(notes=b"1\n2\n3\n4\n5\n6\n")
    relay.write(0, b"7\n")
    assert relay.run() == 0
    assert told(relay.noted()) == "3\n4\n5\n6\n7"


@pytest.mark.parametrize(("text", "out"), [(b"one\ntwo", b"one\ntwo\n"), (b"one\n", b"one\n"), (b"", b"")])
def test_where_the_log_goes_a_last_line_gets_an_end(text: bytes, out: bytes) -> None:
    relay = Relayed(single=True)
    relay.write(0, text)
    assert relay.run() == 0
    assert relay.written() == out


def test_what_others_write_for_ever_does_not_keep_it() -> None:
    relay = Relayed()
    pid = os.fork()
    if not pid:
        while True:
            relay.write(0, b"y\n" * 30_000)
    os.write(relay.pipes[2][1], b".")
    assert relay.run(closes=False) == LEFT
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def test_without_pid_1_it_goes_on() -> None:
    relay = Relayed()
    os.close(relay.pipes[2][1])
    relay.write(0, b"first\n")
    pid = os.fork()
    if not pid:
        time.sleep(0.2)
        relay.write(0, b"last\n")
        os._exit(0)
    assert relay.run() == 0
    os.waitpid(pid, 0)
    assert relay.written() == b"first\nlast\n"


def test_a_line_without_an_end_is_not_held_for_ever() -> None:
    output = Output(b"", 0, 1)
    for size in (PIPE_BUF, 1, PART):
        written = b"".join(output.lines(b"x" * size))
        assert len(written) in {0, PIPE_BUF + 1, PART}
        assert len(output.rest) <= PIPE_BUF


def test_lines_go_out_whole() -> None:
    """Each by one write of at most PIPE_BUF bytes, as far as that is possible."""
    output = Output(b"", 0, 1)
    text = b"".join(b"%d " % number + b"x" * (number % 97) + b"\n" for number in range(2000))
    writes = [some for at in range(0, len(text), 65536) for some in together(output.lines(text[at : at + 65536]))]
    assert b"".join(writes) == text
    assert max(map(len, writes)) <= PIPE_BUF
    assert all(some.endswith(b"\n") for some in writes)
