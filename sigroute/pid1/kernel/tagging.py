"""The helper process that tags output: it reads the children's pipes, and writes each line with the child's name.

It is a fork of PID 1, and runs until PID 1 closes the pipe ``life`` or is gone. Then it reads what is left, and ends.

A line goes out by one write(2) of at most PIPE_BUF bytes, which a pipe keeps in one piece (pipe(7)). So whatever else
is written there is never in the middle of a line, nor glued to one.
"""

from __future__ import annotations

import posix
import time

from sigroute.pid1.kernel.abi import PIPE_BUF
from sigroute.pid1.kernel.output import STDERR, STDOUT
from sigroute.pid1.kernel.polling import readable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    Pipe = tuple[int, int]
    """The end to read from, and the end to write to."""

    Outputs = tuple[int, int, bytes]
    """What a process gets as standard output and as standard error, and what it writes into each at first."""

#: The most bytes of a child's name in a line.
NAME = 256

#: The most bytes to read from one pipe before it is the others' turn: no flood keeps them waiting.
PART = 65536

#: What the forked child writes before its exec: it ends a line that the child's former life has left without an end.
#: As a line of its own it is not written, so it leaves no trace elsewhere.
BREAK = b"\0\n"

#: The first two bits of a byte that goes on with a character (utf-8(7)).
GOES_ON = 0x80

#: Seconds before the next try, where somebody has set O_NONBLOCK on sigroute's output and it is full.
PAUSE = 0.01


class Stream:
    """One of the two outputs of a child."""

    def __init__(self, name: bytes, fd: int, target: int) -> None:
        self.prefix = name[:NAME] + b" | "
        self.fd = fd
        self.target = target
        #: The most bytes of text in a line.
        self.room = PIPE_BUF - len(self.prefix) - 1
        #: A line that has no end yet.
        self.rest = b""

    def lines(self, data: bytes) -> Iterator[bytes]:
        """Yield the lines that are whole now. A line that is too long becomes several."""
        *whole, self.rest = (self.rest + data).split(b"\n")
        for text in whole:
            yield from self.pieces(text)
        if len(self.rest) > self.room:
            *pieces, last = cut(self.rest, self.room)
            yield from [self.tagged(piece) for piece in pieces]
            self.rest = last

    def last(self) -> Iterator[bytes]:
        """Yield the line that has no end."""
        text, self.rest = self.rest, b""
        if text:
            yield from self.pieces(text)

    def pieces(self, text: bytes) -> Iterator[bytes]:
        """Yield a line in as many pieces as needed; nothing for BREAK."""
        if text != BREAK[:1]:
            yield from [self.tagged(piece) for piece in cut(text.removesuffix(BREAK[:1]), self.room)]

    def tagged(self, text: bytes) -> bytes:
        """Return a line as it is written."""
        return self.prefix + text + b"\n"


def cut(text: bytes, room: int) -> list[bytes]:
    """Return a text in pieces of at most so many bytes, at least one. No character of UTF-8 is cut."""
    pieces = []
    while len(text) > room:
        end = room
        while end > room - 4 and text[end] & 0xC0 == GOES_ON:
            end -= 1
        pieces.append(text[:end])
        text = text[end:]
    return [*pieces, text]


def together(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Yield lines, as many in one as a pipe takes in one piece."""
    some = b""
    for line in lines:
        if len(some) + len(line) > PIPE_BUF:
            yield some
            some = b""
        some += line
    if some:
        yield some


def put(fd: int, data: bytes) -> None:
    """Write, waiting for readers. Drop it where nobody can read it: the children must not wait for ever."""
    while data:
        try:
            data = data[posix.write(fd, data) :]
        except BlockingIOError:
            time.sleep(PAUSE)
        except OSError:
            return


def write_into(outputs: Outputs) -> None:
    """Have these as standard output and standard error.

    :raises OSError: there is no descriptor left.
    """
    *pipes, first = outputs
    for fd, each in zip(pipes, (STDOUT, STDERR), strict=True):
        posix.dup2(fd, each)
        posix.write(each, first)


def serve(pipes: list[tuple[bytes, tuple[Pipe, Pipe]]], life: int) -> None:
    """Tag lines until the end.

    :param pipes: of each child its name, and those of standard output and standard error.
    """
    streams = {}
    for name, both in pipes:
        for (fd, _), target in zip(both, (STDOUT, STDERR), strict=True):
            streams[fd] = Stream(name, fd, target)
    ends = False
    while not ends:
        found = readable([life, *streams], -1)
        ends = life in found
        read([streams[fd] for fd in found if fd != life], streams)
    while found := readable(streams, 0):
        read([streams[fd] for fd in found], streams)
    for stream in streams.values():
        tell(stream, stream.last())


def read(ready: list[Stream], streams: dict[int, Stream]) -> None:
    """Read a part from each of these, and write its lines; forget those at their end."""
    for stream in ready:
        try:
            data = posix.read(stream.fd, PART)
        except BlockingIOError:  # the child has opened its own output to read from it (/proc/self/fd/1), and was faster
            continue
        tell(stream, stream.lines(data) if data else stream.last())
        if not data:
            del streams[stream.fd]


def tell(stream: Stream, lines: Iterable[bytes]) -> None:
    """Write lines of a stream."""
    for some in together(lines):
        put(stream.target, some)
