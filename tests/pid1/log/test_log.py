"""The log: its lines, and that what was lost is said. (test_pen.py has what each descriptor takes.)"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import re
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sigroute.pid1.kernel.abi import PIPE_BUF
from sigroute.pid1.log.log import Log, quote
from sigroute.pid1.log.sink import Sink

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sigroute.pid1.log.narrate import Fields, Line

STARTED: Line = ("info", "started", {"child": "web", "pid": 7, "command": "nginx"})


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    reader, writer = os.pipe()
    os.set_blocking(reader, False)  # to read what is not there fails, and does not wait
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
    yield reader, writer
    os.close(reader)
    os.close(writer)


def read(reader: int) -> list[str]:
    """Return the lines that are in the pipe, each of them whole."""
    text = os.read(reader, 1 << 20).decode()
    assert text.endswith("\n")
    return text.splitlines()


def events(reader: int) -> list[tuple[str, int]]:
    """Return the events in the pipe, with their numbers."""
    lines = [json.loads(line) for line in read(reader)]
    return [(line["event"], line.get("number", 0)) for line in lines]


def lost_by(log: Log) -> int:
    assert isinstance(log.sink, Sink)
    return log.sink.lost


def note(text: str) -> Line:
    return "warning", "note", {"text": text}


def test_a_line_of_text(pipe: tuple[int, int]) -> None:
    Log("text", "info", pipe[1]).tell(STARTED)
    (line,) = read(pipe[0])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z sigroute: web \(pid 7\) started as nginx", line)


def test_warnings_and_errors_say_so(pipe: tuple[int, int]) -> None:
    log = Log("text", "info", pipe[1])
    log.tell(note("careful"))
    log.tell(("error", "fallback", {"text": "oh"}))
    warning, error = read(pipe[0])
    assert warning.endswith(" sigroute: warning: careful")
    assert " sigroute: error: an error of sigroute's own (oh)" in error


def test_a_line_of_json(pipe: tuple[int, int]) -> None:
    Log("json", "info", pipe[1]).tell(STARTED)
    (line,) = read(pipe[0])
    said = json.loads(line)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", said.pop("time"))
    assert said == {"level": "info", "event": "started", "child": "web", "pid": 7, "command": "nginx"}


@pytest.mark.parametrize("text", ["", "a\nb", 'quo"te\\', "\x00\x1b[31m", "\udcff", "grün 🙂"])
def test_whatever_is_told_stays_one_line(pipe: tuple[int, int], text: str) -> None:
    for form in ("text", "json"):
        Log(form, "info", pipe[1]).tell(note(text))
    plain, said = read(pipe[0])
    assert plain.count("sigroute:") == 1
    assert json.loads(said)["text"] == text
    assert json.loads(quote(text)) == text


@pytest.mark.parametrize("form", ["text", "json"])
def test_nothing_that_a_terminal_would_obey_is_in_a_line(pipe: tuple[int, int], form: str) -> None:
    """The name of a process may have an escape sequence that hides a line, or a CR that writes over it."""
    controls = "".join(map(chr, (*range(32), *range(127, 160))))
    Log(form, "info", pipe[1]).tell(
        note(f"a{controls}b"), ("info", "not-started", {"child": "\x1b[2K\r", "reason": ""})
    )
    for line in read(pipe[0]):
        assert not set(line) & set(controls)
    Log(form, "info", pipe[1]).tell(note("\x1b[2J"))
    (line,) = read(pipe[0])
    assert {"text": "\\x1b[2J", "json": "\\u001b[2J"}[form] in line


def test_only_what_is_of_the_level(pipe: tuple[int, int]) -> None:
    for level, number in {"debug": 3, "info": 2, "warning": 1, "error": 0, "quiet": 0}.items():
        log = Log("text", level, pipe[1])
        log.tell(note("first"))
        log.tell(STARTED)
        log.tell(("debug", "exit", {"status": 0}))
        os.write(pipe[1], b"end\n")
        assert len(read(pipe[0])) == number + 1, level


def test_a_long_line_is_cut_and_ends(pipe: tuple[int, int]) -> None:
    Log("text", "info", pipe[1]).tell(note("x" * 3 * PIPE_BUF))
    (line,) = read(pipe[0])
    assert len(line) == PIPE_BUF - 1
    assert line.endswith("...")


@pytest.mark.parametrize("letter", ["x", '"', "\x01", "ü"])
def test_a_long_line_of_json_stays_json(pipe: tuple[int, int], letter: str) -> None:
    fields: Fields = {"child": "web", "command": letter * 3 * PIPE_BUF}
    Log("json", "info", pipe[1]).tell(("info", "run", fields))
    (line,) = read(pipe[0])
    assert len(line.encode()) < PIPE_BUF
    said = json.loads(line)
    assert said["child"] == "web"
    assert said["command"].lstrip(letter) == "..."


URG: Line = ("info", "signal", {"signal": "URG", "sender": "outside", "pid": 0, "uid": 0})
SENT: Line = ("info", "sent", {"child": "web", "pid": 7, "signal": "URG", "origin": "default"})


@pytest.fixture
def roomy(pipe: tuple[int, int]) -> tuple[int, int]:
    fcntl.fcntl(pipe[1], fcntl.F_SETPIPE_SZ, 1 << 20)
    return pipe


@pytest.mark.parametrize("times", [1, 9, 10, 11, 99, 100, 101, 999, 1000, 12345])
def test_what_repeats_is_counted_and_every_one_is_in_the_end(roomy: tuple[int, int], times: int) -> None:
    log = Log("json", "info", roomy[1])
    for _ in range(times):
        log.tell(URG, SENT)
    before = events(roomy[0])
    log.tell(STARTED)
    said = before + events(roomy[0])
    assert said[-1] == ("started", 0)
    assert said.count(("signal", 0)) == said.count(("sent", 0)) == min(times, 10)
    assert sum(number for event, number in said if event == "repeated") == max(times - 10, 0)
    assert len(said) <= 10 * 2 + len(str(times)) + 1
    untold = times - 10 - sum(number for event, number in before if event == "repeated")
    assert untold < 0.9 * times, "until something else happens, a part of them waits"


def test_a_line_that_stands_for_others_says_which_and_is_of_their_level(roomy: tuple[int, int]) -> None:
    for form, level in (("text", "info"), ("text", "warning"), ("json", "info")):
        log = Log(form, level, roomy[1])
        for _ in range(100):
            log.tell(("debug", "waits", {}), ("info", "ready", {"child": "web"}), note("careful"))
    text, warning, said = [line for line in read(roomy[0]) if " 90" in line]
    assert text.endswith("warning: the same again, 90 times: web has become its program")
    assert warning.endswith("warning: the same again, 90 times: careful")
    fields = json.loads(said)
    assert (fields["event"], fields["number"], fields["text"]) == ("repeated", 90, "web has become its program")


def test_what_differs_in_one_field_or_comes_later_is_no_repetition(
    roomy: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    log = Log("json", "info", roomy[1])
    for number in range(100):
        log.tell(URG, (*SENT[:2], {**SENT[2], "pid": number}))
    assert len(events(roomy[0])) == 200
    clock = iter(range(0, 1 << 60, 1_000_000_000))
    monkeypatch.setattr("time.monotonic_ns", lambda: next(clock))
    for _ in range(100):
        log.tell(URG, SENT)
    assert len(events(roomy[0])) == 200


def test_who_is_told_nothing_of_what_came_between_is_told_of_one_repetition(roomy: tuple[int, int]) -> None:
    log = Log("json", "info", roomy[1])
    for _ in range(100):
        log.tell(URG, SENT)
        log.tell(("debug", "reaped", {"pid": 7, "status": 0}))
    assert events(roomy[0])[-1] == ("repeated", 90)


@pytest.mark.parametrize("lost", [1, 57])
def test_a_full_pipe_loses_whole_lines_and_then_says_how_many(pipe: tuple[int, int], lost: int) -> None:
    log = Log("json", "info", pipe[1])
    log.tell(note("x" * 3900))
    for number in range(lost):
        log.tell(note(f"{number:0300}"))
    said = events(pipe[0])
    log.tell(STARTED)
    said += events(pipe[0])
    assert (said[0], said[-1]) == (("note", 0), ("started", 0))
    # It may be said in parts: there may be room for that and for nothing else.
    assert sum(number for event, number in said[1:-1] if event == "lost") == lost


def test_a_socket_that_nobody_reads() -> None:
    ours, theirs = socket.socketpair()
    log = Log("text", "info", ours.fileno())
    for number in range(5000):
        log.tell(note(f"{number:0200}"))
    assert lost_by(log) > 0
    assert os.get_blocking(ours.fileno()), "it is shared with the children"
    said = b""
    theirs.setblocking(False)  # noqa: FBT003 - socket's own signature
    while True:
        try:
            said += theirs.recv(1 << 16)
        except BlockingIOError:
            break
    log.tell(STARTED)
    said += theirs.recv(1 << 16)
    assert all(b" sigroute: " in line for line in said.splitlines())
    assert b"lines lost" in said
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
@pytest.mark.parametrize("lost", [1, 57])
def test_a_full_pipe_of_another_users_loses_whole_lines_and_then_says_how_many(
    pipe: tuple[int, int], lost: int
) -> None:
    fcntl.fcntl(pipe[1], fcntl.F_SETPIPE_SZ, 4 * PIPE_BUF)
    log = Log("json", "info", pipe[1])
    told = 0
    while not lost_by(log):
        assert told < 100, "it is silent"
        log.tell(note(f"{told:03900}"))
        told += 1
    for number in range(1, lost):
        log.tell(note(f"{told + number:03900}"))
    said = events(pipe[0])
    log.tell(STARTED)
    said += events(pipe[0])
    assert said[: told - 1] == [("note", 0)] * (told - 1)
    assert said[-1] == ("started", 0)
    assert sum(number for event, number in said if event == "lost") == lost  # in parts, where there was room for that
    assert os.get_blocking(pipe[1]), "it is shared with the children"


@pytest.mark.usefixtures("foreign")
@pytest.mark.parametrize("size", [1, 4000, 9000])
def test_a_line_of_any_length_in_another_users_pipe(pipe: tuple[int, int], size: int) -> None:
    Log("text", "info", pipe[1]).tell(note("x" * size))
    (line,) = read(pipe[0])
    assert line.endswith("x" * min(size, 50) if size < PIPE_BUF else "x...")


def test_a_full_disk_and_a_closed_descriptor_lose_lines_and_nothing_else(tmp_path: Path) -> None:
    with Path("/dev/full").open("wb", buffering=0) as file:
        log = Log("text", "info", file.fileno())
        log.tell(STARTED)
        assert lost_by(log) == 1
    with (tmp_path / "log").open("wb") as file:
        number = file.fileno()
    Log("text", "info", number).tell(STARTED)


def test_a_pipe_without_a_reader_loses_lines_and_nothing_else() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    log = Log("text", "info", writer)
    log.tell(STARTED)
    assert lost_by(log) == 1
    os.close(writer)
