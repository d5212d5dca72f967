"""What a relay passes on, and the last lines that it notes."""

from __future__ import annotations

import os

from sigroute.pid1.kernel.relay import LINES, MOST, LastLines, Output, serve, told


def noted(*parts: tuple[int, bytes]) -> str:
    """Return what is told of what has come in these parts, each from a descriptor."""
    last = LastLines()
    for fd, data in parts:
        last.add(fd, data)
    return told(last.noted())


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


def test_what_is_not_tagged_goes_out_as_it_is_and_the_relay_ends_with_its_writers() -> None:
    (reader, writer), (other, tagged) = os.pipe(), os.pipe()
    out, notes = os.memfd_create("out"), os.memfd_create("notes")
    os.write(writer, b"\0no end")
    os.write(tagged, b"one\ntwo")
    pid = os.fork()
    if not pid:
        os.close(writer)
        os.close(tagged)
        last = LastLines()
        serve([Output(b"", reader, out, last), Output(b"job", other, out, last)], last, notes)
        os._exit(0)
    for fd in (writer, tagged):
        os.close(fd)
    assert os.waitpid(pid, 0)[1] == 0
    assert os.pread(out, 100, 0) == b"\0no endjob | one\njob | two\n"
    assert os.pread(notes, 100, 0) == b"eone\n\0no end\ntwo"
    for fd in (reader, other, out, notes):
        os.close(fd)
