"""Log lines on standard error: never blocking, never partial, losing lines rather than time.

Text: ``2026-01-31T12:00:00.123Z sigroute: TERM from outside (pid 0, uid 0)``, with ``warning:``
or ``error:`` before the message. JSON: one object a line with ``time``, ``level``, ``event`` and
the fields of that event (docs/log.md lists them).
"""

from __future__ import annotations

import posix
import time

from sigroute.pid1.narrate import MESSAGES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from sigroute.pid1.narrate import Fields, Line

LEVELS = ("debug", "info", "warning", "error", "quiet")

QUIET = LEVELS.index("quiet")

STDERR = 2

#: Kinds of files (inode(7)).
S_IFMT, S_IFIFO, S_IFCHR, S_IFREG = 0o170000, 0o010000, 0o020000, 0o100000

#: A write of up to so many bytes to a pipe is all or nothing (pipe(7), PIPE_BUF).
MOST = 4096

#: How often a terminal is tried: microseconds where nobody reads it, and one writer holds it for less.
TRIES = 20

#: errno(3): what a file that knows no RWF_NOWAIT says, by kernel and kind of file.
UNSUPPORTED = (22, 38, 95)


class Log:
    """Writes what is at least of a level."""

    def __init__(self, form: str, level: str, fd: int = STDERR) -> None:
        self.json = form == "json"
        self.least = LEVELS.index(level)
        self.lost = 0
        self.rest = b""
        self.fd = fd
        self.once: Callable[[bytes], int] = self._plainly
        #: What is left to try where ``once`` turns out to be nothing that this kernel can do.
        self.others: list[Callable[[bytes], int]] = []
        self.own = (-1, -1)
        self._open()

    @property
    def silent(self) -> bool:
        """Whether nothing is told at all."""
        return self.least == QUIET

    def _open(self) -> None:
        """Find a way to write that cannot block.

        O_NONBLOCK on standard error itself would be shared with every child (open(2), "open file
        description"). So: a terminal or a FIFO is opened anew, if we may; else there are ways not to
        wait for one write at a time: RWF_NOWAIT (preadv2(2); of pipes, since Linux 6.4), or for a
        pipe SPLICE_F_NONBLOCK, from one of our own (splice(2)). Regular files do not block, and
        opening one anew would start writing at its beginning.
        """
        try:
            kind = posix.fstat(self.fd).st_mode & S_IFMT
        except OSError:
            self.least = QUIET  # closed: there is nobody to tell
            return
        if kind in (S_IFIFO, S_IFCHR):
            flags = posix.O_WRONLY | posix.O_NONBLOCK | posix.O_NOCTTY | posix.O_CLOEXEC
            try:
                self.fd = posix.open(f"/proc/self/fd/{self.fd}", flags)
                self.once = self._plainly if kind == S_IFIFO else self._to_terminal
            except OSError:  # no /proc, or the pipe is another user's
                self.once = self._without_waiting
                self.others = [self._through_own_pipe] if kind == S_IFIFO else []
        elif kind != S_IFREG:
            self.once = self._without_waiting

    def tell(self, line: Line | None) -> None:
        """Write a line, or count it as lost."""
        if line is None or LEVELS.index(line[0]) < self.least:
            return
        if self._flush() and self._confess() and self._write(self._form(*line)):
            return
        self.lost += 1

    def _form(self, level: str, name: str, fields: Fields) -> bytes:
        """Return the line; one that would be too long has its longest field cut, so that JSON stays JSON."""
        seconds, milliseconds = divmod(time.time_ns() // 1_000_000, 1000)
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{milliseconds:03d}Z"
        shape = in_json if self.json else in_text
        data = shape(stamp, level, name, fields)
        while len(data) > MOST:
            longest = max(fields, key=lambda key: len(str(fields[key])))
            value = str(fields[longest])
            fields = {**fields, longest: value[: max(len(value) - (len(data) - MOST) - 3, 0)] + "..."}
            data = shape(stamp, level, name, fields)
        return data

    def _flush(self) -> bool:
        """Write what is left of a line that was cut; tell whether it is out."""
        return (not self.rest or self._write(self.rest)) and not self.rest

    def _confess(self) -> bool:
        """Write how many lines were lost, if any; tell whether it is out."""
        if not self.lost:
            return True
        if not self._write(self._form("warning", "lost", {"number": self.lost})):
            return False
        self.lost = 0
        return not self.rest

    def _write(self, data: bytes) -> bool:
        """Write at least the beginning; what does not fit is kept for later, so that no line stays cut."""
        try:
            written = self.once(data)
        except OSError as error:
            if error.errno in UNSUPPORTED and self.once != self._plainly:
                if self.others:
                    self.once = self.others.pop()
                    return self._write(data)
                self.least = QUIET  # no way to be sure not to block: rather silent
            return False
        self.rest = data[written:]
        return True

    def _plainly(self, data: bytes) -> int:
        return posix.write(self.fd, data)

    def _to_terminal(self, data: bytes) -> int:
        """Try some times: a write that may not block fails while another writes there (tty_write_lock())."""
        for _ in range(TRIES):
            try:
                return posix.write(self.fd, data)
            except BlockingIOError:
                posix.sched_yield()
        return posix.write(self.fd, data)

    def _without_waiting(self, data: bytes) -> int:
        return posix.pwritev(self.fd, [data], -1, posix.RWF_NOWAIT)

    def _through_own_pipe(self, data: bytes) -> int:
        """Move it as a page: the second best, as a pipe has room for 16 pages (pipe(7)), however little is on each."""
        if self.own == (-1, -1):
            self.own = posix.pipe2(posix.O_CLOEXEC)
        reader, writer = self.own
        posix.write(writer, data)
        try:
            return posix.splice(reader, self.fd, len(data), flags=posix.SPLICE_F_NONBLOCK)
        except OSError:
            posix.read(reader, len(data))  # it did not fit
            raise


def in_text(stamp: str, level: str, name: str, fields: Fields) -> bytes:
    """Return a line for people."""
    said = MESSAGES[name][1].format_map(fields)
    mark = f"{level}: " if level in ("warning", "error") else ""
    text = f"{stamp} sigroute: {mark}{said}".replace("\n", "\\n")
    return text.encode("utf-8", "replace") + b"\n"


def in_json(stamp: str, level: str, name: str, fields: Fields) -> bytes:
    """Return a line for programs."""
    head: Fields = {"time": stamp, "level": level, "event": name}
    pairs = [f"{quote(key)}: {as_json(value)}" for key, value in {**head, **fields}.items()]
    return ("{" + ", ".join(pairs) + "}\n").encode("utf-8", "replace")


def as_json(value: str | int) -> str:
    """Return a value of a field as JSON."""
    return str(value) if isinstance(value, int) else quote(value)


def quote(text: str) -> str:
    """Return a JSON string (RFC 8259, section 7): the json module would be 1 MB of memory."""
    quoted = ""
    for character in text:
        if character in '"\\':
            quoted += "\\" + character
        elif character < " " or "\ud800" <= character <= "\udfff":
            quoted += f"\\u{ord(character):04x}"
        else:
            quoted += character
    return f'"{quoted}"'
