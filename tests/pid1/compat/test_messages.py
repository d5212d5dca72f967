"""The programs' own words: which lines of the log they are said at, where they go, and that they hold nothing up."""

from __future__ import annotations

import fcntl
import os
from string import Formatter
from typing import TYPE_CHECKING

import pytest

from sigroute.pid1.compat.messages import Messages
from sigroute.pid1.kernel.abi import PIPE_BUF
from sigroute.pid1.log.messages import MESSAGES
from sigroute.pid1.names import RTMAX, name_of, number_of
from tests.pid1.compat.playing import played
from tests.pid1.world import FIELDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sigroute.pid1.compat.role import Says
    from sigroute.pid1.log.narrate import Fields, Line

EXITED: Fields = {"child": "prog", "pid": 7, "status": 3}

#: All that each can say.
TALKATIVE = {
    "tini": played("tini", "-wvvv", "prog").says,
    "dumb-init": played("dumb-init", "-v", "-r", "1:0", "-r", "2:3", "prog").says,
    "catatonit": played("catatonit", "prog", environ={"CATATONIT_DEBUG": ""}).says,
}


@pytest.fixture(name="pipe")
def _pipe() -> Iterator[tuple[int, int]]:
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
    yield reader, writer
    os.close(reader)
    os.close(writer)


@pytest.mark.parametrize("name", TALKATIVE)
def test_every_line_it_knows_is_one_of_the_logs_and_has_what_it_names(name: str) -> None:
    """Else it would be silent, as messages that fail do not fail the run."""
    ours = {"program", "me", "number", "told"}
    for key, lines in TALKATIVE[name].items():
        line, _, arrived = key.partition(" ")
        assert line in MESSAGES
        assert not arrived or number_of(arrived)
        for fd, text in lines:
            assert fd in (1, 2)
            named = {field for _, field, _, _ in Formatter().parse(text) if field}
            assert named <= FIELDS[line] | ours, text
            assert "signal" in FIELDS[line] or not named & {"number", "told"}, text


@pytest.mark.parametrize("name", TALKATIVE)
def test_whatever_is_told_can_be_said(name: str, pipe: tuple[int, int]) -> None:
    fields: Fields = dict.fromkeys({each for names in FIELDS.values() for each in names}, 1)
    for key, lines in TALKATIVE[name].items():
        line, _, arrived = key.partition(" ")
        says = {key: tuple([(pipe[1], text) for _, text in lines])}
        told = {field: fields[field] for field in FIELDS[line]}
        told |= {"signal": "TERM"} if "signal" in told else {}
        first: list[Line] = [("info", "signal", {"signal": arrived})] if arrived else []
        Messages(says, b"\xff{x}%s").tell(*first, ("info", line, told))
        said = os.read(pipe[0], 1 << 16).decode()
        assert said.count("\n") == len(lines)
        assert "{" not in said.replace("{x}", "")


def test_a_line_of_each_text_in_order_where_it_belongs(pipe: tuple[int, int]) -> None:
    other, theirs = os.pipe()
    says: Says = {"exited": ((pipe[1], "one {pid}"), (theirs, "two {status}"), (pipe[1], "three {program} {me}"))}
    Messages(says, b"/bin/x").tell(("info", "exited", EXITED))
    assert os.read(pipe[0], 999).decode() == f"one 7\nthree /bin/x {os.getpid()}\n"
    assert os.read(other, 999) == b"two 3\n"
    os.close(other)
    os.close(theirs)


def test_what_it_has_no_words_for_it_does_not_say(pipe: tuple[int, int]) -> None:
    messages = Messages({"exited": ((pipe[1], "x"),)}, b"")
    messages.tell(None)
    messages.tell(("info", "started", EXITED))
    with pytest.raises(BlockingIOError):
        os.read(pipe[0], 1)
    assert not messages.silent
    assert Messages({}, b"").silent


def test_what_is_said_of_the_signal_that_arrived_comes_first(pipe: tuple[int, int]) -> None:
    messages = Messages({"sent INT": ((pipe[1], "rewritten"),), "sent": ((pipe[1], "sent {number}"),)}, b"")
    sent: Line = ("info", "sent", {"child": "c", "pid": 7, "signal": "QUIT", "origin": ""})
    for arrived in ("INT", "QUIT"):
        messages.tell(("info", "signal", {"signal": arrived}), sent)
    messages.tell(None, sent)
    assert os.read(pipe[0], 999) == b"rewritten\nsent 3\nsent 3\n"


@pytest.mark.parametrize("number", [*range(1, 32), *range(34, RTMAX + 1)])
def test_signals_by_number_and_as_the_c_library_calls_them(number: int, pipe: tuple[int, int]) -> None:
    messages = Messages({"signal": ((pipe[1], "{number} {told}"),)}, b"")
    messages.tell(("info", "signal", {"signal": name_of(number), "sender": "tty", "pid": 1, "uid": 0}))
    shown, told = os.read(pipe[0], 999).decode().split(" ", 1)
    assert int(shown) == number
    assert told.strip()
    if number == 15:
        assert told == "Terminated\n"


def test_nobody_reads_and_it_does_not_wait(pipe: tuple[int, int]) -> None:
    messages = Messages({"exited": ((pipe[1], "x" * 300),), "exit": ((pipe[1], "the end"),)}, b"")
    for _ in range(100):
        messages.tell(("info", "exited", EXITED))
    said = os.read(pipe[0], 1 << 16)
    assert set(said.splitlines()) == {b"x" * 300}
    assert said.endswith(b"\n")
    messages.tell(("info", "exit", {"status": 1}))
    assert os.read(pipe[0], 1 << 16) == b"the end\n"


@pytest.mark.parametrize("size", [PIPE_BUF, 1 << 17])
def test_a_long_line_is_cut_and_ends(size: int, pipe: tuple[int, int]) -> None:
    """One that a pipe has no room for would never be whole, and a pipe of our own would have us wait (pen.py)."""
    Messages({"exited": ((pipe[1], "{program}"),)}, b"x" * size).tell(("info", "exited", EXITED))
    said = os.read(pipe[0], 1 << 20)
    assert len(said) == PIPE_BUF
    assert said.endswith(b"x...\n")


def test_a_closed_descriptor_fails_nothing() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    messages = Messages({"exited": ((writer, "x"), (writer, "y"))}, b"")
    messages.tell(("info", "exited", EXITED))
    os.close(writer)
    Messages({"exited": ((writer, "x"),)}, b"").tell(("info", "exited", EXITED))
