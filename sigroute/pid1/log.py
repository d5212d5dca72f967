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
    from sigroute.pid1.narrate import Fields, Line

LEVELS = ("debug", "info", "warning", "error", "quiet")

STDERR = 2

#: A write of up to so many bytes to a pipe is all or nothing (pipe(7), PIPE_BUF).
MOST = 4096

#: errno(3): what a file that knows no RWF_NOWAIT says, by kernel and kind of file.
UNSUPPORTED = (22, 38, 95)
EAGAIN, ESPIPE = 11, 29


class Log:
    """Writes what is at least of a level."""

    def __init__(self, form: str, level: str, fd: int = STDERR) -> None:
        self.json = form == "json"
        self.least = LEVELS.index(level)
        self.lost = 0
        self.rest = b""
        self.fd = fd
        self.flags = 0
        self._open()

    def _open(self) -> None:
        """Find a way to write that cannot block.

        O_NONBLOCK on standard error itself would be shared with every child (open(2), "open file
        description"). So: a terminal or a FIFO is opened anew, if we may; else RWF_NOWAIT, for one
        write at a time (preadv2(2)). Regular files do not block, and opening one anew would start
        writing at its beginning.
        """
        try:
            kind = posix.fstat(self.fd).st_mode & 0o170000
        except OSError:
            self.least = LEVELS.index("quiet")  # closed: there is nobody to tell
            return
        if kind in (0o010000, 0o020000):
            flags = posix.O_WRONLY | posix.O_NONBLOCK | posix.O_NOCTTY | posix.O_CLOEXEC
            try:
                self.fd = posix.open(f"/proc/self/fd/{self.fd}", flags)
                return
            except OSError:
                pass  # no /proc, or the pipe is another user's
        if kind != 0o100000:
            self.flags = posix.RWF_NOWAIT

    def tell(self, line: Line | None) -> None:
        """Write a line, or count it as lost."""
        if line is None or LEVELS.index(line[0]) < self.least:
            return
        if not self._flush():
            self.lost += 1
            return
        if self.lost:
            number, self.lost = self.lost, 0
            self._write(self._form("warning", "lost", {"number": number}))
            if self.rest:  # cut in the middle: what it says is kept, the new line is not
                self.lost += 1
                return
        self._write(self._form(*line))

    def _form(self, level: str, name: str, fields: Fields) -> bytes:
        seconds, milliseconds = divmod(time.time_ns() // 1_000_000, 1000)
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{milliseconds:03d}Z"
        if self.json:
            head: Fields = {"time": stamp, "level": level, "event": name}
            pairs = [f"{quote(key)}: {value if isinstance(value, int) else quote(value)}" for key, value in {**head, **fields}.items() if value != ""]
            text = "{" + ", ".join(pairs) + "}"
        else:
            said = MESSAGES[name][1].format_map(fields)
            mark = f"{level}: " if level in ("warning", "error") else ""
            text = f"{stamp} sigroute: {mark}{said}".replace("\n", "\\n")
        data = text.encode("utf-8", "replace")
        return (data if len(data) < MOST else data[: MOST - 4] + b"...") + b"\n"

    def _flush(self) -> bool:
        """Write what is left of a line; tell whether it is out."""
        if self.rest:
            rest, self.rest = self.rest, b""
            self._write(rest)
        return not self.rest

    def _write(self, data: bytes) -> None:
        try:
            written = self._once(data)
        except OSError as error:
            if error.errno in UNSUPPORTED and self.flags:
                self.flags = 0
                self.least = LEVELS.index("quiet")  # no way to be sure not to block: rather silent
            self.lost += 1
            return
        self.rest = data[written:]

    def _once(self, data: bytes) -> int:
        if self.flags:
            return posix.pwritev(self.fd, [data], -1, self.flags)
        return posix.write(self.fd, data)


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
