"""The log's last stage in C writes what the one in Python writes, byte for byte, whatever the reader does."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import pty
import select
import socket
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sigroute.pid1.kernel.abi import PIPE_BUF
from sigroute.pid1.log.log import LEVELS, STAMP, Log
from sigroute.pid1.log.messages import MESSAGES
from sigroute.pid1.log.sink import Sink as PythonSink
from tests.pid1.world import FIELDS
from tests.runtime.log.built import SANITIZED
from tests.runtime.log.last_stage import Sink, refuse, virtual_clock

if TYPE_CHECKING:
    import ctypes
    from collections.abc import Iterator

    from sigroute.pid1.log.narrate import Fields, Line
    from sigroute.pid1.log.sink import Numbered


#: By name: what standard error is, and what the kernel refuses.
PLACES: dict[str, dict[str, int]] = {
    "pipe": {},
    "pipe of another user's": {"open": errno.EACCES},
    "pipe, before Linux 6.4": {"open": errno.EACCES, "pwritev2": errno.EOPNOTSUPP},
    "pipe, and no descriptor is left": {"open": errno.ENOENT, "pwritev2": errno.ENOSYS, "pipe2": errno.EMFILE},
    "pipe, and there is no way": {"open": errno.ENOENT, "pwritev2": errno.EINVAL, "splice": errno.EINVAL},
    "pipe without a reader": {},
    "pipe that takes little at a time": {"most": 50},
    "socket": {},
    "socket, before Linux 4.13": {"pwritev2": errno.ENOSYS},
    "file": {},
    "full": {},
    "null, and no /proc": {"open": errno.ENOENT},
    "closed": {},
}


class Place(NamedTuple):
    """One side's standard error, and where what it takes can be read."""

    reader: int
    writer: int

    def read(self, most: int) -> bytes:
        try:
            return os.read(self.reader, most)
        except OSError:
            return b""


def opened(kind: str) -> Place:
    if kind.startswith("socket"):
        ours, theirs = socket.socketpair()
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1)  # the least that the kernel has
        place = Place(theirs.detach(), ours.detach())
    elif kind == "file":
        number = os.memfd_create("log")
        place = Place(os.open(f"/proc/self/fd/{number}", os.O_RDONLY), number)
    elif kind in ("full", "null, and no /proc"):
        number = os.open(f"/dev/{kind[:4]}", os.O_WRONLY)
        place = Place(os.dup(number), number)
    else:
        place = Place(*os.pipe())
        fcntl.fcntl(place.writer, fcntl.F_SETPIPE_SZ, PIPE_BUF)
    os.set_blocking(place.reader, False)
    return place


@contextlib.contextmanager
def two_places(kind: str) -> Iterator[tuple[Place, Place]]:
    """Open the place twice; what is open at the end is closed, the log's own descriptors as well."""
    before = descriptors()
    places = opened(kind), opened(kind)
    for place in places:  # both are there by now, so that neither takes the other's numbers
        if kind == "closed":
            os.close(place.writer)
        if kind == "pipe without a reader":
            os.close(place.reader)
    try:
        yield places
    finally:
        for each in descriptors() - before:
            os.close(each)


def descriptors() -> set[int]:
    """Return what is open; what reads the list has one as well, but not any more."""
    numbers = [int(path.name) for path in Path("/proc/self/fd").iterdir()]
    return {number for number in numbers if Path(f"/proc/self/fd/{number}").is_symlink()}


#: The sanitizers look at what is touched: for that fewer will do, as they take five times as long.
EXAMPLES = 12 if SANITIZED in os.environ else 60

LETTERS = st.sampled_from(["a", '"', "\\", "\x1b", "\n", "ü", "\udcff", "🙂"])
LONG = st.builds(lambda letter, size: letter * size, LETTERS, st.sampled_from([300, 1200, PIPE_BUF, PIPE_BUF + 99]))
VALUES = st.one_of(st.integers(-1, 1 << 31), st.text(LETTERS, max_size=5), LONG)


@st.composite
def _line(draw: st.DrawFn) -> Line:
    name = draw(st.sampled_from(sorted(MESSAGES)))
    fields: Fields = {field: draw(VALUES) for field in sorted(FIELDS[name])}
    return draw(st.sampled_from(LEVELS[:4])), name, fields


#: What is told at once, and how often it comes; some bytes that the reader reads; nanoseconds that pass.
OPERATIONS = st.one_of(
    st.tuples(st.just("tell"), st.integers(0, 3), st.sampled_from([1, 1, 1, 2, 12, 120])),
    st.tuples(st.just("read"), st.sampled_from([1, 100, PIPE_BUF, 1 << 20]), st.just(0)),
    st.tuples(st.just("sleep"), st.sampled_from([0, 999_999_999, 1_000_000_000]), st.just(0)),
)
HISTORIES = st.tuples(
    st.lists(st.lists(_line(), min_size=1, max_size=3), min_size=4, max_size=4),
    st.lists(OPERATIONS, max_size=25),
)


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("kind", PLACES)
def test_it_writes_what_python_writes(runtime: ctypes.CDLL, kind: str, form: str) -> None:
    @settings(max_examples=EXAMPLES, deadline=None, derandomize=True)
    @given(HISTORIES)
    def live(history: tuple[list[list[Line]], list[tuple[str, int, int]]]) -> None:
        told, operations = history
        with two_places(kind) as (ours, theirs), pytest.MonkeyPatch.context() as patch:
            refuse(runtime, patch, **PLACES[kind])
            clock = virtual_clock(runtime, patch)
            logs = (
                Log(form, "info", theirs.writer),
                Log(form, "info", ours.writer, partial(Sink, runtime)),
            )
            for operation, number, times in [*operations, ("read", 1 << 20, 0), ("tell", 0, 1), ("read", 1 << 20, 0)]:
                if operation == "sleep":
                    clock.sleep(number)
                elif operation == "read":
                    assert ours.read(number) == theirs.read(number)
                else:
                    for log in logs * times:
                        log.tell(*told[number])
                assert logs[0].silent == logs[1].silent

    live()


@pytest.fixture(name="pipe")
def _pipe() -> Iterator[Place]:
    with two_places("pipe") as (place, _):
        yield place


def test_what_repeats_is_counted(runtime: ctypes.CDLL, pipe: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the comparison with Python compares: that there is something."""
    clock = virtual_clock(runtime, monkeypatch)
    log = Log("text", "info", pipe.writer, partial(Sink, runtime))
    ready: Line = ("info", "ready", {"child": "web"})
    for _ in range(12):
        log.tell(ready)
    clock.sleep(999_999_999)
    log.tell(ready)
    clock.sleep(1_000_000_000)
    log.tell(ready)
    lines = [each[STAMP:] for each in pipe.read(1 << 16).decode().splitlines()]
    said = " sigroute: web has become its program"
    assert lines == [said] * 10 + [" sigroute: the same again, 3 times: web has become its program", said]


@pytest.mark.parametrize(("number", "written"), [(4, 10), (5, 12)])  # so many fit, and one more
def test_what_is_too_long_for_its_memory_is_never_the_same(
    runtime: ctypes.CDLL, pipe: Place, number: int, written: int
) -> None:
    fcntl.fcntl(pipe.writer, fcntl.F_SETPIPE_SZ, 1 << 20)
    lines = [b"%d" % each + b"x" * (PIPE_BUF - STAMP - 2) + b"\n" for each in range(number)]
    sink = Sink(runtime, pipe.writer, 0, (b"", b"\n"))
    for _ in range(12):
        sink.tell(lines, lambda: (b"again ", b"\n"))
    said = pipe.read(1 << 20)
    assert [each[STAMP:] + b"\n" for each in said.splitlines()] == lines * written
    sink.tell([b"something else\n"], lambda: (b"", b""))
    sink.tell(lines, lambda: (b"", b""))
    pipe.read(1 << 20)
    for _ in range(12):
        sink.tell(lines[-1:], lambda: (b"again ", b"\n"))
    assert pipe.read(1 << 20).count(b"\n") == 10, "the last of them alone was taken for all"


@pytest.mark.parametrize("other", [b"b-\n", b"a+\n", b"a-", b"a-\n\n"])
def test_lines_that_differ_on_either_side_of_the_stamp_differ(runtime: ctypes.CDLL, pipe: Place, other: bytes) -> None:
    sink = Sink(runtime, pipe.writer, 1, (b"a", b"\n"))
    for _ in range(15):
        for each in (b"a-\n", other):
            sink.tell([each], lambda: (b"a", b"\n"))
    assert pipe.read(1 << 16).count(b"Z") == 30


def test_the_first_of_two_lines_alone_differs_from_both(runtime: ctypes.CDLL, pipe: Place) -> None:
    sink = Sink(runtime, pipe.writer, 0, (b"", b"\n"))
    for each in ([b"a\n", b"b\n"], *[[b"a\n"]] * 12):
        sink.tell(each, lambda: (b"again ", b"\n"))
    assert pipe.read(1 << 16).count(b"Z") == 2 + 10


def as_it_is(again: Numbered) -> Numbered:
    return again


def test_a_line_that_breaks_the_contract_is_lost_and_breaks_nothing(runtime: ctypes.CDLL, pipe: Place) -> None:
    sink = Sink(runtime, pipe.writer, 10, (b'{"time": "", ', b"}\n"))
    for bad in (b"", b"123456789", b"x" * (PIPE_BUF - STAMP + 1), b"x" * (1 << 20)):
        for _ in range(12):
            sink.tell([bad], lambda: (b"", b""))
    assert pipe.read(1 << 16) == b""
    good = b"0123456789"
    unfit: list[Numbered] = [(b"123456789", b""), (b"x" * (1 << 20), b""), (b"0123456789", b"x" * (PIPE_BUF - 53))]
    for again in unfit:
        for _ in range(12):
            sink.tell([good], partial(as_it_is, again))
    confession, said = pipe.read(1 << 16).split(b"\n")
    assert confession.endswith(b'Z", 48}')
    assert said.count(b"Z") == 36


def test_a_terminal_gets_the_same(runtime: ctypes.CDLL) -> None:
    said = []
    for open_sink in (PythonSink, partial(Sink, runtime)):
        with pytest.MonkeyPatch.context() as patch:
            virtual_clock(runtime, patch)
            master, slave = pty.openpty()
            log = Log("text", "info", slave, open_sink)
            for _ in range(12):
                log.tell(("info", "ready", {"child": "web"}), ("warning", "note", {"text": "x"}))
            log.tell(("info", "ready", {"child": "end"}))
            found = b""
            while not found.endswith(b"end has become its program\r\n"):
                found += os.read(master, 1 << 16)
            said.append(found)
            for each in (master, slave):
                os.close(each)
    assert said[0] == said[1]


def test_a_terminal_that_nobody_reads_holds_nothing_up_and_has_whole_lines(runtime: ctypes.CDLL) -> None:
    master, slave = pty.openpty()
    log = Log("text", "info", slave, partial(Sink, runtime))
    for number in range(3000):
        log.tell(("warning", "note", {"text": f"{number:0100}"}))
    found = b""
    while b"lines lost" not in found:
        if select.select([master], [], [], 0)[0]:
            found += os.read(master, 1 << 16)
        else:
            log.tell(("warning", "note", {"text": "end"}))
    whole = found[: found.rindex(b"\r\n")].split(b"\r\n")
    assert all(each[STAMP:].startswith(b" sigroute: warning: ") for each in whole)
    for each in (master, slave):
        os.close(each)
