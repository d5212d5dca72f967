"""A relay: the process that passes on what a task writes, and notes its last lines for the log.

It is a fork of PID 1 (relays.py). What a task writes goes out as it is, or line by line with its name if it is tagged
(tagging.py). The relay ends when nobody has the other end of its pipes any more; or when PID 1 has told it that the
task has ended, and it has passed on all that is there.
"""

from __future__ import annotations

import posix

from sigroute.pid1.exit_codes import SUCCESS
from sigroute.pid1.kernel.abi import PIPE_BUF
from sigroute.pid1.kernel.output import STDERR
from sigroute.pid1.kernel.polling import readable
from sigroute.pid1.kernel.refusals import optional
from sigroute.pid1.kernel.start import NONE
from sigroute.pid1.kernel.tagging import PART, Stream, tell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

#: The most bytes that are noted, and the most lines of them that are told.
MOST, LINES = 1024, 5

#: The exit code of a relay that has passed on all, while somebody still has the other end of its pipes.
LEFT = 3


#: The most reads from each pipe once the task has ended: what others write meanwhile has no end. A pipe holds no more
#: than 1 MiB, unless the task is privileged (pipe(7), /proc/sys/fs/pipe-max-size).
ROUNDS = 16


class LastLines:
    """The last lines of all outputs of a task, in the order in which they ended."""

    def __init__(self, notes: int) -> None:
        """Go on with what an earlier relay of the same task has noted.

        :param notes: the file where PID 1 finds them.
        """
        self.notes = notes
        self.whole = b""
        #: By descriptor: the line that has no end yet.
        self.rests: dict[int, bytes] = {}
        try:
            self.whole = posix.pread(notes, MOST, 0)
        except OSError:
            return

    def add(self, fd: int, data: bytes) -> None:
        """Add what has come from a descriptor, and note it. Without room for notes, the output still comes out."""
        whole, end, rest = (self.rests.get(fd, b"") + data).rpartition(b"\n")
        self.whole = (self.whole + whole + end)[-MOST:]
        self.rests[fd] = rest[-MOST:]
        optional(posix.pwrite, self.notes, self.noted(), 0)

    def noted(self) -> bytes:
        """Return them, without what is too long ago. They never become shorter."""
        return (self.whole + b"\n".join([rest for rest in self.rests.values() if rest]))[-MOST:]


class Output(Stream):
    """An output of a task."""

    def __init__(self, tag: bytes, fd: int, target: int) -> None:
        """Know where it goes.

        :param tag: the name that its lines get; empty: none.
        """
        super().__init__(tag, fd, target)
        self.tag = tag
        #: The last line that has come has no end.
        self.is_cut = False

    def lines(self, data: bytes) -> Iterator[bytes]:
        """Yield the lines that are whole now."""
        if self.tag:
            yield from super().lines(data)
            return
        *whole, self.rest = (self.rest + data).split(b"\n")
        yield from [line + b"\n" for line in whole]
        if len(self.rest) > PIPE_BUF:  # no write can keep it in one piece
            yield from self.last()

    def last(self) -> Iterator[bytes]:
        """Yield the line that has no end, as it is unless it is tagged."""
        if self.tag:
            yield from super().last()
        elif self.rest:
            text, self.rest = self.rest, b""
            yield text


def serve(outputs: list[Output], last: LastLines, over: int) -> int:
    """Pass on what comes; return the exit code.

    :param over: a byte comes from it when the task has ended; NONE: it has, and others still write.
    """
    by_fd = {output.fd: output for output in outputs}
    rounds: int | None = None  # those that are left for what an ended task has written
    while by_fd:
        found = readable([*by_fd] if over == NONE else [*by_fd, over], -1 if rounds is None else 0)
        if rounds is not None:
            if not found or not rounds:
                finish(outputs)
                return LEFT
            rounds -= 1
        if over in found:
            rounds = ROUNDS if posix.read(over, 1) else None  # nothing: sigroute is gone, and the task goes on
            over = NONE
        for fd in found:
            if fd in by_fd and not pass_on(by_fd[fd], last):
                del by_fd[fd]
    finish(outputs)
    return SUCCESS


def finish(outputs: list[Output]) -> None:
    """Write the lines that have no end. Where the log goes, too, they get one: the log's next line begins anew."""
    for output in outputs:
        tell(output, output.last())
        if output.is_cut and not output.tag and (output.target == STDERR or len(outputs) == 1):
            tell(output, [b"\n"])


def pass_on(output: Output, last: LastLines) -> bool:
    """Pass on a part of an output; tell whether there may be more.

    An unfinished line is held back only while more data is waiting: so lines are whole, and a prompt comes out.
    """
    try:
        data = posix.read(output.fd, PART)
    except BlockingIOError:  # somebody else has read it, by /proc/PID/fd
        return True
    if data:
        last.add(output.fd, data)
        output.is_cut = data[-1:] != b"\n"
    tell(output, output.lines(data))
    if not data or (not output.tag and not readable([output.fd], 0)):
        tell(output, output.last())
    return bool(data)


def told(notes: bytes) -> str:
    """Return the last lines for the log, one below the other."""
    first, end, rest = notes.partition(b"\n")
    if len(notes) == MOST:  # the first line may have no beginning, and its first character neither
        notes = rest if end else b"..." + first.lstrip(bytes(range(0x80, 0xC0)))
    # What comes after a carriage return stands in place of what was before it, as in a count of percents.
    lines = [line.strip().rpartition(b"\r")[2].decode("utf-8", "replace") for line in notes.split(b"\n")]
    return "\n".join([line for line in lines if line][-LINES:])
