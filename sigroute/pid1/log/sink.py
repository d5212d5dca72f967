"""The last stage of the log: lines come to it as bytes that only lack their stamp.

A write never blocks and never leaves a line cut; a line may be lost instead, and how many were is said. If the same
lines come again and again, they are only counted. The static runtime has this stage in C (runtime/src/log.c).
"""

from __future__ import annotations

from sigroute.pid1.kernel import clock
from sigroute.pid1.kernel.writer import Writer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    #: A line with a number, as the bytes before and after it.
    Numbered = tuple[bytes, bytes]

    class AnySink(Protocol):
        """What Log hands its lines to: this stage, here or in C."""

        @property
        def silent(self) -> bool:
            """See Sink."""

        def tell(self, lines: list[bytes], again: Callable[[], Numbered], /) -> None:
            """See Sink."""


#: If the same lines come again and again, each time within AGAIN nanoseconds, they are written TIMES times. Further
#: times are only counted; the log tells the count at a hundred, a thousand ... times, and before any other line.
AGAIN, TIMES = 1_000_000_000, 10


class Sink:
    """Stamps lines and writes them."""

    def __init__(self, fd: int, stamp_at: int, lost: Numbered) -> None:
        #: The place of the stamp in each line.
        self.stamp_at = stamp_at
        self.lost = 0
        self.lost_line = lost
        self.writer = Writer(fd)
        #: The last lines, when they came, how often in a row, and how many of these times were only counted.
        self.last: list[bytes] = []
        self.at = 0
        self.times = 0
        self.counted = 0
        self.again_line: Numbered = (b"", b"")

    @property
    def silent(self) -> bool:
        """No line is written at all."""
        return self.writer.dry

    def tell(self, lines: list[bytes], again: Callable[[], Numbered]) -> None:
        """Write the lines about something that has happened, or only count it if it is the same again and again.

        :param again: makes the line that says how often these lines came again.
        """
        now = clock.ticks()
        same = lines == self.last and now - self.at < AGAIN
        self.at = now
        self.times = self.times + 1 if same else 1
        if self.times <= TIMES:
            self._tell_counted()
            self.last = lines
            for line in lines:
                if not (self._ready() and self._write(line)):
                    self.lost += 1
            return
        if self.times == TIMES + 1:
            self.again_line = again()
        self.counted += 1
        if str(self.times).rstrip("0") == "1":  # a power of ten
            self._tell_counted()

    def _tell_counted(self) -> None:
        """Write how often the last lines came again without being written, if they did."""
        if self.counted:
            number, self.counted = self.counted, 0
            if not (self._ready() and self._write_numbered(self.again_line, number)):
                self.lost += 1

    def _ready(self) -> bool:
        """Write the rest of a line that was cut, and how many lines were lost; tell whether all of it is written."""
        if not self.writer.flush():
            return False
        if self.lost:
            if not self._write_numbered(self.lost_line, self.lost):
                return False
            self.lost = 0
        return not self.writer.rest

    def _write_numbered(self, parts: Numbered, number: int) -> bool:
        before, after = parts
        return self._write(before + str(number).encode() + after)

    def _write(self, line: bytes) -> bool:
        """Stamp a line, and write it."""
        at = self.stamp_at
        return self.writer.write(line[:at] + clock.stamp().encode() + line[at:])
