"""Log lines on standard error. A write never blocks and never leaves a line cut; a line may be lost instead.

Text: ``2026-01-31T12:00:00.123Z sigroute: TERM from outside (pid 0, uid 0)``, with ``warning:``
or ``error:`` before the message. JSON: one object a line with ``time``, ``level``, ``event`` and
the fields of that event (docs/log.md lists them).
"""

from __future__ import annotations

from sigroute.pid1.kernel import clock
from sigroute.pid1.kernel.writer import MOST, Writer
from sigroute.pid1.log.narrate import MESSAGES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sigroute.pid1.log.narrate import Fields, Line

LEVELS = ("debug", "info", "warning", "error", "quiet")

QUIET = LEVELS.index("quiet")

STDERR = 2

#: If the same lines come again and again, each time within AGAIN nanoseconds, they are written TIMES times. Further
#: times are only counted; the log tells the count at a hundred, a thousand ... times, and before any other line.
AGAIN, TIMES = 1_000_000_000, 10


#: Escapes for control characters, which a terminal would obey: C0, DEL and C1 of ISO 6429. A process may have any name.
VISIBLE = {number: f"\\x{number:02x}" for number in (*range(32), *range(127, 160))} | {10: "\\n"}


class Log:
    """Writes the lines that have at least a certain level."""

    def __init__(self, form: str, level: str, fd: int = STDERR) -> None:
        self.json = form == "json"
        self.least = LEVELS.index(level)
        self.lost = 0
        self.writer = Writer(fd)
        #: The last lines, when they came, how often in a row, and how many of these times were only counted.
        self.last: list[Line] = []
        self.at = 0
        self.times = 0
        self.counted = 0

    @property
    def silent(self) -> bool:
        """No line is written at all."""
        return self.least == QUIET or self.writer.dry

    def tell(self, *lines: Line | None) -> None:
        """Write the lines about something that has happened, or only count it if it is the same again and again."""
        told = [line for line in lines if line is not None and LEVELS.index(line[0]) >= self.least]
        if not told or self.silent:
            return
        now = clock.ticks()
        again = told == self.last and now - self.at < AGAIN
        self.at = now
        self.times = self.times + 1 if again else 1
        if self.times <= TIMES:
            self._tell_counted()
            self.last = told
            for line in told:
                self._write(line)
            return
        self.counted += 1
        if is_round(self.times):
            self._tell_counted()

    def _tell_counted(self) -> None:
        """Write how often the last lines came again without being written, if they did."""
        if self.counted:
            level = max([line[0] for line in self.last], key=LEVELS.index)
            _, name, fields = self.last[0]
            number, self.counted = self.counted, 0
            self._write((level, "repeated", {"number": number, "text": MESSAGES[name][1].format_map(fields)}))

    def _write(self, line: Line) -> None:
        """Write a line; if that is not possible, count it as lost."""
        if not (self.writer.flush() and self._confess() and self.writer.write(self._form(*line))):
            self.lost += 1

    def _form(self, level: str, name: str, fields: Fields) -> bytes:
        """Return the line as bytes. If it is too long, its longest field is cut: so JSON stays JSON."""
        stamp = clock.stamp()
        shape = in_json if self.json else in_text
        data = shape(stamp, level, name, fields)
        while len(data) > MOST:
            longest = max(fields, key=lambda key: len(str(fields[key])))
            value = str(fields[longest])
            fields = {**fields, longest: value[: max(len(value) - (len(data) - MOST) - 3, 0)] + "..."}
            data = shape(stamp, level, name, fields)
        return data

    def _confess(self) -> bool:
        """Write how many lines were lost, if any; tell whether that is written."""
        if not self.lost:
            return True
        if not self.writer.write(self._form("warning", "lost", {"number": self.lost})):
            return False
        self.lost = 0
        return not self.writer.rest


def is_round(number: int) -> bool:
    """Tell whether a number is a power of ten."""
    return str(number).rstrip("0") == "1"


def in_text(stamp: str, level: str, name: str, fields: Fields) -> bytes:
    """Return a line in the text form, for people."""
    said = MESSAGES[name][1].format_map(fields)
    mark = f"{level}: " if level in ("warning", "error") else ""
    text = f"{stamp} sigroute: {mark}{said}".translate(VISIBLE)
    return text.encode("utf-8", "replace") + b"\n"


def in_json(stamp: str, level: str, name: str, fields: Fields) -> bytes:
    """Return a line in the JSON form, for programs."""
    head: Fields = {"time": stamp, "level": level, "event": name}
    pairs = [f"{quote(key)}: {as_json(value)}" for key, value in {**head, **fields}.items()]
    return ("{" + ", ".join(pairs) + "}\n").encode("utf-8", "replace")


def as_json(value: str | int) -> str:
    """Return a value of a field as JSON."""
    return str(value) if isinstance(value, int) else quote(value)


def quote(text: str) -> str:
    """Return a JSON string (RFC 8259, section 7). The json module would take 1 MB of memory."""
    quoted = ""
    for character in text:
        if character in '"\\':
            quoted += "\\" + character
        elif ord(character) in VISIBLE or "\ud800" <= character <= "\udfff":
            quoted += f"\\u{ord(character):04x}"
        else:
            quoted += character
    return f'"{quoted}"'
