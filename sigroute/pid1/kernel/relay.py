"""A relay: the process that passes on what a task writes, and notes its last lines for the log.

It is a fork of PID 1, and runs until nobody has the other end of the task's pipes any more. What a task writes goes out
as it is, or line by line with its name if it is tagged (tagging.py). PID 1 reads the notes (relays.py).
"""

from __future__ import annotations

import posix

from sigroute.pid1.kernel.polling import readable
from sigroute.pid1.kernel.tagging import Stream, read

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

#: The most bytes that are noted, and the most lines of them that are told.
MOST, LINES = 1024, 5

#: The first byte of the notes: the relay waits, it has taken something and is not done with it, or it has read all.
WAITS, READS, ENDED = b"w", b"r", b"e"


class LastLines:
    """The last lines of all outputs of a task, in the order in which they ended."""

    def __init__(self) -> None:
        self.whole = b""
        #: By descriptor: the line that has no end yet.
        self.rests: dict[int, bytes] = {}

    def add(self, fd: int, data: bytes) -> None:
        """Add what has come from a descriptor."""
        whole, end, rest = (self.rests.get(fd, b"") + data).rpartition(b"\n")
        self.whole = (self.whole + whole + end)[-MOST:]
        self.rests[fd] = rest[-MOST:]

    def noted(self) -> bytes:
        """Return them, without what is too long ago."""
        return (self.whole + b"\n".join([rest for rest in self.rests.values() if rest]))[-MOST:]


class Output(Stream):
    """An output of a task."""

    def __init__(self, tag: bytes, fd: int, target: int, last: LastLines) -> None:
        """Know where it goes.

        :param tag: the name that its lines get; empty: none.
        """
        super().__init__(tag, fd, target)
        self.tag = tag
        self.last_lines = last

    def lines(self, data: bytes) -> Iterator[bytes]:
        """Yield what is to be written for what has come."""
        self.last_lines.add(self.fd, data)
        if self.tag:
            yield from super().lines(data)
        else:
            yield data


def serve(outputs: list[Output], last: LastLines, notes: int) -> None:
    """Pass on what comes, until nobody can write any more."""
    by_fd: dict[int, Stream] = {output.fd: output for output in outputs}
    while by_fd:
        found = readable(by_fd, -1)
        posix.pwrite(notes, READS, 0)
        read([by_fd[fd] for fd in found], by_fd)
        posix.pwrite(notes, last.noted(), len(WAITS))
        posix.pwrite(notes, WAITS if by_fd else ENDED, 0)


def told(notes: bytes) -> str:
    """Return the last lines for the log, one below the other."""
    first, end, rest = notes.partition(b"\n")
    if len(notes) == MOST:  # the first line may have no beginning, and its first character neither
        notes = rest if end else b"..." + first.lstrip(bytes(range(0x80, 0xC0)))
    # What comes after a carriage return stands in place of what was before it, as in a count of percents.
    lines = [line.strip().rpartition(b"\r")[2].decode("utf-8", "replace") for line in notes.split(b"\n")]
    return "\n".join([line for line in lines if line][-LINES:])
