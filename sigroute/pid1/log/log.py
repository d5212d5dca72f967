"""Log lines on standard error.

Text: ``2026-01-31T12:00:00.123Z sigroute: TERM from outside (pid 0, uid 0)``, with ``warning:``
or ``error:`` before the message. JSON: one object a line with ``time``, ``level``, ``event`` and
the fields of that event (docs/log.md lists them).
"""

from __future__ import annotations

from sigroute.pid1.kernel.abi import PIPE_BUF
from sigroute.pid1.log import messages, sink

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from sigroute.pid1.log.narrate import Fields, Line
    from sigroute.pid1.log.sink import AnySink, Numbered

LEVELS = ("debug", "info", "warning", "error", "quiet")

QUIET = LEVELS.index("quiet")

STDERR = 2

#: The length of a stamp, which each line gets when it is written.
STAMP = len("2026-01-31T12:00:00.123Z")

#: What comes before the stamp in the JSON form; in the text form it is nothing.
BEFORE_STAMP = '{"time": "'

#: Stands for the number in a line whose number is not known yet; none is longer.
ANY_NUMBER = (1 << 64) - 1


class Log:
    """Forms the lines that have at least a certain level, and hands them to the sink."""

    def __init__(
        self,
        form: str,
        level: str,
        fd: int = STDERR,
        open_sink: Callable[[int, int, Numbered], AnySink] | None = None,
        opened: AnySink | None = None,
    ) -> None:
        """Open the sink, unless it is open.

        :param open_sink: what opens it; None: log/sink.py.
        """
        self.shape = in_json if form == "json" else in_text
        self.least = LEVELS.index(level)
        #: The last lines, and what the sink got: where they repeat they need not be formed again.
        self.last: list[Line] = []
        self.formed: list[bytes] = []
        #: The place of the stamp in each line.
        self.stamp_at = len(BEFORE_STAMP) if form == "json" else 0
        self.sink = opened or (open_sink or sink.Sink)(fd, self.stamp_at, self.lost)

    @property
    def lost(self) -> Numbered:
        """The line that says how many lines were lost."""
        return self._numbered("warning", "lost", {})

    @property
    def silent(self) -> bool:
        """No line is written at all."""
        return self.least == QUIET or self.sink.silent

    def tell(self, *lines: Line | None) -> None:
        """Tell the lines about something that has happened."""
        told = [line for line in lines if line is not None and LEVELS.index(line[0]) >= self.least]
        if not told or self.silent:
            return
        if told != self.last:
            self.last, self.formed = told, [self.form(*line) for line in told]
        self.sink.tell(self.formed, lambda: self.again(self.last))

    def again(self, lines: list[Line]) -> Numbered:
        """Return the line that says how often these lines came again."""
        level = max([line[0] for line in lines], key=LEVELS.index)
        _, name, fields = lines[0]
        return self._numbered(level, "repeated", {"text": messages.MESSAGES[name][1].format_map(fields)})

    def _numbered(self, level: str, name: str, fields: Fields) -> Numbered:
        before, _, after = self.form(level, name, {"number": ANY_NUMBER, **fields}).partition(b"%d" % ANY_NUMBER)
        return before, after

    def form(self, level: str, name: str, fields: Fields) -> bytes:
        """Return the line without its stamp. If it is too long, its longest field is cut: so JSON stays JSON."""
        most = PIPE_BUF - STAMP
        data = self.shape(level, name, fields)
        while len(data) > most:
            longest = max(fields, key=lambda key: len(str(fields[key])))
            value = str(fields[longest])
            fields = {**fields, longest: value[: max(len(value) - (len(data) - most) - 3, 0)] + "..."}
            data = self.shape(level, name, fields)
        return data


def in_text(level: str, name: str, fields: Fields) -> bytes:
    """Return a line in the text form, for people."""
    said = messages.MESSAGES[name][1].format_map(fields)
    mark = f"{level}: " if level in ("warning", "error") else ""
    text = f" sigroute: {mark}{said}"
    if not text.isprintable():  # a terminal would obey control characters: C0, DEL and C1 of ISO 6429
        text = "".join([each if " " <= each <= "~" or each >= "\xa0" else escape(each) for each in text])
    return text.encode("utf-8", "replace") + b"\n"


def escape(character: str) -> str:
    """Return what a person sees of a control character."""
    return "\\n" if character == "\n" else f"\\x{ord(character):02x}"


def in_json(level: str, name: str, fields: Fields) -> bytes:
    """Return a line in the JSON form, for programs."""
    head: Fields = {"level": level, "event": name}
    pairs = [f"{quote(key)}: {as_json(value)}" for key, value in {**head, **fields}.items()]
    return (f'{BEFORE_STAMP}", ' + ", ".join(pairs) + "}\n").encode("utf-8", "replace")


def as_json(value: str | int) -> str:
    """Return a value of a field as JSON."""
    return str(value) if isinstance(value, int) else quote(value)


def quote(text: str) -> str:
    """Return a JSON string (RFC 8259, section 7). The json module would take 1 MB of memory."""
    quoted = ""
    for character in text:
        if character in '"\\':
            quoted += "\\" + character
        elif character < " " or "\x7f" <= character < "\xa0" or "\ud800" <= character <= "\udfff":
            quoted += f"\\u{ord(character):04x}"
        else:
            quoted += character
    return f'"{quoted}"'
